// The recipes of docs/cookbook.md compile, and do what they say.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import esbuild from "esbuild";
import WebSocket from "ws";
import { eventually } from "../../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../../tests/interop/support/relay.mjs";
import { app, run } from "./support/app.mjs";
import { visit } from "./support/browser.mjs";
import { built, examplesIn } from "./support/examples.mjs";

// Node.js has sockets of its own from 22 on.
globalThis.WebSocket ??= WebSocket;

const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const COMPILER = join(dirname(createRequire(import.meta.url).resolve("typescript-native/package.json")), "bin/tsc");
const NAME = /^(?:\/\/|<!--) ([\w.]+)/;
/** Recipes for programs without the package, which are tried with those in `tests/interop`. */
const PLAIN = ".mjs";

const ends = [];
let root;
let recipes;
let kanban;
const recipe = (name) => import(pathToFileURL(join(root, `${name}.js`)));

before(async () => {
  root = await app({ after: (end) => ends.push(end) }, "cookbook");
  for (const name of ["vue", "@vue", "react", "react-dom", "@types", "csstype", "undici-types", "ws"]) {
    await symlink(join(MODULES, name), join(root, "node_modules", name));
  }
  recipes = (await examplesIn("../../../../docs/cookbook.md")).map(({ code }) => ({ name: NAME.exec(code)[1], code }));
  recipes = recipes.filter(({ name }) => !name.endsWith(PLAIN));
  for (const { name, code } of recipes) await writeFile(join(root, name), code);
  const entryPoints = recipes.filter(({ name }) => /^[a-z_]+\.ts$/.test(name)).map(({ name }) => join(root, name));
  await esbuild.build({ entryPoints, outdir: root, format: "esm" });
  kanban = await import(pathToFileURL(join(root, "node_modules/kanban-crdt/dist/node.js")));
});
after(() => Promise.all(ends.map((end) => end())));

/** Somebody with a relay. */
function clientOf(t, relay, account, more = {}) {
  const client = new kanban.KanbanClient({ relay: relay.socketUrl, account, WebSocket, ...more });
  t.after(() => client.close());
  return client;
}

/** A board of one's own with three columns, and a card in the first. */
async function boardOf(t, client) {
  const { openOrCreate } = await recipe("open");
  const { addCard } = await recipe("undo");
  const board = await openOrCreate(client);
  const column = board.view.columns[0].id;
  return { board, column, card: await addCard(board, column, "Docs") };
}

const alone = (t) => {
  const client = new kanban.KanbanClient({ account: "ana" });
  t.after(() => client.close());
  return client;
};
const titles = (view) => view.columns.map(({ cards }) => cards.map(({ title }) => title));

