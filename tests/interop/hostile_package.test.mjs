// What a malicious relay, a damaged disk or another tab may hand to the npm package.
//
// What can be seen of a change alone is refused. What only an index of the whole document would show makes the
// program inside trap: clients keep none, and trust a relay to have admitted what it sends. Then every board is
// opened anew from what is kept, somebody is told, and it goes on.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, test } from "node:test";
import WebSocket from "ws";
import { idOf, KanbanClient, KanbanError, memoryBytes, memoryStore } from "../../wasm-bindings/npm/dist/node.js";
import { eventually } from "./support/eventually.mjs";
import { Forger } from "./support/forger.mjs";
import { bringing, hostileCorpus } from "./support/hostile_corpus.mjs";
import { Relay } from "./support/relay.mjs";

const [card, todo] = ["docs", "todo"].map(idOf);
/** What the limits of a document come to; it is a gigabyte and more without them. */
const MEMORY_MAX = 1024 * 1024 * 1024;

const EXECUTIONS = Number(process.env.KANBAN_EXECUTIONS ?? 400);

let corpus;
before(async (t) => {
  const relay = await Relay.start({ after: () => {} });
  corpus = hostileCorpus(relay.program);
  await relay.kill();
  assert.ok(corpus.plain.length > 250 && corpus.subtle.length > 80 && corpus.messages.length > 20);
});

/** Somebody, and what failed on the boards that they open. */
function person(t, options) {
  const client = new KanbanClient({ WebSocket, ...options });
  t.after(() => client.close());
  const errors = [];
  const watched = (board) => {
    board.onError((error) => errors.push(error));
    return board;
  };
  return { client, errors, watched };
}

async function filled(board) {
  await board.apply({ type: "createColumn", column: todo, name: "To do", at: "last" });
  await board.apply({ type: "createCard", card, column: todo, at: "first", title: "Docs", description: "设計🙂" });
  return board;
}

/** Somebody with a board that nobody attacks, in the same program. */
async function bystander(t) {
  const { client, errors, watched } = person(t, { store: memoryStore() });
  const board = watched(await filled(await client.create("Beside")));
  const { view } = board;
  return async function isWell() {
    await eventually(() => assert.deepEqual(board.ask({ type: "viewAt", heads: board.ask({ type: "heads" }) }).columns, view.columns));
    await board.apply({ type: "renameBoard", name: `Beside ${errors.length}` });
    assert.ok(errors.every(({ code }) => code === "crashed"), String(errors));
    const bytes = await memoryBytes();
    assert.ok(bytes < MEMORY_MAX, `${bytes} bytes of memory`);
  };
}

const crashes = ({ errors }) => errors.filter(({ code }) => code === "crashed").length;

test("what is wrong with a change by itself is refused, and the board goes on", async (t) => {
  const relay = await Relay.start(t);
  const forger = await Forger.before(t, relay);
  const isWell = await bystander(t);
  const ana = person(t, { relay: forger.socketUrl, account: "ana" });
  const board = ana.watched(await filled(await ana.client.create("Release")));
  await board.whenSaved();
  await forger.says(board, bringing(...corpus.world));
  const { view } = board;
  assert.equal(board.ask({ type: "heads" }).length, 2, "the world is part of the board");
  for (const { bytes } of corpus.plain) await forger.says(board, bringing(bytes));
  for (const data of corpus.messages) await forger.says(board, data);
  assert.equal(crashes(ana), 0);
  assert.deepEqual(board.view, view);
  await isWell();
  await board.apply({ type: "renameBoard", name: "Launch" });
  board.reconnect();
  await board.whenSaved();
  const ben = await person(t, { relay: relay.socketUrl, account: "ben" }).client.open(board.url);
  await ben.whenReady();
  await eventually(() => assert.deepEqual(ben.view, board.view));
});

test("what is wrong in its document alone ends at worst in a new start, for every board", async (t) => {
  const relay = await Relay.start(t);
  const forger = await Forger.before(t, relay);
  const isWell = await bystander(t);
  const ana = person(t, { relay: forger.socketUrl, account: "ana" });
  let board;
  for (const { name, bytes } of corpus.subtle) {
    // A relay that forges this can spoil the board that it is asked for, and no other.
    await board?.close();
    board = ana.watched(await filled(await ana.client.create(name)));
    await board.whenSaved();
    await forger.says(board, bringing(...corpus.world));
    await forger.says(board, bringing(bytes));
    await isWell();
  }
  t.diagnostic(`${crashes(ana)} new starts in ${corpus.subtle.length} attempts`);
});

test("who waits for a board hears no forged one, and gets the true one", async (t) => {
  const relay = await Relay.start(t);
  const forger = await Forger.before(t, relay);
  const kept = { ...memoryStore(), close: async () => {} };
  const apart = person(t, { store: kept });
  const { url } = await filled(await apart.client.create("Release"));
  await apart.client.close();

  const ben = person(t, { relay: forger.socketUrl, account: "ben" });
  const waiting = ben.watched(await ben.client.open(url));
  await eventually(() => assert.ok(waiting.status.isMissing));
  for (const { bytes } of corpus.plain) await forger.says(waiting, bringing(...corpus.world, bytes));
  for (const data of corpus.messages) await forger.says(waiting, data);
  assert.equal(crashes(ben), 0);
  assert.equal(waiting.view, undefined);

  const ana = await person(t, { relay: relay.socketUrl, store: kept }).client.open(url);
  await ana.whenSaved();
  waiting.reconnect();
  await waiting.whenReady();
  await eventually(() => assert.deepEqual(waiting.view, ana.view));
});

