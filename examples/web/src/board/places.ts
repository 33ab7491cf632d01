// Where things stand on a board.

import type { BoardView, Card, CardId, ColumnId } from "kanban-crdt/page";

export type ColumnView = BoardView["columns"][number];

export interface Place {
  readonly column: ColumnView;
  readonly columnIndex: number;
  readonly index: number;
  readonly card: Card;
}

/** Made when somebody first asks; a column that did not change keeps its array, and so its index. */
const indexes = new WeakMap<readonly Card[], Map<CardId, number>>();

export function indexIn(cards: readonly Card[], id: CardId): number {
  let index = indexes.get(cards);
  if (index === undefined) {
    index = new Map(cards.map((card, at) => [card.id, at]));
    indexes.set(cards, index);
  }
  return index.get(id) ?? -1;
}

export function placeOf(view: BoardView, id: CardId): Place | undefined {
  for (const [columnIndex, column] of view.columns.entries()) {
    const index = indexIn(column.cards, id);
    const card = column.cards[index];
    if (card) return { column, columnIndex, index, card };
  }
  return undefined;
}

/** A card wherever it is: on the board, on the shelf or in the trash. */
export function cardOf(view: BoardView, id: CardId): Card | undefined {
  const isIt = (card: Card) => card.id === id;
  return placeOf(view, id)?.card ?? view.archivedCards.find(isIt) ?? view.deletedCards.find(isIt);
}

export function columnOf(view: BoardView, id: ColumnId): ColumnView | undefined {
  return view.columns.find((column) => column.id === id);
}

/** What a column is called, on the board or not. */
export function columnNameOf(view: BoardView, id: ColumnId): string | undefined {
  const everywhere = [...view.columns, ...view.archivedColumns, ...view.deletedColumns];
  return everywhere.find((column) => column.id === id)?.name;
}
