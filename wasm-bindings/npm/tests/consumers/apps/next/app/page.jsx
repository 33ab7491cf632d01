// Rendered on the server, which has a board of its own.

import { KanbanClient, newId } from "kanban-crdt";
import { BoardView } from "./BoardView.jsx";

export const dynamic = "force-dynamic";

export default async function Page() {
  const client = new KanbanClient();
  const board = await client.create("Of the server");
  await board.apply({ type: "createColumn", column: newId(), name: "Rendered", at: "last" });
  const { name, columns } = board.view;
  await client.close();
  return (
    <>
      <h1>
        {name}: {columns[0].name}
      </h1>
      <BoardView />
    </>
  );
}
