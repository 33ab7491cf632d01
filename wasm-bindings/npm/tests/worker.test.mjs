// Boards that a worker has, as the page sees them. Page and worker are in one process here, with a channel between.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { idOf, KanbanClient, memoryStore } from "kanban-crdt";
import { KanbanError } from "kanban-crdt/page";
import WebSocket from "ws";
import { Disk, pageOf } from "./support/worker.mjs";
import { Script } from "./support/script.mjs";

const card = idOf("docs");
const [todo, done] = [idOf("todo"), idOf("done")];
const moved = { type: "moveCard", card, column: done, to: "last" };

/** Two columns and a card. */
async function fill(board) {
  await board.apply({ type: "createColumn", column: todo, name: "To do", at: "last" });
  await board.apply({ type: "createColumn", column: done, name: "Done", at: "last" });
  await board.apply({ type: "createCard", card, column: todo, at: "first", title: "Write docs", description: "" });
  return board;
}

const shown = (board) => board.view.columns.map(({ name, cards }) => [name, cards.map((it) => it.title)]);

/** A board that was open before and is not now, with how it looked. */
async function boardOfBefore(t, options) {
  const page = pageOf(t, options);
  const board = await fill(await page.client.create("Release"));
  const { url, view } = board;
  await page.client.close();
  return { url, view, disk: page.disk };
}

for (const seed of [1, 2, 3]) {
  test(`a board in a worker shows what a plain one does after the same edits, and shares what did not change (seed ${seed})`, async (t) => {
    const plain = new KanbanClient({ account: "ana", store: memoryStore() });
    t.after(() => plain.close());
    const { client, disk } = pageOf(t);
    // The address is part of the view, so both begin as copies of one board.
    const json = (await fill(await plain.create("Release"))).ask({ type: "json" });
    const boards = [await plain.create({ type: "json", text: json }), await client.create({ type: "json", text: json })];
    const script = new Script(seed);
    for (let step = 0; step < 120; step += 1) {
      const before = boards.map(({ view }) => view);
      const edit = script.next(boards[0].view);
      const results = await Promise.allSettled(boards.map((board) => edit(board)));
      const [one, other] = results.map(({ status, reason }) => [status, reason?.code, reason?.reason, reason?.message]);
      assert.deepEqual(other, one);
      const [own, across] = boards.map(withoutPlaces);
      assert.equal(across, own, `step ${step}`);
      assert.deepEqual(kept(before[1], boards[1].view), kept(before[0], boards[0].view), `step ${step}: what is shared`);
      assert.ok(Object.isFrozen(boards[1].view.columns));
    }
    for (const type of ["activities", "undoable", "heads", "conflicts"]) {
      const question = { activities: { type, query: { limit: 5 } }, conflicts: { type, card: null } }[type] ?? { type };
      const [own, across] = await Promise.all(boards.map((board) => board.ask(question)));
      assert.equal(across.length, own.length, type);
    }
    const { url, view } = boards[1];
    await client.close();
    const again = await pageOf(t, { disk }).client.open(url);
    await again.whenReady();
    assert.deepEqual(again.view, view, "patches have given what the document gives");
  });
}

/** Ids and positions are drawn by each board for itself. */
function withoutPlaces({ view }) {
  return JSON.stringify({ ...view, id: "" }, (key, value) => (key === "position" ? undefined : value));
}

/** The cards that are the same objects in both views. */
function kept(before, after) {
  const all = (view) => [...view.columns.flatMap(({ cards }) => cards), ...view.archivedCards, ...view.deletedCards];
  const old = new Set(all(before));
  return all(after).flatMap((it) => (old.has(it) ? [it.id] : []));
}

test("an edit shows before its promise resolves, with its events, and errors are as they are without a worker", async (t) => {
  const { client } = pageOf(t);
  const board = await fill(await client.create("Release"));
  const changes = [];
  board.subscribe((change) => changes.push([change.origin, change.events.map(({ type }) => type), change.view]));
  const applied = await board.apply(moved);
  assert.deepEqual(applied.events, [{ type: "cardMoved", card, from: todo, to: done }]);
  assert.deepEqual(changes, [["local", ["cardMoved"], board.view]]);
  assert.deepEqual(shown(board), [["To do", []], ["Done", ["Write docs"]]]);
  await assert.rejects(board.apply({ type: "deleteCard", card: idOf("nobody") }), (error) => {
    assert.ok(error instanceof KanbanError);
    assert.deepEqual([error.code, error.reason], ["refused", "unknownCard"]);
    assert.match(error.message, /nobody/);
    return true;
  });
  for (const wrong of [undefined, null, 3, "moveCard", {}, { type: "fly" }, { type: "deleteCard", card: 7 }]) {
    await assert.rejects(board.apply(wrong), { code: "invalid-argument" }, JSON.stringify(wrong));
  }
  await assert.rejects(board.ask({ type: "viewAt", heads: ["zz"] }), { code: "invalid-argument" });
  for (const address of ["", "nonsense", 7, undefined]) {
    await assert.rejects(client.open(address), { code: "invalid-argument" }, String(address));
  }
  assert.throws(() => pageOf(t, { relay: "boards.example" }), { code: "invalid-argument" });
});

