// What people do with whole boards.

import { newId, type Board, type ColumnId, type Content, type ImportReport } from "kanban-crdt/page";
import { api } from "./api.js";
import { idIn, myBoards, type Boards } from "./client.js";
import type { Colour } from "./colours.js";
import { label } from "./label.js";
import { boardList } from "./list.js";
import { isKind, isOnlyNotKept } from "./problem.js";
import { session } from "./session.js";

const ARRIVAL_MS = 10_000;
const SAVING_MS = 30_000;

function mine(): Boards {
  const boards = myBoards.value;
  if (boards === undefined) throw new Error("nobody is signed in");
  return boards;
}

/** Makes a board with these columns, and returns its id. */
export async function createBoard(name: string, colour: Colour, columns: readonly string[]): Promise<string> {
  const boards = mine();
  const board = await boards.create(name);
  const id = idIn(board.url);
  try {
    for (const column of columns) {
      await board.apply({ type: "createColumn", column: newId<ColumnId>(), name: column, at: "last" });
    }
  } finally {
    boards.release(id);
  }
  boardList.note(id, { colour, openedAt: Date.now() });
  labelOnceSaved(board, id, name).catch(reportError);
  return id;
}

export interface Made {
  readonly boardId: string;
  readonly name: string;
  /** What of a file could not be taken over as it was. */
  readonly report: ImportReport | undefined;
}

/** Makes a board of a file, or of another board. */
export async function createBoardFrom(content: Content): Promise<Made> {
  const boards = mine();
  const board = await boards.create(content);
  const boardId = idIn(board.url);
  const name = board.view?.name ?? "";
  const report = board.importReport;
  boards.release(boardId);
  boardList.note(boardId, { openedAt: Date.now() });
  labelOnceSaved(board, boardId, name).catch(reportError);
  return { boardId, name, report };
}

async function labelOnceSaved(board: Board, id: string, name: string): Promise<void> {
  try {
    await board.whenSaved({ signal: AbortSignal.timeout(SAVING_MS) });
  } catch {
    // Whoever sends it later labels it.
    return;
  }
  await label(id, name);
}

/** Gives a board another name and colour. It has to be here, or to arrive now. */
export async function editBoard(id: string, name: string, colour: Colour): Promise<void> {
  const known = boardList.entryOf(id);
  const boards = mine();
  const board = await boards.hold(id);
  try {
    const view = await board.whenReady({ signal: AbortSignal.timeout(ARRIVAL_MS) });
    if (view.name !== name) await board.apply({ type: "renameBoard", name });
  } catch (error) {
    if (!isOnlyNotKept(error)) throw error;
  } finally {
    boards.release(id);
  }
  if (known?.colour !== colour) boardList.note(id, { colour });
  await label(id, name, colour);
  await boardList.look();
}

/** What can be done to be rid of a board: for everybody, for oneself, or on this device. */
export type Removal = "delete" | "leave" | "forget";

export function removalOf(id: string): Removal {
  const entry = boardList.entryOf(id);
  if (session.person.value?.mode === "open" || entry === undefined) return "forget";
  if (entry.role === "owner") return "delete";
  if (entry.role !== undefined) return "leave";
  return "forget";
}

/** Deletes or leaves a board, at the relay first. */
export async function removeBoard(id: string, removal: Removal): Promise<void> {
  const boards = mine();
  const me = session.person.value?.name ?? "";
  try {
    if (removal === "delete") await api.deleteDocument(id);
    if (removal === "leave") await api.removeMember(id, me);
  } catch (error) {
    // Somebody else was quicker.
    if (!isKind(error, "not-found")) throw error;
  }
  await boards.forget(id);
  boardList.drop(id);
}