test("what a disk hands back is opened or refused, and other boards go on", async (t) => {
  const isWell = await bystander(t);
  const store = { ...memoryStore(), close: async () => {} };
  const { client } = person(t, { store });
  const { url } = await filled(await client.create("Release"));
  await client.close();
  const { chunks } = await store.load(url);
  const world = corpus.world.map((bytes, index) => ({ key: `world ${index}`, bytes }));
  // Who writes to this disk has the device: what only takes long or much is not looked for here.
  const forged = [...corpus.plain, ...corpus.subtle].filter(({ kind }) => kind !== "bomb" && kind !== "document");
  const messages = corpus.messages.map((bytes) => ({ name: "message", bytes }));
  const outcomes = { opened: 0, damaged: 0, crashed: 0 };
  for (const { name, bytes } of [...forged, ...messages]) {
    const handed = { ...memoryStore(), load: async () => ({ chunks: [...chunks, ...world, { key: name, bytes }] }) };
    const ben = person(t, { store: handed });
    try {
      ben.watched(await ben.client.open(url));
      outcomes.opened += 1;
    } catch (error) {
      assert.ok(["damaged", "crashed"].includes(error.code), `${name}: ${error}`);
      outcomes[error.code] += 1;
    }
    await ben.client.close();
  }
  t.diagnostic(JSON.stringify(outcomes));
  await isWell();
});

test("what another tab says ends at worst in a new start, and the board goes on", async (t) => {
  const isWell = await bystander(t);
  const ana = person(t, { store: { ...memoryStore(), channel: "hostile" } });
  const board = ana.watched(await filled(await ana.client.create("Release")));
  const { view } = board;
  const tab = new BroadcastChannel(`hostile ${board.url}`);
  t.after(() => tab.close());
  for (const { bytes } of corpus.plain) {
    const heard = ana.errors.length;
    tab.postMessage([bytes]);
    // What waits for changes that never come is no error.
    await eventually(() => assert.ok(ana.errors.length > heard), 20).catch(() => {});
    await eventually(() => board.ask({ type: "heads" }));
  }
  for (const nonsense of [undefined, null, 7, "text", {}, [7], [new Uint8Array(0)], [[]], [{ length: 1e9 }]]) {
    tab.postMessage(nonsense);
  }
  tab.postMessage([new Uint8Array([1, 2, 3])]);
  await eventually(() => assert.equal(ana.errors.at(-1).code, "damaged"));
  t.diagnostic(`${crashes(ana)} new starts in ${corpus.plain.length} attempts`);
  assert.deepEqual(board.view, view);
  await board.apply({ type: "renameBoard", name: "Launch" });
  await board.undo();
  assert.equal(board.view.name, "Release");
  await isWell();
});

test("messages with some bytes changed are refused, and the board goes on", async (t) => {
  const isWell = await bystander(t);
  const relay = await Relay.start(t);
  const forger = await Forger.before(t, relay);
  const ana = person(t, { relay: forger.socketUrl, account: "ana" });
  const board = ana.watched(await filled(await ana.client.create("Release")));
  await board.whenSaved();
  const said = forger.wire.sent("client", "sync").map(({ data }) => new Uint8Array(data));
  assert.ok(said.length > 0);
  const dice = new Dice(7);
  for (let count = 0; count < EXECUTIONS; count += 1) {
    const bytes = dice.changes(dice.of(said));
    await forger.says(board, count % 2 === 0 ? bytes : signedAnew(bytes));
  }
  t.diagnostic(`${crashes(ana)} new starts in ${EXECUTIONS} attempts`);
  assert.ok(crashes(ana) < EXECUTIONS / 100);
  await isWell();
  await eventually(() => board.ask({ type: "heads" }));
  await board.apply({ type: "renameBoard", name: "Launch" });
  assert.equal(board.view.name, "Launch");
});

/** With the checksum of a changed chunk made right, as anybody can. */
function signedAnew(message) {
  const bytes = Buffer.from(message);
  for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    const [length, start] = lebAt(bytes, at + 9);
    const hashed = Buffer.concat([bytes.subarray(at + 8, start), bytes.subarray(start, start + length)]);
    createHash("sha256").update(hashed).digest().copy(bytes, at + 4, 0, 4);
  }
  return new Uint8Array(bytes);
}

const MAGIC = Buffer.from([0x85, 0x6f, 0x4a, 0x83]);

function lebAt(bytes, at) {
  let [number, factor] = [0, 1];
  for (;;) {
    const byte = bytes[at] ?? 0;
    at += 1;
    number += (byte & 0x7f) * factor;
    factor *= 0x80;
    if (byte < 0x80 || factor > 2 ** 40) return [number, at];
  }
}

/** The same for the same seed. */
class Dice {
  #state;

  constructor(seed) {
    this.#state = seed;
  }

  below(end) {
    // Numerical Recipes' generator; the upper bits are the better ones.
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * end);
  }

  of(list) {
    return list[this.below(list.length)];
  }

  changes(original) {
    const bytes = [...original];
    for (let count = this.below(4); count >= 0; count -= 1) {
      const at = this.below(bytes.length);
      const how = this.below(4);
      if (how === 0) bytes[at] ^= 1 << this.below(8);
      if (how === 1) bytes[at] = this.below(256);
      if (how === 2) bytes.splice(at, 0, this.below(256));
      if (how === 3) bytes.splice(at, 1);
    }
    return Uint8Array.from(bytes);
  }
}