test("a board that was open here shows how it looked before its worker has loaded anything, and says so", async (t) => {
  const before = await boardOfBefore(t);
  const { client, serve } = pageOf(t, { disk: before.disk, isHeld: true });
  const board = await client.open(before.url);
  assert.deepEqual(board.view, before.view);
  assert.ok(Object.isFrozen(board.view.columns[0].cards[0]));
  assert.deepEqual([board.status.isLoading, board.status.isReady], [true, false]);
  const [painted, changes] = [board.view, []];
  board.subscribe((change) => changes.push(change.origin));
  serve();
  assert.equal(await board.whenReady(), painted, "it looks the same, so it is the same object");
  assert.deepEqual([board.status.isLoading, board.status.isReady, board.status.state], [false, true, "local"]);
  assert.deepEqual(changes, []);
});

test("what is done while the board is loading waits for it, in order, and counts as changes", async (t) => {
  const before = await boardOfBefore(t);
  const { client, serve } = pageOf(t, { disk: before.disk, isHeld: true });
  const board = await client.open(before.url);
  const edits = [board.apply(moved), board.apply({ type: "renameCard", card, title: "Ship" }), board.undo(), board.redo()];
  assert.equal(board.status.changes, 4);
  assert.deepEqual(board.view, before.view);
  const title = board.ask({ type: "card", card }).then((it) => it.title);
  serve();
  await Promise.all(edits);
  assert.deepEqual(shown(board), [["To do", []], ["Done", ["Ship"]]]);
  assert.equal(await title, "Ship", "what is asked is asked after what was done");
  await client.close();
  const again = pageOf(t, { disk: before.disk });
  assert.deepEqual(shown(await again.client.open(before.url)), [["To do", []], ["Done", ["Ship"]]]);
});

test("how the board looked is replaced if it has changed since, but for what is as it was", async (t) => {
  const disk = new Disk();
  const page = pageOf(t, { disk });
  const cards = Array.from({ length: 3000 }, (_, at) => ({ id: idOf(`c${at}`), title: `Card ${at} ${"and so on ".repeat(8)}` }));
  const columns = [{ id: todo, name: "To do", cards }, { id: done, name: "Done", cards: [] }];
  const board = await page.client.create({ type: "draft", draft: { name: "Release", columns } });
  const { url } = board;
  await page.client.close();
  // Somebody else on this device, without a page that keeps how it looks.
  const other = new KanbanClient({ account: "ana", store: { ...disk.store("ana"), views: undefined } });
  await (await other.open(url)).apply({ type: "renameCard", card: idOf("c2999"), title: "Last" });
  await other.close();

  const { client, serve } = pageOf(t, { disk, isHeld: true });
  const opened = await client.open(url);
  const painted = opened.view;
  const changes = [];
  opened.subscribe(({ origin, view }) => changes.push([origin, view]));
  serve();
  await opened.whenReady();
  assert.deepEqual(changes, [["loaded", opened.view]]);
  assert.equal(opened.view.columns[0].cards[2999].title, "Last");
  assert.equal(opened.view.columns[0].cards[0], painted.columns[0].cards[0], "its piece is as it was");
  assert.notEqual(opened.view.columns[0].cards[2999], painted.columns[0].cards[2999]);
  await opened.apply({ type: "renameCard", card: idOf("c0"), title: "First" });
  assert.equal(opened.view.columns[0].cards[0].title, "First", "patches go on from there");
});

test("an edit of a text is about the letters that the page showed, whatever came in between", async (t) => {
  const disk = new Disk();
  const { client } = pageOf(t, { disk });
  const board = await fill(await client.create("Release"));
  await board.apply({ type: "editDescription", card, at: 0, remove: 0, insert: "Write 🎉 it" });
  const edit = (at, remove, insert) => board.apply({ type: "editDescription", card, at, remove, insert });
  const described = () => board.view.columns[0].cards[0].description;
  // None of them has seen the others.
  await Promise.all([edit(0, 0, "Please: "), edit(6, 2, "and sign"), edit(11, 0, "."), edit(0, 5, "Draw")]);
  assert.equal(described(), "Please: Draw and sign it.");
  await edit(0, 25, "abcdef");
  await Promise.all([edit(3, 0, "🎉"), edit(1, 4, "")]);
  assert.equal(described(), "a🎉def", "what was put into the middle of what goes stays");
  const boardText = (at, insert) => board.apply({ type: "editBoardDescription", at, remove: 0, insert });
  await boardText(0, "two");
  await Promise.all([boardText(0, "one "), boardText(3, " three")]);
  assert.equal(board.view.description, "one two three");
  await client.close();

  const store = { ...disk.store("ana"), views: undefined };
  const other = new KanbanClient({ account: "ana", store });
  await (await other.open(board.url)).apply({ type: "editBoardDescription", at: 0, remove: 0, insert: "zero " });
  await other.close();
  const page = pageOf(t, { disk, isHeld: true });
  const opened = await page.client.open(board.url);
  const done = opened.apply({ type: "editBoardDescription", at: 13, remove: 0, insert: " four" });
  page.serve();
  await done;
  assert.equal(opened.view.description, "zero one two three four", "also while the board is loading");
});

