// The package, and Automerge alone in the same program (built with the feature `raw`).

import { pathToFileURL } from "node:url";
import { join } from "node:path";

/** What `cargo xtask bench-package` has built. */
const BUILT = process.env.KANBAN_PACKAGE;
const from = (name) => import(pathToFileURL(join(BUILT, name)));
const { init } = await from("node.js");
const glue = await from("kanban.js");
const { freeze, patched } = await from("view.js");

const ACTOR = (number) => new Uint8Array(16).fill(number);
let now = 1_700_000_000_000;

/** The board after its history, as saved bytes, and more moves by somebody else, a change each. */
export async function prepared(board, history, more) {
  await init();
  const url = glue.newDocumentUrl(ACTOR(1));
  const content = JSON.stringify({ type: "draft", draft: { name: "Bench", columns: board } });
  const made = glue.BoardClient.create(url, content, ACTOR(1), "bench", 1, now);
  for (const step of history) made.edit(moveCard(step), now++);
  const [, bytes] = made.snapshot();
  made.free();
  const other = glue.BoardClient.open(url, bytes, undefined, ACTOR(2), "ben", 1);
  const changes = more.map((step) => {
    other.edit(moveCard(step), now++);
    // A card that is there already makes no change.
    return other.takeUnstored()[1];
  });
  other.free();
  return { url, bytes, changes: changes.filter((change) => change !== undefined) };
}

function moveCard({ card, column }) {
  return JSON.stringify({ type: "apply", command: { type: "moveCard", card, column, to: "last" } });
}

/** A move with its event and the new view, as `board.apply` does it before it returns. */
export class Ours {
  static name = "kanban-crdt";
  constructor({ url, bytes }) {
    this.client = glue.BoardClient.open(url, bytes, undefined, ACTOR(3), "ana", 1);
    this.view = freeze(JSON.parse(this.client.view()));
  }
  move(step) {
    const { events } = JSON.parse(this.client.edit(moveCard(step), now++));
    this.show();
    return events;
  }
  receive(change) {
    const events = JSON.parse(this.client.receive([change]));
    this.show();
    return events;
  }
  /** How many cards a column shows. */
  count(column) {
    return this.view.columns.find(({ id }) => id === column).cards.length;
  }
  free() {
    this.client.free();
  }
  show() {
    const patch = this.client.takePatch();
    if (patch !== undefined) this.view = patched(this.view, JSON.parse(patch));
  }
}

/** One `put` of a value of the same shape, and commit; no view, no event, no rules. */
export class Raw {
  static name = "raw Automerge, same wasm";
  constructor({ bytes }) {
    this.document = glue.RawDocument.load(bytes, 4);
    this.step = 0;
  }
  move({ card, column }) {
    this.document.put(card, "pos", `V2${column}/V.k3QzV${(this.step++).toString(16)}1`);
  }
  receive(change) {
    this.document.apply(change);
  }
  free() {
    this.document.free();
  }
}
