// Makes a board in a worker, or opens the one that the address names.

import { newId, WorkerClient } from "kanban-crdt/page";

const asked = new URLSearchParams(location.search);
const worker = new Worker(new URL("./boards.worker.js", import.meta.url), { type: "module" });
const relay = asked.get("relay") ?? undefined;
const client = new WorkerClient({ worker, ...(relay && { relay }), account: asked.get("account") ?? "" });
globalThis.app = { client, worker, WorkerClient };

function show(view) {
  const lines = view.columns.map(({ name, cards }) => `${name}: ${cards.map((card) => card.title).join(", ")}`);
  document.querySelector("main").textContent = lines.join("; ");
}

async function make() {
  const board = await client.create("Release");
  board.subscribe(({ view }) => show(view));
  const column = newId();
  await board.apply({ type: "createColumn", column, name: "To do", at: "last" });
  await board.apply({ type: "createCard", card: newId(), column, at: "last", title: "Write docs", description: "" });
  await board.whenSaved();
  document.body.dataset.saved = board.url;
  return board;
}

async function open(url) {
  const board = await client.open(url);
  if (board.view) show(board.view);
  board.subscribe(({ view }) => show(view));
  document.body.dataset.opened = url;
  return board;
}

const begin = asked.has("open") ? open(asked.get("open")) : make();
begin.then(
  (board) => {
    globalThis.app.board = board;
    globalThis.app.errors = [];
    board.onError(({ code }) => globalThis.app.errors.push(code));
  },
  (error) => (document.body.dataset.failed = String(error)),
);
