// The recipes of docs/cookbook.md compile, and do on one device what they say.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../../tests/interop/support/relay.mjs";
import { run } from "./support/app.mjs";
import { visit } from "./support/browser.mjs";
import { boardOf, clientOf, cookbook, recipe, titles, withCookbook } from "./support/cookbook.mjs";
import { built } from "./support/examples.mjs";

const COMPILER = join(dirname(createRequire(import.meta.url).resolve("typescript-native/package.json")), "bin/tsc");

withCookbook();

test("all compile with strict checks", async () => {
  assert.ok(cookbook.recipes.length >= 17, `${cookbook.recipes.length} recipes`);
  const options = ["--strict", "--noEmit", "--skipLibCheck", "false", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
  const target = ["--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--types", "node", "--jsx", "react-jsx"];
  const how = ["--module", "esnext", "--moduleResolution", "bundler", "--customConditions", "node", "--verbatimModuleSyntax"];
  const files = cookbook.recipes.map(({ name }) => name).filter((name) => /\.tsx?$/.test(name));
  try {
    await run(process.execPath, [COMPILER, ...options, ...target, ...how, "ws.d.ts", ...files], { cwd: cookbook.root });
  } catch (error) {
    assert.fail(error.stdout || error);
  }
});

test("moves are told with what was moved, and by whom", async (t) => {
  const { tellMoves } = await recipe("events");
  const { board, card } = await boardOf(clientOf(t, "ana"));
  const told = [];
  const stop = tellMoves(board, (line) => told.push(line));
  const move = (at) => board.apply({ type: "moveCard", card, column: board.view.columns[at].id, to: "last" });
  await move(2);
  stop();
  await move(1);
  assert.deepEqual(told, ["local: Docs to Done"]);
});

test("the recipe of each framework shows a column, and follows it", async (t) => {
  await built(cookbook.root, "main.js");
  const site = await Relay.start(t, { webDir: join(cookbook.root, "dist") });
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

test("cards are found by words, by what is due, and counted by person", async (t) => {
  const { search, dueThisWeek, workload } = await recipe("find");
  const { board, card } = await boardOf(clientOf(t, "ana"));
  const member = cookbook.kanban.newId();
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
  const client = clientOf(t, "ana");
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
  const { board, column, card } = await boardOf(clientOf(t, "ana"));
  const before = read(board, card, column);
  await board.apply({ type: "moveCard", card, column: board.view.columns[1].id, to: "last" });
  assert.equal(await archiveIfSame(board, before), false);
  assert.equal(board.view.archivedCards.length, 0);
  assert.equal(await archiveIfSame(board, read(board, card, board.view.columns[1].id)), true);
  assert.equal(board.view.archivedCards.length, 1);
});

test("the history tells who did what, what was, and what is different", async (t) => {
  const { latest, viewAt, changesSince } = await recipe("history");
  const { board, card } = await boardOf(clientOf(t, "ana"));
  const heads = board.ask({ type: "heads" });
  await board.apply({ type: "renameCard", card, title: "Write docs" });
  assert.match(latest(board, 1)[0], / ana: card$/);
  assert.deepEqual(titles(viewAt(board, new Date())), titles(board.view));
  assert.deepEqual(viewAt(board, new Date(0)).columns, []);
  assert.deepEqual(changesSince(board, heads), [{ type: "cardEdited", card, fields: ["title"] }]);
});
