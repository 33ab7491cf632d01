// A view as text in pieces, each of which a page parses without anybody noticing.

import type { BoardView, Card } from "./model.js";
import { freeze } from "./view.js";

/** Parsed and frozen in one to three milliseconds. */
const LETTERS_MAX = 128 * 1024;

type ColumnView = BoardView["columns"][number];

/** Of each list only how long it is. */
type Outline = Omit<BoardView, "columns" | "archivedCards" | "deletedCards"> & {
  readonly columns: readonly (Omit<ColumnView, "cards"> & { readonly cards: number })[];
  readonly archivedCards: number;
  readonly deletedCards: number;
};

/** The board without its cards, then all cards. The same view always gives the same pieces. */
export function piecesOf(view: BoardView): string[] {
  const outline: Outline = {
    ...view,
    columns: view.columns.map((column) => ({ ...column, cards: column.cards.length })),
    archivedCards: view.archivedCards.length,
    deletedCards: view.deletedCards.length,
  };
  const lists = [...view.columns.map(({ cards }) => cards), view.archivedCards, view.deletedCards];
  const pieces = [JSON.stringify(outline)];
  let piece = "";
  for (const card of lists.flat()) {
    piece += (piece === "" ? "[" : ",") + JSON.stringify(card);
    if (piece.length > LETTERS_MAX) {
      pieces.push(`${piece}]`);
      piece = "";
    }
  }
  return piece === "" ? pieces : [...pieces, `${piece}]`];
}

/** One of them, parsed and frozen. */
export function parsed(piece: string): unknown {
  return freeze(JSON.parse(piece));
}

/** The view of all pieces that were {@link parsed}. */
export function viewOf(pieces: readonly unknown[]): BoardView {
  const [outline, ...lists] = pieces as [Outline, ...Card[][]];
  const all = lists.flat();
  let at = 0;
  const next = (count: number) => Object.freeze(all.slice(at, (at += count)));
  const columns = outline.columns.map((column) => Object.freeze({ ...column, cards: next(column.cards) }));
  return Object.freeze({
    ...outline,
    columns: Object.freeze(columns),
    archivedCards: next(outline.archivedCards),
    deletedCards: next(outline.deletedCards),
  });
}
