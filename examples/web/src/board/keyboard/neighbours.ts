// Where the arrow keys go from a card or a column's name.

import type { BoardView } from "kanban-crdt/page";
import { placeOf, type ColumnView } from "../places.js";
import type { Search } from "../search/search.js";
import type { Focused } from "./focus.js";

export type Arrow = "up" | "down" | "left" | "right" | "first" | "last";

export function neighbour(
  { columns, ...view }: BoardView,
  search: Search | undefined,
  at: Focused | undefined,
  arrow: Arrow,
): Focused | undefined {
  const shownIn = (column: ColumnView) => (search ? column.cards.filter(search.matches) : column.cards);
  const place = at?.what === "card" ? placeOf({ ...view, columns }, at.id) : undefined;
  const columnIndex = place?.columnIndex ?? columns.findIndex(({ id }) => id === at?.id);
  const column = columns[columnIndex];
  if (!at || !column) return firstOf(columns, shownIn);

  const cards = shownIn(column);
  const index = place ? cards.findIndex(({ id }) => id === at.id) : -1;
  const cardAt = (list: readonly { id: Extract<Focused, { what: "card" }>["id"] }[], at: number): Focused | undefined => {
    const card = list[at];
    return card && { what: "card", id: card.id };
  };
  const head: Focused = { what: "column", id: column.id };
  if (arrow === "first") return cardAt(cards, 0) ?? head;
  if (arrow === "last") return cardAt(cards, cards.length - 1) ?? head;
  if (arrow === "up") return index > 0 ? cardAt(cards, index - 1) : head;
  if (arrow === "down") return cardAt(cards, index + 1);
  const next = columns[columnIndex + (arrow === "left" ? -1 : 1)];
  if (!next) return undefined;
  if (at.what === "column") return { what: "column", id: next.id };
  const there = shownIn(next);
  return cardAt(there, Math.min(index, there.length - 1)) ?? { what: "column", id: next.id };
}

function firstOf(columns: readonly ColumnView[], shownIn: (column: ColumnView) => ColumnView["cards"]): Focused | undefined {
  for (const column of columns) {
    const card = shownIn(column)[0];
    if (card) return { what: "card", id: card.id };
  }
  const column = columns[0];
  return column && { what: "column", id: column.id };
}
