// What people decided at the same time, and nobody has settled.

import type { BoardView, Card, CardId } from "kanban-crdt/page";
import type { ColumnView } from "../places.js";
import type { Focused } from "../keyboard/focus.js";

export function isUndecided({ otherPlacements, otherTitles, conflictedFields, deletedConcurrently }: Card): boolean {
  return deletedConcurrently || otherPlacements.length + otherTitles.length + conflictedFields.length > 0;
}

export function isColumnUndecided(column: ColumnView): boolean {
  const { recovered, deletedConcurrently, otherPositions, otherNames, conflictedFields } = column;
  return recovered || deletedConcurrently || otherPositions.length + otherNames.length + conflictedFields.length > 0;
}

/** A column that did not change is not read again. */
const found = new WeakMap<readonly Card[], readonly CardId[]>();

export function undecidedIn(cards: readonly Card[]): readonly CardId[] {
  let ids = found.get(cards);
  if (ids === undefined) {
    ids = cards.filter(isUndecided).map((card) => card.id);
    found.set(cards, ids);
  }
  return ids;
}

/** Everything to decide, from left to right and top to bottom. */
export function undecidedOn(view: BoardView): readonly Focused[] {
  return view.columns.flatMap((column): Focused[] => {
    const cards = undecidedIn(column.cards).map((id): Focused => ({ what: "card", id }));
    return isColumnUndecided(column) ? [{ what: "column", id: column.id }, ...cards] : cards;
  });
}
