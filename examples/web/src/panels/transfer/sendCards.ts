// Cards that go to another board: copied there first, then deleted here, so that nothing is lost in between.

import { KanbanError, newId, type Board, type Card, type CardId, type ChangeHash, type ColumnId } from "kanban-crdt/page";
import { applyAll } from "../../board/commands.js";
import { placeOf } from "../../board/places.js";
import { idIn, type Boards } from "../../session/client.js";
import { isOnlyNotKept } from "../../session/problem.js";

export interface Sent {
  /** Those that somebody changed on their way: they are on both boards. */
  readonly left: number;
  readonly undo: () => Promise<void>;
}

/** Puts them at the end of a column there, in the order that they are in. */
export async function sendCards(boards: Boards, from: Board, to: Board, cards: readonly Card[], column: ColumnId): Promise<Sent> {
  const copies = cards.map(({ id }): [CardId, CardId] => [id, newId<CardId>()]);
  const parcel = await from.ask({ type: "parcel", cards: copies });
  const { change: taken } = await to.takeCards(parcel, column, "last");
  const same = cards.filter((card) => from.view && placeOf(from.view, card.id)?.card === card);
  const deleted = await applyAll(from, same.map(({ id }) => ({ type: "deleteCard", card: id })));
  return { left: cards.length - same.length, undo: () => bringBack(boards, from, deleted, idIn(to.url), taken) };
}

/** The other way round: here first. */
async function bringBack(
  boards: Boards,
  from: Board,
  deleted: readonly ChangeHash[],
  toId: string,
  taken: ChangeHash | null,
): Promise<void> {
  for (const change of deleted) await undone(from, change);
  const to = await boards.hold(toId);
  try {
    if (taken !== null) await undone(to, taken);
  } finally {
    boards.release(toId);
  }
}

async function undone(board: Board, change: ChangeHash): Promise<void> {
  try {
    await board.undoChange(change);
  } catch (error) {
    if (!isOnlyNotKept(error)) throw KanbanError.of(error);
  }
}
