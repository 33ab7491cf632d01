// What a consumer writes against the declarations of every entry.

import {
  fileStore,
  idOf,
  init,
  KanbanClient,
  KanbanError,
  newId,
  serveBoards,
  type AnyBoard,
  type Board,
  type BoardView,
  type CardId,
  type ColumnId,
  type Command,
  type Status,
} from "kanban-crdt";
import { WorkerClient, type Board as BoardInWorker } from "kanban-crdt/page";
import { useBoard, useBoardPart, useBoardStatus } from "kanban-crdt/react";
import { KanbanClient as SlimClient } from "kanban-crdt/slim";
import { boardStatus, boardView } from "kanban-crdt/svelte";
import { useBoard as useBoardInVue } from "kanban-crdt/vue";

export async function work(): Promise<string> {
  await init(new URL("https://boards.example/kanban.wasm"));
  const client = new KanbanClient({ relay: "wss://boards.example/sync", account: "ana", store: fileStore("boards") });
  const board: Board = await client.create("Release");
  const column: ColumnId = newId();
  const command: Command = { type: "createColumn", column, name: "To do", at: "last" };
  const applied = await board.apply(command);
  const found: readonly CardId[] = board.ask({ type: "find", filter: { text: "docs" } }).map((card) => card.id);
  const view: BoardView | undefined = board.view;
  const status: Status = board.status;
  const stop: () => void = board.subscribe((change) => console.log(change.origin, change.events, change.view.name));
  try {
    await board.whenSaved({ signal: AbortSignal.timeout(1000) });
  } catch (error) {
    if (error instanceof KanbanError && error.code === "refused") console.log(error.reason);
  }
  stop();
  // @ts-expect-error A column is no card.
  await board.apply({ type: "deleteCard", card: column });
  // @ts-expect-error There is no such command.
  await board.apply({ type: "fly" });
  // @ts-expect-error A view is not to be changed.
  view?.columns.pop();
  return `${applied.change} ${found.length} ${status.state} ${idOf<CardId>("docs")}`;
}

export const inVue = (board: AnyBoard): string | undefined => useBoardInVue(board).view.value?.name;
export const inReact = (board: AnyBoard): string =>
  `${useBoard(board)?.name} ${useBoardPart(board, (view) => view?.columns[0])?.name} ${useBoardStatus(board).state}`;
export const inSvelte = (board: AnyBoard) => [boardView(board).subscribe(console.log), boardStatus(board)];
/** Whoever awaits what is asked can do with either kind of board. */
export const titles = async (board: AnyBoard): Promise<readonly string[]> =>
  (await board.ask({ type: "find", filter: {} })).map((card) => card.title);
export async function inWorker(worker: Worker): Promise<readonly string[]> {
  const board: BoardInWorker = await new WorkerClient({ worker, account: "ana" }).create("Release");
  // @ts-expect-error A worker answers later.
  const now: readonly string[] = board.ask({ type: "heads" });
  return [...now, ...(await titles(board)), String(inVue(board))];
}
export const serve = () => serveBoards({ store: fileStore });
export const slim = new SlimClient();