test("a view that another version kept, that is damaged, or that is another account's is not shown", async (t) => {
  const before = await boardOfBefore(t);
  const { disk, url } = before;
  const [key, kept] = [...disk.views][0];
  const opens = async (view, account = "ana") => {
    disk.views.set(key, view);
    const { client, serve } = pageOf(t, { disk, account, isHeld: true });
    const opening = client.open(url);
    let isOpen = false;
    void opening.then(() => (isOpen = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isOpen, false);
    serve();
    return opening;
  };
  assert.deepEqual((await opens({ ...kept, version: "0.0.1" })).view, before.view);
  assert.deepEqual((await opens({ ...kept, pieces: [kept.pieces[0], "[{"] })).view, before.view);
  assert.equal((await opens(kept, "ben")).view, undefined);
});

test("a board that is removed takes how it looked with it, and one with unsent changes stays unless that is said", async (t) => {
  const { url, disk } = await boardOfBefore(t);
  const { client } = pageOf(t, { disk });
  const board = await client.open(url);
  await board.apply(moved);
  await assert.rejects(client.remove(url), { code: "unsaved" });
  assert.equal((await client.list())[0].name, "Release");
  await client.remove(url, { evenUnsaved: true });
  assert.deepEqual([await client.list(), disk.views.size], [[], 0]);
  await assert.rejects(board.apply(moved), { code: "closed" });
  await client.close();
  assert.equal(disk.views.size, 0, "nor when everything is closed");
});

test("a program that fails inside the worker opens the board again, and the page hears of it", async (t) => {
  const { BoardClient } = await import("../dist/kanban.js");
  const { client } = pageOf(t);
  const board = await fill(await client.create("Release"));
  const errors = [];
  board.onError((error) => errors.push(error));
  const reopened = new Promise((resolve) => board.subscribe(({ origin, view }) => origin === "reopened" && resolve(view)));
  const { edit } = BoardClient.prototype;
  BoardClient.prototype.edit = () => {
    BoardClient.prototype.edit = edit;
    throw new WebAssembly.RuntimeError("unreachable");
  };
  await assert.rejects(board.apply(moved), { code: "crashed" });
  assert.equal(await reopened, board.view);
  assert.deepEqual(errors.map(({ code }) => code), ["crashed"]);
  await board.apply(moved);
  assert.deepEqual(shown(board), [["To do", []], ["Done", ["Write docs"]]]);
});

test("a closed board and a closed client say so, and what was done before is kept", async (t) => {
  const { client, disk } = pageOf(t);
  const board = await fill(await client.create("Release"));
  const last = board.apply(moved);
  const closing = board.close();
  for (const late of [() => board.apply(moved), () => board.ask({ type: "heads" }), () => board.whenSaved()]) {
    await assert.rejects(async () => late(), { code: "closed" });
  }
  await Promise.all([last, closing]);
  const again = await client.open(board.url);
  assert.notEqual(again, board);
  assert.deepEqual(shown(again), [["To do", []], ["Done", ["Write docs"]]]);
  const unanswered = again.apply({ type: "renameBoard", name: "Later" });
  await client.close();
  await unanswered;
  await assert.rejects(client.open(board.url), { code: "closed" });
  assert.equal((await pageOf(t, { disk }).client.open(board.url)).view.name, "Later");
});

test("whoever waits no longer is told so at once, and the board goes on", async (t) => {
  const { client } = pageOf(t, { relay: "ws://127.0.0.1:1", WebSocket });
  const board = await fill(await client.create("Release"));
  await assert.rejects(board.whenSaved({ signal: AbortSignal.timeout(5) }), { name: "TimeoutError" });
  await assert.rejects(board.whenSaved({ signal: AbortSignal.abort(new Error("no more")) }), { message: "no more" });
  await board.apply(moved);
});

test("a worker that ends is told of by every board, and nobody waits for it", async (t) => {
  const before = await boardOfBefore(t);
  const { client, inside } = pageOf(t, { disk: before.disk, isHeld: true });
  const board = await client.open(before.url);
  const [errors, waiting] = [[], [board.apply(moved), board.whenSaved(), board.ask({ type: "heads" }), client.create("Later")]];
  board.onError((error) => errors.push(error.code));
  inside.close();
  for (const it of await Promise.allSettled(waiting)) assert.equal(it.reason?.code, "worker");
  assert.deepEqual(errors, ["worker"]);
  assert.match(board.status.reason, /Make another client/);
  assert.deepEqual([board.status.isLoading, board.view], [false, before.view], "what is shown stays");
  await assert.rejects(board.apply(moved), { code: "worker" });
  await assert.rejects(client.open(before.url), { code: "worker" });
  await board.close();
});

test("the version that kept views are of is that of the package", async () => {
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  assert.equal((await import("../dist/version.js")).VERSION, version);
});
