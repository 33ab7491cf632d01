// The recipes of docs/cookbook.md do what they say with a relay, and with others at it.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../../tests/interop/support/relay.mjs";
import { boardOf, clientOf, cookbook, opens, recipe, titles, withCookbook } from "./support/cookbook.mjs";

withCookbook();

test("a board is made, found again by its address, listed, and forgotten only once the relay has it", async (t) => {
  const relay = await Relay.start(t);
  const { connect, openOrCreate } = await recipe("open");
  const { names, forget } = await recipe("list");
  const ana = connect(relay.socketUrl, "ana");
  t.after(() => ana.close());
  const board = await openOrCreate(ana);
  await board.whenSaved();
  const ben = connect(relay.socketUrl, "ben");
  t.after(() => ben.close());
  const same = await openOrCreate(ben, board.url);
  assert.deepEqual(same.view.columns.map(({ name }) => name), ["To do", "Doing", "Done"]);
  await relay.kill();
  await eventually(() => assert.equal(board.status.state, "offline"));
  await board.apply({ type: "renameBoard", name: "Launch" });
  assert.deepEqual(await names(ana), ["Launch, 1 waiting"]);
  assert.equal(await forget(ana, board.url), false);
  await relay.restart();
  board.reconnect();
  await board.whenSaved();
  assert.equal(await forget(ana, board.url), true);
  assert.deepEqual(await names(ana), []);
});

test("undo takes one's own back, and says what it cannot", async (t) => {
  const relay = await Relay.start(t);
  const { undo } = await recipe("undo");
  const { board, card } = await boardOf(clientOf(t, "ana", relay));
  await board.whenSaved();
  const bens = await opens(t, "ben", relay, board);
  await board.apply({ type: "renameCard", card, title: "Write docs" });
  assert.equal(await undo(board), "undone");
  assert.deepEqual(titles(board.view)[0], ["Docs"]);
  await board.apply({ type: "renameCard", card, title: "Write docs" });
  await eventually(() => assert.equal(bens.view.columns[0].cards[0]?.title, "Write docs"));
  assert.equal(await undo(bens), "nothing to undo");
  await bens.apply({ type: "renameCard", card, title: "Write all docs" });
  await eventually(() => assert.equal(board.view.columns[0].cards[0].title, "Write all docs"));
  assert.equal(await undo(board), "somebody has moved on");
});

test("the state is said in words as it changes, and saving is waited for no longer than one likes", async (t) => {
  const relay = await Relay.start(t);
  const { showState } = await recipe("sync_state");
  const { isSavedWithin } = await recipe("saved");
  const { board } = await boardOf(clientOf(t, "ana", relay));
  const element = { textContent: null };
  showState(board, element);
  assert.equal(await isSavedWithin(board, 10_000), true);
  assert.equal(element.textContent, "Saved");
  await relay.kill();
  await eventually(() => assert.equal(element.textContent, "Offline"));
  await board.apply({ type: "renameBoard", name: "Launch" });
  assert.equal(element.textContent, "Offline: 1 changes waiting");
  assert.equal(await isSavedWithin(board, 100), false);
});

test("a token is asked for again before it ends, and the connection goes on", async (t) => {
  const { connectAs } = await recipe("tokens");
  const secret = "a secret that is long enough for it";
  const key = join(cookbook.root, "secret");
  await writeFile(key, secret);
  const options = ["--auth", "jwt", "--jwt-key", key, "--jwt-algorithm", "HS256", "--jwt-audience", "boards"];
  const relay = await Relay.start(t, { options });
  let asked = 0;
  const issuer = createServer((_, answer) => {
    asked += 1;
    answer.end(JSON.stringify({ token: signed(secret, { sub: "ana", aud: "boards" }, 34), expires_in: 34 }));
  });
  issuer.listen(0, "127.0.0.1");
  await once(issuer, "listening");
  t.after(() => issuer.close());
  const client = connectAs("ana", relay.socketUrl, `http://127.0.0.1:${issuer.address().port}/token`);
  t.after(() => client.close());
  const states = [];
  const { board } = await boardOf(client);
  board.onStatus(({ state }) => states.push(state));
  await board.whenSaved();
  await eventually(() => assert.ok(asked >= 2, `asked ${asked} times`), 15_000);
  assert.ok(!states.slice(states.indexOf("saved")).includes("offline"), states.join());
});

