// The recipe for plain Automerge in docs/cookbook.md reads what a board shows, and what it writes is on the board.

import { Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import WebSocket from "ws";
import { idOf, KanbanClient } from "../../wasm-bindings/npm/dist/node.js";
import { eventually } from "./support/eventually.mjs";
import { Relay } from "./support/relay.mjs";

const COOKBOOK = await readFile(new URL("../../docs/cookbook.md", import.meta.url), "utf8");
const [todo, doing, done] = ["todo", "doing", "done"].map(idOf);

let directory;
const recipe = (name) => import(pathToFileURL(join(directory, name)));

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kanban-plain-"));
  await symlink(fileURLToPath(new URL("node_modules", import.meta.url)), join(directory, "node_modules"));
  for (const [, code] of COOKBOOK.matchAll(/```js\n(.*?)```/gs)) {
    await writeFile(join(directory, /^\/\/ (\S+\.mjs)/.exec(code)[1]), code);
  }
});
after(() => rm(directory, { recursive: true }));

/** A board with three columns and six cards. */
async function boardOf(t, relay, account = "ana") {
  const client = new KanbanClient({ relay: relay.socketUrl, account, WebSocket });
  t.after(() => client.close());
  const board = await client.create("Release");
  for (const [column, name] of [[todo, "To do"], [doing, "Doing"], [done, "Done"]]) {
    await board.apply({ type: "createColumn", column, name, at: "last" });
  }
  for (const title of ["f", "b", "a", "d", "c", "e"]) {
    await board.apply({ type: "createCard", card: idOf(title), column: todo, at: "first", title, description: "" });
  }
  await board.whenSaved();
  return board;
}

async function opens(t, relay, board, account) {
  const client = new KanbanClient({ relay: relay.socketUrl, account, WebSocket });
  t.after(() => client.close());
  const opened = await client.open(board.url);
  await opened.whenReady();
  return opened;
}

const shown = ({ view }) => view.columns.map(({ id, name, cards }) => ({ id, name, cards: cards.map(({ title }) => title) }));

/** A program without the package, and what it last told. */
async function plain(t, relay, board) {
  const { follow } = await recipe("plain.mjs");
  const program = { told: undefined };
  Object.assign(program, await follow(relay.socketUrl, board.url, (columns) => (program.told = columns)));
  t.after(() => program.end());
  return program;
}

test("plain Automerge reads what the board shows: after moves, sorts, deletions and conflicts", async (t) => {
  const relay = await Relay.start(t);
  const board = await boardOf(t, relay);
  const bens = await opens(t, relay, board, "ben");
  const program = await plain(t, relay, board);
  const agrees = () => eventually(() => assert.deepEqual(program.told, shown(board)), 10_000);
  const both = [board, bens];
  await agrees();
  for (const command of [
    { type: "moveCard", card: idOf("a"), column: doing, to: "first" },
    { type: "moveCard", card: idOf("b"), column: todo, to: "last" },
    { type: "sortCards", column: todo, by: "title" },
    { type: "moveColumn", column: done, to: "first" },
    { type: "archiveCard", card: idOf("c") },
    { type: "deleteCard", card: idOf("d") },
    { type: "restoreCard", card: idOf("d") },
    { type: "sortColumns", by: "title" },
  ]) {
    await board.apply(command);
    await agrees();
  }
  await relay.kill();
  for (const it of both) await eventually(() => assert.equal(it.status.state, "offline"));
  for (const [at, it] of both.entries()) {
    await it.apply({ type: "moveCard", card: idOf("e"), column: at === 0 ? doing : done, to: "last" });
    await it.apply({ type: "sortCards", column: todo, by: at === 0 ? "titleDescending" : "title" });
  }
  await board.apply({ type: "deleteColumn", column: doing, cards: { moveTo: todo } });
  await bens.apply({ type: "moveCard", card: idOf("f"), column: doing, to: "last" });
  await relay.restart();
  for (const it of both) it.reconnect();
  await eventually(() => assert.equal(board.ask({ type: "conflicts", card: null }).length >= 2, true));
  await eventually(() => assert.deepEqual(shown(bens), shown(board)));
  await agrees();
});

test("what plain Automerge writes is on the board, and outlives a deletion at the same time", async (t) => {
  const relay = await Relay.start(t);
  const board = await boardOf(t, relay);
  const program = await plain(t, relay, board);
  program.rename(idOf("a"), "Anew");
  await eventually(() => assert.equal(board.ask({ type: "card", card: idOf("a") }).title, "Anew"));

  await relay.kill();
  await eventually(() => assert.equal(board.status.state, "offline"));
  await board.apply({ type: "deleteCard", card: idOf("a") });
  program.rename(idOf("a"), "Kept");
  await relay.restart();
  board.reconnect();
  await eventually(() => {
    const { title, deletedConcurrently, life } = board.ask({ type: "card", card: idOf("a") });
    assert.deepEqual([title, deletedConcurrently, life], ["Kept", true, "onBoard"]);
  }, 15_000);
});

test("a description that two write in keeps both, and a label is on the card", async (t) => {
  const { appendToDescription, label } = await recipe("write.mjs");
  const relay = await Relay.start(t);
  const board = await boardOf(t, relay);
  await board.apply({ type: "createLabel", label: idOf("bug"), name: "Bug", colour: "red" });
  await board.apply({ type: "setDescription", card: idOf("a"), text: "one" });
  await board.whenSaved();
  const adapter = new WebSocketClientAdapter(relay.socketUrl);
  const repo = new Repo({ network: [adapter] });
  t.after(() => {
    adapter.connect = () => {};
    return repo.shutdown();
  });
  const handle = await repo.find(board.url);
  handle.change((document) => {
    appendToDescription(document, "a", " two");
    label(document, "a", "bug");
  });
  await board.apply({ type: "editDescription", card: idOf("a"), at: 0, remove: 0, insert: "zero " });
  await eventually(() => {
    const { description, labels } = board.ask({ type: "card", card: idOf("a") });
    assert.deepEqual([description, labels], ["zero one two", ["bug"]]);
  });
});
