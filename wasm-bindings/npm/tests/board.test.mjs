// A board on one device: what is done to it, asked of it, and kept of it.

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileStore, idOf, KanbanClient, KanbanError, memoryBytes, memoryStore, newId } from "kanban-crdt";

const card = idOf("docs");
const [todo, done] = [idOf("todo"), idOf("done")];

/** A board with two columns and a card, and everything that was told of it. */
async function boardOf(client) {
  const board = await client.create("Release");
  const changes = [];
  board.subscribe((change) => changes.push(change));
  await board.apply({ type: "createColumn", column: todo, name: "To do", at: "last" });
  await board.apply({ type: "createColumn", column: done, name: "Done", at: "last" });
  const at = "first";
  await board.apply({ type: "createCard", card, column: todo, at, title: "Write docs", description: "" });
  return { board, changes };
}

async function directory(t) {
  const path = await mkdtemp(join(tmpdir(), "kanban-crdt-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

const shown = (board) => board.view.columns.map(({ name, cards }) => [name, cards.map((it) => it.title)]);

test("ten lines give a board that shows what is done to it at once", async (t) => {
  const client = new KanbanClient({ account: "ana" });
  t.after(() => client.close());
  const { board, changes } = await boardOf(client);
  const moved = board.apply({ type: "moveCard", card, column: done, to: "last" });
  assert.deepEqual(shown(board), [["To do", []], ["Done", ["Write docs"]]], "before it is kept");
  const { change, events } = await moved;
  assert.match(change, /^[0-9a-f]{64}$/);
  assert.deepEqual(events, [{ type: "cardMoved", card, from: todo, to: done }]);
  const last = changes.at(-1);
  assert.equal(last.origin, "local");
  assert.equal(last.view, board.view);
  assert.deepEqual(board.status.state, "local");
  await board.whenSaved();
});

test("a view is frozen, and what did not change is the same object in the next", async (t) => {
  const client = new KanbanClient();
  t.after(() => client.close());
  const { board } = await boardOf(client);
  const other = newId();
  await board.apply({ type: "createCard", card: other, column: todo, at: "last", title: "Ship", description: "" });
  const before = board.view;
  assert.throws(() => before.columns.push({}), TypeError);
  assert.throws(() => (before.columns[0].cards[0].title = "x"), TypeError);
  await board.apply({ type: "renameCard", card: other, title: "Ship it" });
  const after = board.view;
  assert.notEqual(before, after);
  assert.equal(before.columns[1], after.columns[1], "the other column");
  assert.equal(before.columns[0].cards[0], after.columns[0].cards[0], "the other card");
  assert.notEqual(before.columns[0].cards[1], after.columns[0].cards[1]);
  assert.equal(before.columns[0].cards[1].title, "Ship", "what was shown before stays as it was");
  await board.apply({ type: "renameCard", card: other, title: "Ship it" });
  assert.equal(board.view, after, "nothing changed");
});

test("what the board does not allow is an error with a code, a reason and a sentence", async (t) => {
  const client = new KanbanClient();
  t.after(() => client.close());
  const { board } = await boardOf(client);
  const before = board.view;
  const unknown = { type: "deleteCard", card: idOf("nobody") };
  await assert.rejects(board.apply(unknown), (error) => {
    assert.ok(error instanceof KanbanError && error instanceof Error);
    assert.deepEqual([error.code, error.reason], ["refused", "unknownCard"]);
    assert.match(error.message, /nobody/);
    return true;
  });
  const wrong = [undefined, null, 3, "moveCard", {}, { type: "fly" }, { type: "deleteCard", card: 7 }];
  for (const command of wrong) {
    await assert.rejects(board.apply(command), { code: "invalid-argument" }, JSON.stringify(command));
  }
  assert.throws(() => board.ask({ type: "viewAt", heads: ["zz"] }), { code: "invalid-argument" });
  assert.equal(board.view, before);
  for (const address of ["", "nonsense", 7, undefined]) {
    await assert.rejects(client.open(address), { code: "invalid-argument" }, String(address));
  }
  assert.throws(() => new KanbanClient({ relay: "boards.example" }), { code: "invalid-argument" });
});

test("questions are answered with plain objects", async (t) => {
  const client = new KanbanClient({ account: "ana" });
  t.after(() => client.close());
  const { board } = await boardOf(client);
  const heads = board.ask({ type: "heads" });
  await board.apply({ type: "renameCard", card, title: "Write the docs 📚" });
  assert.deepEqual(
    board.ask({ type: "find", filter: { text: "docs" } }).map((it) => it.id),
    [card],
  );
  assert.equal(board.ask({ type: "viewAt", heads }).columns[0].cards[0].title, "Write docs");
  const [latest] = board.ask({ type: "activities", query: { limit: 1 } });
  assert.equal(latest.author, "ana");
  assert.equal(board.ask({ type: "card", card }).title, "Write the docs 📚");
  assert.deepEqual(board.ask({ type: "conflicts", card: null }), []);
  assert.match(board.ask({ type: "csv" }), /Write the docs 📚/);
  assert.match(board.ask({ type: "markdown", options: { comments: false } }), /## To do/);
});

test("what was done is undone and brought back", async (t) => {
  const client = new KanbanClient({ account: "ana" });
  t.after(() => client.close());
  const { board } = await boardOf(client);
  await board.apply({ type: "moveCard", card, column: done, to: "last" });
  await board.undo();
  assert.deepEqual(shown(board), [["To do", ["Write docs"]], ["Done", []]]);
  await board.redo();
  assert.deepEqual(shown(board), [["To do", []], ["Done", ["Write docs"]]]);
  await assert.rejects(board.redo(), { code: "refused", reason: "nothingToRedo" });
  const expected = { columns: [[card, todo]] };
  const refused = board.applyIf({ type: "deleteCard", card }, expected);
  await assert.rejects(refused, { code: "refused" });
});

test("a board in files is there again, in whatever order its chunks are read", async (t) => {
  const path = await directory(t);
  const first = new KanbanClient({ account: "ana", store: fileStore(path) });
  const { board } = await boardOf(first);
  for (let number = 0; number < 300; number += 1) {
    const column = number % 2 === 0 ? done : todo;
    await board.apply({ type: "moveCard", card, column, to: "last" });
  }
  const { url, view } = board;
  await first.close();
  const [place] = await readdir(path);
  const files = await readdir(join(path, place));
  assert.ok(files.length < 260, `${files.length} files: some were put together`);

  const again = new KanbanClient({ account: "ana", store: fileStore(path) });
  t.after(() => again.close());
  assert.deepEqual(await again.list(), [{ url, name: "Release", pending: 305 }]);
  const opened = await again.open(`https://boards.example/#${url}`);
  assert.deepEqual(opened.view, view);
  await opened.undo();
  assert.deepEqual(shown(opened), [["To do", []], ["Done", ["Write docs"]]], "also by another actor");
});

test("a damaged file is said, and is not overwritten", async (t) => {
  const path = await directory(t);
  const first = new KanbanClient({ store: fileStore(path) });
  const { board } = await boardOf(first);
  const { url } = board;
  await first.close();
  const [place] = await readdir(path);
  const [chunk] = (await readdir(join(path, place))).filter((name) => name.endsWith(".chunk"));
  await writeFile(join(path, place, chunk), "damaged");
  const again = new KanbanClient({ store: fileStore(path) });
  t.after(() => again.close());
  await assert.rejects(again.open(url), { code: "damaged" });
  const files = await readdir(join(path, place));
  assert.equal(files.filter((name) => name.endsWith(".chunk")).length, 5);
});

test("a device that keeps nothing says so, and the board goes on", async (t) => {
  const store = { ...memoryStore(), append: () => Promise.reject(new KanbanError("storage", "The disk is full.", "full")) };
  const working = memoryStore();
  let isFull = false;
  const sometimes = { ...working, append: (...args) => (isFull ? store.append() : working.append(...args)) };
  const client = new KanbanClient({ store: sometimes });
  t.after(() => client.close());
  const { board } = await boardOf(client);
  isFull = true;
  const moved = board.apply({ type: "moveCard", card, column: done, to: "last" });
  await assert.rejects(moved, { code: "storage", reason: "full" });
  assert.deepEqual(shown(board), [["To do", []], ["Done", ["Write docs"]]]);
  assert.equal(board.status.storageProblem, "The disk is full.");
  isFull = false;
  await board.apply({ type: "renameBoard", name: "Launch" });
  assert.equal(board.status.storageProblem, undefined);
  // What could not be kept went with what came next: nothing is missing.
  const { url, view } = board;
  await board.close();
  assert.deepEqual((await client.open(url)).view, view);
});

test("what a listener does about a change is kept after that change and shown after it", async (t) => {
  const kept = [];
  const working = memoryStore();
  const append = (url, chunks, meta) => {
    kept.push(...chunks.map((chunk) => chunk.key));
    return working.append(url, chunks, meta);
  };
  const client = new KanbanClient({ store: { ...working, append } });
  t.after(() => client.close());
  const { board } = await boardOf(client);
  const names = [];
  let follows;
  board.subscribe(({ view }) => {
    if (view.name === "One") follows = board.apply({ type: "renameBoard", name: "Two" });
  });
  board.subscribe(({ view }) => names.push(view.name));
  const before = kept.length;
  const { change } = await board.apply({ type: "renameBoard", name: "One" });
  const { change: second } = await follows;
  assert.deepEqual(names, ["One", "Two"]);
  assert.deepEqual(kept.slice(before, before + 2), [change, second]);
});

test("a board that is closed and opened again at once is whole, and who waited hears of the close", async (t) => {
  const client = new KanbanClient();
  t.after(() => client.close());
  const { board } = await boardOf(client);
  const waits = client.open("automerge:4NMNnkMhL8jXrdJ9jamS58PAVdXu").then((other) => {
    const ready = other.whenReady();
    void other.close();
    return ready;
  });
  await assert.rejects(waits, { code: "closed" });
  const moved = board.apply({ type: "moveCard", card, column: done, to: "last" });
  const closing = board.close();
  const again = await client.open(board.url);
  assert.notEqual(again, board);
  assert.deepEqual(shown(again), [["To do", []], ["Done", ["Write docs"]]]);
  await Promise.all([moved, closing]);
  await assert.rejects(board.apply({ type: "renameBoard", name: "x" }), { code: "closed" });
  await again.apply({ type: "renameBoard", name: "Launch" });
});

test("boards are made of what others have exported", async (t) => {
  const client = new KanbanClient();
  t.after(() => client.close());
  const { board } = await boardOf(client);
  const copy = await client.create({ type: "json", text: board.ask({ type: "json" }) });
  assert.deepEqual(shown(copy), shown(board));
  const draft = { name: "Plan", columns: [{ name: "Ideas", cards: [{ title: "One" }] }] };
  const made = client.create({ type: "draft", draft });
  await assert.rejects(made, { code: "invalid-argument" }, "columns and cards have ids");
  const text = JSON.stringify({ name: "Old", lists: [{ id: "a", name: "Ideas", pos: 1 }], cards: [] });
  const imported = await client.create({ type: "trello", text });
  assert.deepEqual(shown(imported), [["Ideas", []]]);
  assert.equal(typeof imported.importReport, "object");
  await assert.rejects(client.create({ type: "trello", text: "no JSON" }), { code: "not-importable" });
});

test("who has unsaved changes is asked before they are forgotten", async (t) => {
  const client = new KanbanClient();
  t.after(() => client.close());
  const { board } = await boardOf(client);
  await assert.rejects(client.remove(board.url), { code: "unsaved" });
  await client.remove(board.url, { evenUnsaved: true });
  assert.deepEqual(await client.list(), []);
  await assert.rejects(board.apply({ type: "renameBoard", name: "x" }), { code: "closed" });
});

test("a program that fails inside opens every board again from what is kept", async (t) => {
  const { BoardClient } = await import("../dist/kanban.js");
  const client = new KanbanClient();
  t.after(() => client.close());
  const [{ board }, { board: other }] = [await boardOf(client), await boardOf(client)];
  const errors = [];
  board.onError((error) => errors.push(error));
  other.onError(() => {});
  const edit = BoardClient.prototype.edit;
  BoardClient.prototype.edit = () => {
    BoardClient.prototype.edit = edit;
    throw new WebAssembly.RuntimeError("unreachable");
  };
  const reopened = [board, other].map(
    (it) =>
      new Promise((resolve) => {
        it.subscribe(({ origin }) => origin === "reopened" && resolve());
      }),
  );
  const failed = board.apply({ type: "moveCard", card, column: done, to: "last" });
  await assert.rejects(failed, { code: "crashed" });
  await Promise.all(reopened);
  assert.equal(errors[0].code, "crashed");
  for (const opened of [board, other]) {
    await opened.apply({ type: "moveCard", card, column: done, to: "last" });
    assert.deepEqual(shown(opened), [["To do", []], ["Done", ["Write docs"]]]);
  }
});

test("opening and closing a thousand boards leaves memory as it was", async (t) => {
  const store = memoryStore();
  const first = new KanbanClient({ store: { ...store, close: async () => {} } });
  const { board } = await boardOf(first);
  const { url } = board;
  await first.close();
  const again = new KanbanClient({ store });
  t.after(() => again.close());
  const openAndClose = async (times) => {
    for (let time = 0; time < times; time += 1) await (await again.open(url)).close();
    return memoryBytes();
  };
  const before = await openAndClose(20);
  assert.equal(await openAndClose(1000), before);
});
