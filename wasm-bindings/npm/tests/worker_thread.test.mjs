// Boards in a thread of their own, at a relay.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { idOf, KanbanClient } from "kanban-crdt";
import { WorkerClient } from "kanban-crdt/page";
import WebSocket from "ws";
import { eventually } from "../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../tests/interop/support/relay.mjs";

const PASSWORD = "correct horse";
const presences = (board) => board.others.map(({ presence }) => presence);

/** A page of somebody, and its thread. */
function page(t, { directory, ...options }) {
  const { port1, port2 } = new MessageChannel();
  const script = new URL("support/boards_worker.mjs", import.meta.url);
  const thread = new Worker(script, { workerData: { port: port2, directory }, transferList: [port2] });
  const client = new WorkerClient({ worker: port1, ...options });
  t.after(async () => {
    await client.close().catch(() => {});
    await thread.terminate();
  });
  return { client, thread };
}

/** Node.js has no window: one for the page, which the thread does not have. */
function aWindow(t) {
  const window = new EventTarget();
  globalThis.addEventListener = window.addEventListener.bind(window);
  t.after(() => delete globalThis.addEventListener);
  return (event) => window.dispatchEvent(new Event(event));
}

test("what one does in a worker another sees, and saved means that the relay has it", async (t) => {
  const relay = await Relay.start(t);
  const hers = await page(t, { relay: relay.socketUrl, account: "ana" }).client.create("Release");
  const column = idOf("todo");
  await hers.apply({ type: "createColumn", column, name: "To do", at: "last" });
  await hers.whenSaved();
  const his = await page(t, { relay: relay.socketUrl, account: "ben" }).client.open(hers.url);
  assert.equal((await his.whenReady()).columns[0].name, "To do");
  const changes = [];
  his.subscribe(({ origin, events }) => changes.push([origin, events]));
  await hers.apply({ type: "renameColumn", column, name: "Later" });
  await eventually(() => assert.equal(his.view.columns[0].name, "Later"));
  assert.deepEqual(changes.map(([origin, [{ type }]]) => [origin, type]), [["remote", "columnEdited"]]);
  await eventually(() => assert.deepEqual(his.view, hers.view));
  await eventually(() => assert.equal(hers.status.state, "saved"));
});

test("the worker asks the page for the token, again when that failed", async (t) => {
  const relay = await Relay.start(t, { options: ["--auth", "accounts", "--sign-up", "everybody"] });
  const ask = async (path, body) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(new URL(path, relay.pageUrl), { method: "POST", headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  };
  await ask("/api/users", { name: "ana", password: PASSWORD });
  const { token } = await ask("/api/sessions", { name: "ana", password: PASSWORD, token: true });
  let asked = 0;
  const source = async () => {
    asked += 1;
    if (asked === 1) throw new Error("not yet");
    return { token };
  };
  const board = await page(t, { relay: relay.socketUrl, account: "ana", token: source }).client.create("Release");
  await eventually(() => assert.ok(asked > 0));
  board.reconnect();
  await board.whenSaved();
  assert.ok(asked > 1);
});

test("who is here crosses both ways, and a page that is hidden is nobody's", async (t) => {
  const says = aWindow(t);
  const relay = await Relay.start(t);
  const hers = await page(t, { relay: relay.socketUrl, account: "ana" }).client.create("Release");
  await hers.whenSaved();
  const ben = new KanbanClient({ relay: relay.socketUrl, account: "ben", WebSocket });
  t.after(() => ben.close());
  const his = await ben.open(hers.url);
  await his.whenReady();
  const heard = [];
  hers.onOthers((others) => heard.push(others));
  hers.show({ name: "Ana" });
  his.show({ name: "Ben", doing: "looking" });
  await eventually(() => assert.deepEqual([presences(hers), presences(his)], [[{ name: "Ben", doing: "looking" }], [{ name: "Ana" }]]));
  assert.equal(heard.at(-1), hers.others);
  assert.ok(Object.isFrozen(hers.others[0].presence));
  says("pagehide");
  await eventually(() => assert.deepEqual(presences(his), []));
  says("pageshow");
  await eventually(() => assert.deepEqual(presences(his), [{ name: "Ana" }]));
  const errors = [];
  hers.onError(({ code }) => errors.push(code));
  hers.show({ name: "A".repeat(9000) });
  await eventually(() => assert.deepEqual(errors, ["invalid-argument"]));
});

test("a page that goes offline and online again is told so, and connects", async (t) => {
  const says = aWindow(t);
  const relay = await Relay.start(t);
  const board = await page(t, { relay: relay.socketUrl, account: "ana" }).client.create("Release");
  await board.whenSaved();
  // It tries to connect by itself too, so that it may be offline only for a moment.
  const states = [];
  board.onStatus(({ state }) => states.push(state));
  says("offline");
  await eventually(() => assert.ok(states.includes("offline")));
  await board.apply({ type: "renameBoard", name: "Later" });
  says("online");
  await board.whenSaved();
});

test("closing the client keeps everything, also what no relay has", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "kanban-crdt-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const { client } = page(t, { directory, relay: "ws://127.0.0.1:1" });
  const board = await client.create("Release");
  const names = Array.from({ length: 20 }, (_, at) => `Column ${at}`);
  const done = names.map((name) => board.apply({ type: "createColumn", column: idOf(name.replace(" ", "")), name, at: "last" }));
  await client.close();
  await Promise.all(done);
  const again = page(t, { directory }).client;
  assert.deepEqual((await again.list()).map(({ name, pending }) => [name, pending > 0]), [["Release", true]]);
  assert.deepEqual((await again.open(board.url)).view.columns.map(({ name }) => name), names);
});

test("a worker that is ended from outside is told of, and nothing waits", async (t) => {
  const { client, thread } = page(t, {});
  const board = await client.create("Release");
  const errors = [];
  board.onError(({ code }) => errors.push(code));
  await thread.terminate();
  await assert.rejects(board.whenReady(), { code: "worker" });
  await eventually(() => assert.deepEqual(errors, ["worker"]));
});
