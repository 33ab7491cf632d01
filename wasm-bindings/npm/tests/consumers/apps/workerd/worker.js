import { KanbanClient, newId } from "kanban-crdt";

export default {
  async fetch(request) {
    const client = new KanbanClient({ relay: new URL(request.url).searchParams.get("relay") });
    const board = await client.create("Release");
    const column = newId();
    await board.apply({ type: "createColumn", column, name: "To do", at: "last" });
    const card = { type: "createCard", card: newId(), column, at: "last", title: "Write docs", description: "" };
    await board.apply(card);
    await board.whenSaved();
    const [shown] = board.view.columns;
    const { url } = board;
    await client.close();
    return Response.json({ url, text: `${shown.name}: ${shown.cards[0].title}` });
  },
};
