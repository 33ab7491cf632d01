import { KanbanClient, newId } from "kanban-crdt";

async function start(relay) {
  const client = new KanbanClient({ relay });
  const board = await client.create("Release");
  board.subscribe(({ view }) => {
    const lines = view.columns.map(({ name, cards }) => `${name}: ${cards.map((card) => card.title).join(", ")}`);
    postMessage({ text: lines.join("; ") });
  });
  const column = newId();
  await board.apply({ type: "createColumn", column, name: "To do", at: "last" });
  await board.apply({ type: "createCard", card: newId(), column, at: "last", title: "Write docs", description: "" });
  await board.whenSaved();
  postMessage({ saved: board.url });
}

onmessage = ({ data }) => start(data).catch((error) => postMessage({ failed: String(error) }));
