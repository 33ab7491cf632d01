// Boards of several people at one relay, as its program runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { idOf, KanbanClient, memoryStore } from "kanban-crdt";
import WebSocket from "ws";
import { eventually } from "../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../tests/interop/support/relay.mjs";

const [card, todo, doing, done] = ["docs", "todo", "doing", "done"].map(idOf);
const PASSWORD = "correct horse";

/** Somebody at the relay. */
function person(t, relay, name, options = {}) {
  const client = new KanbanClient({ relay: relay.socketUrl, account: name, WebSocket, ...options });
  t.after(() => client.close());
  return client;
}

/** Ana has made a board and Ben has it open. */
async function anaAndBen(t) {
  const relay = await Relay.start(t);
  const [ana, ben] = [person(t, relay, "ana"), person(t, relay, "ben")];
  const hers = await ana.create("Release");
  for (const [column, name] of [
    [todo, "To do"],
    [doing, "Doing"],
    [done, "Done"],
  ]) {
    await hers.apply({ type: "createColumn", column, name, at: "last" });
  }
  await hers.apply({ type: "createCard", card, column: todo, at: "first", title: "Write docs", description: "" });
  await hers.whenSaved();
  const his = await ben.open(hers.url);
  await his.whenReady();
  return { relay, ana, ben, hers, his };
}

const place = (board) => board.view.columns.find((column) => column.cards.some((it) => it.id === card))?.id;
const moved = (column) => ({ type: "moveCard", card, column, to: "last" });

test("what one does the other sees, and what did not change is the same object", async (t) => {
  const { hers, his } = await anaAndBen(t);
  const changes = [];
  his.subscribe((change) => changes.push(change));
  const before = his.view;
  await hers.apply(moved(doing));
  await eventually(() => assert.equal(place(his), doing));
  assert.deepEqual(changes.at(-1).events, [{ type: "cardMoved", card, from: todo, to: doing }]);
  assert.equal(changes.at(-1).origin, "remote");
  assert.equal(his.view.columns[2], before.columns[2]);
  await eventually(() => assert.deepEqual(his.view, hers.view));
});

test("who was offline merges, and the other place is there to choose", async (t) => {
  const { relay, hers, his } = await anaAndBen(t);
  const states = [];
  his.onStatus(({ state, changes }) => states.push(`${state} ${changes}`));
  await relay.kill();
  await eventually(() => assert.equal(his.status.state, "offline"));
  await his.apply(moved(done));
  await hers.apply(moved(doing));
  assert.equal(his.status.changes, 1);
  assert.ok(his.status.retryAt > Date.now() - 1000);
  await relay.restart();
  his.reconnect();
  await Promise.all([hers.whenSaved(), his.whenSaved()]);
  await eventually(() => assert.deepEqual(his.view, hers.view));
  const [shown] = his.view.columns.flatMap((column) => column.cards);
  assert.equal(shown.otherPlacements.length, 1);
  assert.equal(his.ask({ type: "conflicts", card }).length, 1);
  assert.ok(states.includes("offline 1") && states.at(-1) === "saved 0", states.join());
});

test("what was done offline is sent after the program was ended and started again", async (t) => {
  const { relay, hers, ben, his } = await anaAndBen(t);
  await ben.close();
  const store = memoryStore();
  // A store that outlives its client, as a disk does.
  const kept = { ...store, close: async () => {} };
  const online = person(t, relay, "cleo", { store: kept });
  await (await online.open(his.url)).whenReady();
  await online.close();
  const offline = new KanbanClient({ account: "cleo", store: kept });
  await (await offline.open(his.url)).apply(moved(done));
  await offline.close();
  const listed = async () => (await kept.list()).map(({ name, pending }) => [name, pending]);
  assert.deepEqual(await listed(), [["Release", 1]]);
  const again = await person(t, relay, "cleo", { store: kept }).open(his.url);
  assert.equal(place(again), done, "at once");
  await again.whenSaved();
  await eventually(() => assert.equal(place(hers), done));
  await eventually(async () => assert.deepEqual(await listed(), [["Release", 0]], "nothing waits any more"));
});

