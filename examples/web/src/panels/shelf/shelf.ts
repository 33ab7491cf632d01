// What is in the archive and in the trash, as one list.

import type { BoardView, Card, Column, Command } from "kanban-crdt/page";
import { columnNameOf } from "../../board/places.js";
import { plain } from "../../board/search/search.js";

export type Place = "archive" | "trash";

export interface Item {
  readonly key: string;
  readonly what: "card" | "column";
  readonly name: string;
  /** Where a card stood; none for columns. */
  readonly column: string | undefined;
  /** How many cards come back with a column. */
  readonly cardCount: number;
  readonly restore: Command;
  readonly discard: Command;
}

function cardItem(view: BoardView, place: Place, card: Card): Item {
  const { id } = card;
  const isTrash = place === "trash";
  return {
    key: `card ${id}`,
    what: "card",
    name: card.title,
    column: columnNameOf(view, card.column),
    cardCount: 0,
    restore: { type: isTrash ? "restoreCard" : "unarchiveCard", card: id },
    discard: { type: isTrash ? "purgeCard" : "deleteCard", card: id },
  };
}

function columnItem(view: BoardView, place: Place, column: Column): Item {
  const { id } = column;
  const isTrash = place === "trash";
  const cardCount = isTrash ? 0 : view.archivedCards.filter((card) => card.column === id).length;
  return {
    key: `column ${id}`,
    what: "column",
    name: column.name,
    column: undefined,
    cardCount,
    restore: { type: isTrash ? "restoreColumn" : "unarchiveColumn", column: id },
    discard: isTrash ? { type: "purgeColumn", column: id } : { type: "deleteColumn", column: id, cards: cardCount > 0 ? "delete" : null },
  };
}

/** Columns first: their cards come back with them. What was deleted for good is in no list. */
export function itemsIn(view: BoardView, place: Place, query: string): readonly Item[] {
  const [columns, cards] =
    place === "archive" ? [view.archivedColumns, view.archivedCards] : [view.deletedColumns, view.deletedCards];
  const wanted = plain(query.trim());
  const isWanted = (text: string) => wanted === "" || plain(text).includes(wanted);
  return [
    ...columns.filter((column) => column.life !== "purged" && isWanted(column.name)).map((it) => columnItem(view, place, it)),
    ...cards
      .filter((card) => card.life !== "purged" && isWanted(`${card.title}\n${card.description}`))
      .map((it) => cardItem(view, place, it)),
  ];
}

export function countIn(view: BoardView, place: Place): number {
  return itemsIn(view, place, "").length;
}
