// What a program does with a board, however it has loaded the package.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export async function makeABoard({ KanbanClient, fileStore, newId }) {
  const directory = await mkdtemp(join(tmpdir(), "kanban-boards-"));
  const client = new KanbanClient({ store: fileStore(directory) });
  const board = await client.create("Release");
  const column = newId();
  await board.apply({ type: "createColumn", column, name: "To do", at: "last" });
  await board.apply({ type: "createCard", card: newId(), column, at: "last", title: "Write docs", description: "" });
  await client.close();
  const again = new KanbanClient({ store: fileStore(directory) });
  const { view } = await again.open(board.url);
  await again.close();
  await rm(directory, { recursive: true });
  return `${view.columns[0].name}: ${view.columns[0].cards[0].title}`;
}