function signed(secret, claims, seconds) {
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const iat = Math.floor(Date.now() / 1000);
  const text = `${encoded({ alg: "HS256", typ: "JWT" })}.${encoded({ ...claims, iat, exp: iat + seconds })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

test("somebody signs in with an account, and is asked before changes that wait are left behind", async (t) => {
  const relay = await Relay.start(t, { options: ["--auth", "accounts", "--sign-up", "everybody"] });
  const { signIn, signOut } = await recipe("accounts");
  const address = `http://${relay.address}`;
  const [name, password] = ["ana", "long enough for it"];
  const headers = { "content-type": "application/json" };
  await fetch(`${address}/api/users`, { method: "POST", headers, body: JSON.stringify({ name, password }) });
  await assert.rejects(signIn(address, name, "not the password"), /password/);
  const session = await signIn(address, name, password);
  t.after(() => session.client.close());
  const { board } = await boardOf(session.client);
  await board.whenSaved();
  await relay.kill();
  await eventually(() => assert.equal(board.status.state, "offline"));
  await board.apply({ type: "renameBoard", name: "Launch" });
  const asked = [];
  const stays = async (changes) => (asked.push(changes), false);
  assert.equal(await signOut(address, session, stays), false);
  assert.deepEqual(asked, [1]);
  await relay.restart();
  board.reconnect();
  await board.whenSaved();
  assert.equal(await signOut(address, session, stays), true);
  const { status } = await fetch(`${address}/api/me`, { headers: { authorization: `Bearer ${session.token}` } });
  assert.equal(status, 401);
});

test("people see each other's names for as long as they are there", async (t) => {
  const relay = await Relay.start(t);
  const { join: comes } = await recipe("presence");
  const { board, card } = await boardOf(clientOf(t, "ana", relay));
  await board.whenSaved();
  const bens = await opens(t, "ben", relay, board);
  const seen = { ana: [], ben: [] };
  comes(board, "Ana", (names) => (seen.ana = names), card);
  const leave = comes(bens, "Ben", (names) => (seen.ben = names));
  await eventually(() => assert.deepEqual(seen, { ana: ["Ben"], ben: ["Ana"] }));
  leave();
  await eventually(() => assert.deepEqual(seen.ana, []));
});

test("what two people decided at once is listed, and kept or taken for both", async (t) => {
  const relay = await Relay.start(t);
  const { undecided, keep, takeOther } = await recipe("conflicts");
  const { board, card } = await boardOf(clientOf(t, "ana", relay));
  await board.whenSaved();
  const bens = await opens(t, "ben", relay, board);
  await relay.kill();
  const boards = [board, bens];
  for (const it of boards) await eventually(() => assert.equal(it.status.state, "offline"));
  for (const [at, it] of boards.entries()) {
    await it.apply({ type: "moveCard", card, column: board.view.columns[at + 1].id, to: "last" });
    await it.apply({ type: "renameCard", card, title: `Docs ${at}` });
  }
  await relay.restart();
  for (const it of boards) it.reconnect();
  for (const it of boards) await eventually(() => assert.deepEqual(undecided(it).map(({ type }) => type).sort(), ["cardPlacement", "field"]));
  const { title, column } = board.ask({ type: "card", card });
  for (const conflict of undecided(board)) await board.apply(conflict.type === "field" ? takeOther(conflict) : keep(conflict));
  await eventually(() => {
    const now = bens.ask({ type: "card", card });
    assert.equal(now.column, column);
    assert.notEqual(now.title, title);
    assert.deepEqual(undecided(bens), []);
  });
});

test("a script leaves a card at the relay, and the board in its directory", async (t) => {
  const relay = await Relay.start(t);
  const { report } = await recipe("script");
  const { board } = await boardOf(clientOf(t, "ana", relay));
  await board.whenSaved();
  const directory = join(cookbook.root, "boards");
  await report(relay.socketUrl, board.url, directory, "Nightly");
  await eventually(() => assert.deepEqual(titles(board.view)[0], ["Nightly", "Docs"]));
  assert.equal((await readdir(directory)).length, 1);
});
