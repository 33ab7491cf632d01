// What people would pick instead, each the way its documents show: a map of cards, each with the column and
// the order key that it has, and whatever the library offers to hear what has changed. Somebody who draws a
// board needs the changed card as a plain object; so each reads it. None of them keeps the columns in order,
// notes that two people moved one card, or checks anything: that would come on top.

import * as Automerge from "@automerge/automerge";
import { LoroDoc, LoroMap } from "loro-crdt";
import * as Y from "yjs";

const cardsOf = (board) => board.flatMap((column) => column.cards.map((card) => ({ ...card, column: column.id })));
const key = (step) => `k3QzV${step.toString(16)}1`;

export class AutomergeJs {
  static name = "@automerge/automerge 3.5";
  static prepare(board, history, more) {
    let doc = Automerge.from({ cards: {} }, { actor: "01".repeat(16) });
    const cards = cardsOf(board);
    for (let at = 0; at < cards.length; at += 200) {
      doc = Automerge.change(doc, (draft) => {
        for (const card of cards.slice(at, at + 200)) {
          draft.cards[card.id] = { ...card, title: new Automerge.ImmutableString(card.title), order: key(0) };
        }
      });
    }
    const put = (doc, { card, column }, step) =>
      Automerge.change(doc, (draft) => Object.assign(draft.cards[card], place(column, step)));
    // Ten moves a change: one by one, preparing the large board would take minutes.
    for (let at = 0; at < history.length; at += 10) {
      doc = Automerge.change(doc, (draft) => {
        for (const { card, column } of history.slice(at, at + 10)) {
          Object.assign(draft.cards[card], place(column, at));
        }
      });
    }
    const bytes = Automerge.save(doc);
    let other = Automerge.load(bytes, { actor: "02".repeat(16) });
    const changes = more.map((step, index) => {
      other = put(other, step, index);
      return Automerge.getLastLocalChange(other);
    });
    return { bytes, changes };
  }
  constructor({ bytes }) {
    this.doc = Automerge.load(bytes, { actor: "03".repeat(16) });
    this.step = 0;
  }
  move({ card, column }) {
    let patches;
    const patchCallback = (found) => (patches = found);
    this.doc = Automerge.change(this.doc, { patchCallback }, (draft) => {
      Object.assign(draft.cards[card], place(column, this.step++));
    });
    return [patches, this.doc.cards[card]];
  }
  receive(change) {
    let patches;
    const patchCallback = (found) => (patches = found);
    [this.doc] = Automerge.applyChanges(this.doc, [change], { patchCallback });
    return patches;
  }
  free() {
    Automerge.free(this.doc);
  }
}

function place(column, step) {
  return { column: new Automerge.ImmutableString(column), order: new Automerge.ImmutableString(key(step)) };
}

export class Loro {
  static name = "loro-crdt 1.17";
  static prepare(board, history, more) {
    const doc = new LoroDoc();
    doc.setPeerId("1");
    const cards = doc.getMap("cards");
    for (const card of cardsOf(board)) {
      const map = cards.setContainer(card.id, new LoroMap());
      for (const [name, value] of Object.entries({ ...card, order: key(0) })) map.set(name, value);
    }
    doc.commit();
    history.forEach((step, index) => loroMove(doc, step, index));
    const bytes = doc.export({ mode: "snapshot" });
    const other = new LoroDoc();
    other.import(bytes);
    other.setPeerId("2");
    const changes = more.map((step, index) => {
      const before = other.version();
      loroMove(other, step, index);
      return other.export({ mode: "update", from: before });
    });
    return { bytes, changes };
  }
  constructor({ bytes }) {
    this.doc = new LoroDoc();
    this.doc.import(bytes);
    this.doc.setPeerId("3");
    // What a page would hold.
    this.view = this.doc.toJSON();
    this.doc.subscribe(({ events }) => (this.events = events));
    this.step = 0;
  }
  move(step) {
    loroMove(this.doc, step, this.step++);
    return this.changed();
  }
  receive(change) {
    this.doc.import(change);
    return this.changed();
  }
  /** Events come in a microtask of their own, so the changed card is read as an application would then. */
  changed() {
    return this.events?.map(({ path }) => this.doc.getMap("cards").get(path[1])?.toJSON());
  }
  free() {
    this.doc.free();
  }
}

function loroMove(doc, { card, column }, step) {
  const map = doc.getMap("cards").get(card);
  map.set("column", column);
  map.set("order", key(step));
  doc.commit();
}

export class Yjs {
  static name = "yjs 13.6";
  static prepare(board, history, more) {
    const doc = new Y.Doc();
    doc.clientID = 1;
    const cards = doc.getMap("cards");
    doc.transact(() => {
      for (const card of cardsOf(board)) cards.set(card.id, new Y.Map(Object.entries({ ...card, order: key(0) })));
    });
    history.forEach((step, index) => yjsMove(doc, step, index));
    const bytes = Y.encodeStateAsUpdate(doc);
    const other = new Y.Doc();
    Y.applyUpdate(other, bytes);
    other.clientID = 2;
    const changes = [];
    other.on("update", (update) => changes.push(update));
    more.forEach((step, index) => yjsMove(other, step, index));
    return { bytes, changes };
  }
  constructor({ bytes }) {
    this.doc = new Y.Doc();
    Y.applyUpdate(this.doc, bytes);
    this.doc.clientID = 3;
    this.cards = this.doc.getMap("cards");
    this.view = this.cards.toJSON();
    this.cards.observeDeep((events) => (this.changed = events.map(({ target }) => target.toJSON())));
    this.step = 0;
  }
  move(step) {
    yjsMove(this.doc, step, this.step++);
    return this.changed;
  }
  receive(change) {
    Y.applyUpdate(this.doc, change);
    return this.changed;
  }
  free() {
    this.doc.destroy();
  }
}

function yjsMove(doc, { card, column }, step) {
  doc.transact(() => {
    const map = doc.getMap("cards").get(card);
    map.set("column", column);
    map.set("order", key(step));
  });
}
