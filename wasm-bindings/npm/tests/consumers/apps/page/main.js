import { KanbanClient, newId } from "kanban-crdt";

async function start() {
  const client = new KanbanClient({ relay: new URLSearchParams(location.search).get("relay") });
  const board = await client.create("Release");
  board.subscribe(({ view }) => {
    const lines = view.columns.map(({ name, cards }) => `${name}: ${cards.map((card) => card.title).join(", ")}`);
    document.querySelector("main").textContent = lines.join("; ");
  });
  const column = newId();
  await board.apply({ type: "createColumn", column, name: "To do", at: "last" });
  await board.apply({ type: "createCard", card: newId(), column, at: "last", title: "Write docs", description: "" });
  await board.whenSaved();
  document.body.dataset.saved = board.url;
}

start().catch((error) => (document.body.dataset.failed = String(error)));
