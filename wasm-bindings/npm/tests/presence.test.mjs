// Who is here, at one relay.

import assert from "node:assert/strict";
import { test } from "node:test";
import { idOf, KanbanClient } from "kanban-crdt";
import WebSocket from "ws";
import { eventually } from "../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../tests/interop/support/relay.mjs";

const card = idOf("docs");
const presences = (board) => board.others.map(({ presence }) => presence);

async function anaAndBen(t) {
  const relay = await Relay.start(t);
  const client = (account) => {
    const client = new KanbanClient({ relay: relay.socketUrl, account, WebSocket });
    t.after(() => client.close());
    return client;
  };
  const hers = await client("ana").create("Release");
  await hers.whenSaved();
  const his = await client("ben").open(hers.url);
  await his.whenReady();
  return { relay, hers, his };
}

test("who shows themselves sees who else does, and what they do as they do it", async (t) => {
  const { hers, his } = await anaAndBen(t);
  hers.show({ name: "Ana" });
  his.show({ name: "Ben", card, doing: "dragging", pointer: { x: 0.5, y: -3 } });
  await eventually(() => {
    assert.deepEqual(presences(hers), [{ name: "Ben", card, doing: "dragging", pointer: { x: 0.5, y: -3 } }]);
    assert.deepEqual(presences(his), [{ name: "Ana" }]);
  });
  const heard = [];
  hers.onOthers((others) => heard.push(others));
  const before = hers.others;
  assert.equal(hers.others, before, "the same list until it is another");
  his.show({ name: "Ben" });
  await eventually(() => assert.deepEqual(presences(hers), [{ name: "Ben" }]));
  assert.equal(heard.at(-1), hers.others);
  assert.ok(Object.isFrozen(hers.others[0].presence));
});

test("nobody is seen who shows nothing, who closes the board, or without a connection", async (t) => {
  const { relay, hers, his } = await anaAndBen(t);
  hers.show(undefined);
  his.show({ name: "Ben" });
  await eventually(() => assert.deepEqual(presences(hers), [{ name: "Ben" }]));
  assert.deepEqual(his.others, []);
  hers.show({ name: "Ana" });
  await eventually(() => assert.deepEqual(presences(his), [{ name: "Ana" }]));
  await relay.kill();
  await eventually(() => assert.deepEqual([hers.others, his.others], [[], []]));
  await relay.restart();
  for (const board of [hers, his]) board.reconnect();
  await eventually(() => assert.deepEqual([...presences(hers), ...presences(his)], [{ name: "Ben" }, { name: "Ana" }]));
  await his.close();
  await eventually(() => assert.deepEqual(hers.others, []));
});

test("presence changes nothing on the board, and too much of it is refused", async (t) => {
  const { hers } = await anaAndBen(t);
  const version = hers.ask({ type: "heads" });
  assert.throws(() => hers.show({ name: "A".repeat(9000) }), { code: "invalid-argument" });
  hers.show({ name: "Ana" });
  assert.deepEqual(hers.ask({ type: "heads" }), version);
});