test("all compile with strict checks", async () => {
  assert.ok(recipes.length >= 17, `${recipes.length} recipes`);
  const options = ["--strict", "--noEmit", "--skipLibCheck", "false", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
  const target = ["--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--types", "node", "--jsx", "react-jsx"];
  const how = ["--module", "esnext", "--moduleResolution", "bundler", "--customConditions", "node", "--verbatimModuleSyntax"];
  const files = recipes.map(({ name }) => name).filter((name) => /\.tsx?$/.test(name));
  try {
    await run(process.execPath, [COMPILER, ...options, ...target, ...how, "ws.d.ts", ...files], { cwd: root });
  } catch (error) {
    assert.fail(error.stdout || error);
  }
});

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
  const { board, card } = await boardOf(t, clientOf(t, relay, "ana"));
  await board.whenSaved();
  const bens = await clientOf(t, relay, "ben").open(board.url);
  await bens.whenReady();
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

test("moves are told with what was moved, and by whom", async (t) => {
  const { tellMoves } = await recipe("events");
  const { board, card } = await boardOf(t, alone(t));
  const told = [];
  const stop = tellMoves(board, (line) => told.push(line));
  const move = (at) => board.apply({ type: "moveCard", card, column: board.view.columns[at].id, to: "last" });
  await move(2);
  stop();
  await move(1);
  assert.deepEqual(told, ["local: Docs to Done"]);
});

test("the recipe of each framework shows a column, and follows it", async (t) => {
  await built(root, "main.js");
  const site = await Relay.start(t, { webDir: join(root, "dist") });
  const { page, errors } = await visit(t, site.pageUrl);
  const shows = (text) =>
    eventually(async () => {
      assert.equal(await page.evaluate(() => document.body.dataset.failed), undefined);
      const shown = await Promise.all(["react", "vue", "svelte"].map((id) => page.locator(`#${id} ul[aria-label="To do"]`).innerText()));
      assert.deepEqual(shown.map((it) => it.trim()), [text, text, text]);
    });
  await shows("Docs");
  await page.evaluate(() => globalThis.rename("Write docs"));
  await shows("Write docs");
  assert.deepEqual(errors, []);
});

test("the state is said in words as it changes, and saving is waited for no longer than one likes", async (t) => {
  const relay = await Relay.start(t);
  const { showState } = await recipe("sync_state");
  const { isSavedWithin } = await recipe("saved");
  const { board } = await boardOf(t, clientOf(t, relay, "ana"));
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
  const key = join(root, "secret");
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
  const { board } = await boardOf(t, client);
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
  const { board } = await boardOf(t, session.client);
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
  const { board, card } = await boardOf(t, clientOf(t, relay, "ana"));
  await board.whenSaved();
  const bens = await clientOf(t, relay, "ben").open(board.url);
  await bens.whenReady();
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
  const { board, card } = await boardOf(t, clientOf(t, relay, "ana"));
  await board.whenSaved();
  const bens = await clientOf(t, relay, "ben").open(board.url);
  await bens.whenReady();
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

test("cards are found by words, by what is due, and counted by person", async (t) => {
  const { search, dueThisWeek, workload } = await recipe("find");
  const { board, card } = await boardOf(t, alone(t));
  const member = kanban.newId();
  await board.apply({ type: "addMember", member, name: "Ana", colour: "" });
  await board.apply({ type: "assign", card, member });
  await board.apply({ type: "setDue", card, due: "2020-01-01" });
  assert.deepEqual(search(board, "doc").map(({ id }) => id), [card]);
  assert.deepEqual(search(board, "nothing"), []);
  assert.deepEqual(dueThisWeek(board, member).map(({ id }) => id), [card]);
  await board.apply({ type: "setDone", card, done: true });
  assert.deepEqual(dueThisWeek(board, member), []);
  assert.equal(workload(board)[0], "Ana: To do 1, Doing 0, Done 0");
});

test("a board comes from Trello, and goes out as files and copies", async (t) => {
  const { importTrello } = await recipe("trello");
  const { files, copyOf, fromTemplate } = await recipe("export");
  const client = alone(t);
  const card = { id: "k", idList: "l", name: "Fly", desc: "", pos: 1, closed: false, idLabels: [], idMembers: [], idChecklists: [], due: "2030-01-01T00:00:00.000Z" };
  const attachments = [{ id: "a", name: "plan.pdf", url: "https://example.com/plan.pdf", isUpload: true }];
  const lists = [{ id: "l", name: "Ideas", closed: false, pos: 1 }];
  const trello = { name: "Old work", lists, cards: [{ ...card, attachments }], labels: [], members: [], checklists: [], actions: [] };
  const notes = [];
  const board = await importTrello(client, JSON.stringify(trello), (note) => notes.push(note));
  assert.deepEqual(titles(board.view), [["Fly"]]);
  assert.match(notes.join(" "), /file that is stored at Trello/);
  await assert.rejects(importTrello(client, "{}", () => {}), { code: "not-importable" });
  const written = files(board);
  assert.match(written["board.csv"], /Fly/);
  assert.match(written["board.md"], /## Ideas/);
  assert.equal(JSON.parse(written["board.json"]).format, "kanban-board");
  const [copy, next] = [await copyOf(client, board), await fromTemplate(client, board)];
  assert.deepEqual([copy, next].map(({ view }) => view.columns[0].cards[0].due), [board.view.columns[0].cards[0].due, null]);
});

test("a guard lets a program do only what it meant", async (t) => {
  const { read, archiveIfSame } = await recipe("guard");
  const { board, column, card } = await boardOf(t, alone(t));
  const before = read(board, card, column);
  await board.apply({ type: "moveCard", card, column: board.view.columns[1].id, to: "last" });
  assert.equal(await archiveIfSame(board, before), false);
  assert.equal(board.view.archivedCards.length, 0);
  assert.equal(await archiveIfSame(board, read(board, card, board.view.columns[1].id)), true);
  assert.equal(board.view.archivedCards.length, 1);
});

test("the history tells who did what, what was, and what is different", async (t) => {
  const { latest, viewAt, changesSince } = await recipe("history");
  const { board, card } = await boardOf(t, alone(t));
  const heads = board.ask({ type: "heads" });
  await board.apply({ type: "renameCard", card, title: "Write docs" });
  assert.match(latest(board, 1)[0], / ana: card$/);
  assert.deepEqual(titles(viewAt(board, new Date())), titles(board.view));
  assert.deepEqual(viewAt(board, new Date(0)).columns, []);
  assert.deepEqual(changesSince(board, heads), [{ type: "cardEdited", card, fields: ["title"] }]);
});

test("a script leaves a card at the relay, and the board in its directory", async (t) => {
  const relay = await Relay.start(t);
  const { report } = await recipe("script");
  const { board } = await boardOf(t, clientOf(t, relay, "ana"));
  await board.whenSaved();
  const directory = join(root, "boards");
  await report(relay.socketUrl, board.url, directory, "Nightly");
  await eventually(() => assert.deepEqual(titles(board.view)[0], ["Nightly", "Docs"]));
  assert.equal((await readdir(directory)).length, 1);
});