test("a board that nobody has is missing until somebody brings it", async (t) => {
  const { relay, ana, hers } = await anaAndBen(t);
  const apart = new KanbanClient({ account: "dora", store: memoryStore() });
  t.after(() => apart.close());
  const local = await apart.create("Later");
  const waits = await person(t, relay, "ben").open(local.url);
  await eventually(() => assert.ok(waits.status.isMissing));
  assert.equal(waits.view, undefined);
  await assert.rejects(waits.apply(moved(done)), { code: "not-ready" });
  await assert.rejects(waits.whenReady({ signal: AbortSignal.timeout(10) }), { name: "TimeoutError" });
  assert.ok(hers.view && ana);
});

test("at a relay with accounts each is asked for a token, and a reader's changes stay here", async (t) => {
  const relay = await Relay.start(t, { options: ["--auth", "accounts", "--sign-up", "everybody"] });
  const ask = async (method, path, body, token) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(new URL(path, relay.pageUrl), { method, headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.status === 204 ? undefined : answer.json();
  };
  const tokens = {};
  for (const name of ["ana", "ben"]) {
    await ask("POST", "/api/users", { name, password: PASSWORD });
    tokens[name] = (await ask("POST", "/api/sessions", { name, password: PASSWORD, token: true })).token;
  }
  let asked = 0;
  const token = (name) => async () => {
    asked += 1;
    return { token: tokens[name] };
  };
  const hers = await person(t, relay, "ana", { token: token("ana") }).create("Release");
  await hers.apply({ type: "createColumn", column: todo, name: "To do", at: "last" });
  await hers.whenSaved();
  const id = hers.url.replace("automerge:", "");
  const his = await person(t, relay, "ben", { token: token("ben") }).open(hers.url);
  await eventually(() => assert.ok(his.status.isMissing));
  await ask("PUT", `/api/documents/${id}/members/ben`, { role: "reader" }, tokens.ana);
  his.reconnect();
  await his.whenReady();
  await his.apply({ type: "renameBoard", name: "Mine" });
  await eventually(() => assert.equal(his.status.state, "refused"));
  await assert.rejects(his.whenSaved(), { code: "refused" });
  assert.equal(hers.view.name, "Release");
  await ask("PUT", `/api/documents/${id}/members/ben`, { role: "editor" }, tokens.ana);
  await eventually(() => assert.equal(hers.view.name, "Mine"));
  assert.equal(his.status.isWithdrawn, false);
  await ask("DELETE", `/api/documents/${id}/members/ben`, undefined, tokens.ana);
  await eventually(() => assert.ok(his.status.isWithdrawn));
  assert.equal(his.view.name, "Mine", "what is here stays");
  const nobody = await person(t, relay, "eve", { token: async () => "made-up" }).open(hers.url);
  await eventually(() => assert.equal(nobody.status.state, "refused"));
  assert.ok(asked >= 2);
});

test("what a browser has lost a part of is whole again once the relay has sent the rest", async (t) => {
  const { relay, hers } = await anaAndBen(t);
  const store = memoryStore();
  const kept = { ...store, close: async () => {} };
  const before = person(t, relay, "cleo", { store: kept });
  const first = await before.open(hers.url);
  await first.whenReady();
  await relay.kill();
  await first.apply(moved(done));
  await before.close();
  // The snapshot is gone, and with it what the change builds on.
  const { chunks } = await store.load(hers.url);
  const own = chunks.filter((chunk) => !chunk.key.startsWith("="));
  assert.equal(own.length, 1);
  await store.remove(hers.url);
  await store.append(hers.url, own, { name: "Release", pending: 1 });
  await relay.restart();
  const again = await person(t, relay, "cleo", { store: kept }).open(hers.url);
  await again.whenReady();
  await eventually(() => assert.equal(place(again), done));
  hers.reconnect();
  await eventually(() => assert.equal(place(hers), done));
});

test("a program without sockets says so, and the board goes on", async (t) => {
  const client = new KanbanClient({ relay: "ws://127.0.0.1:9/sync", WebSocket: undefined });
  t.after(() => client.close());
  const had = globalThis.WebSocket;
  delete globalThis.WebSocket;
  t.after(() => had && (globalThis.WebSocket = had));
  const board = await client.create("Alone");
  const errors = [];
  board.onError((error) => errors.push(error));
  board.reconnect();
  await eventually(() => assert.ok(errors.length > 0));
  await board.apply({ type: "renameBoard", name: "Still" });
  assert.equal(board.status.state, "offline");
});
