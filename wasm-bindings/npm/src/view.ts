// Views: plain frozen objects. What did not change is the same object in the next view, so that
// frameworks draw only what did.

import type { BoardView, Card, CardId, Column } from "./model.js";

type Cards = readonly Card[];
type ColumnView = BoardView["columns"][number];

interface Splice {
  start: number;
  remove: number;
  insert: CardId[];
}

interface ColumnChange {
  id: string;
  column?: Column;
  cards: Splice;
}

/** What makes the next view of one: see `patch.rs`. */
export interface Patch {
  fields: Partial<BoardView>;
  cards: Card[];
  columns?: (string | ColumnChange)[];
  archivedCards?: Splice;
  deletedCards?: Splice;
}

/** Everything in it, for good. */
export function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}

/** The view that a patch makes of another. */
export function patched(view: BoardView, patch: Patch): BoardView {
  const changed = new Map(patch.cards.map((card) => [card.id, freeze(card)]));
  const find = finder(view, changed);
  const next = { ...view, ...patch.fields };
  if (patch.columns) {
    const before = new Map<string, ColumnView>(view.columns.map((column) => [column.id, column]));
    next.columns = patch.columns.map((change) => {
      if (typeof change === "string") return known(before.get(change));
      const old = before.get(change.id);
      const cards = spliced(old?.cards ?? [], change.cards, changed, find);
      return { ...(change.column ?? known(old)), cards } as ColumnView;
    });
  }
  if (patch.archivedCards) {
    next.archivedCards = spliced(view.archivedCards, patch.archivedCards, changed, find) as Card[];
  }
  if (patch.deletedCards) {
    next.deletedCards = spliced(view.deletedCards, patch.deletedCards, changed, find) as Card[];
  }
  return freeze(next);
}

function spliced(
  cards: Cards,
  { start, remove, insert }: Splice,
  changed: Map<CardId, Card>,
  find: (id: CardId) => Card,
): Cards {
  const next = cards.map((card) => changed.get(card.id) ?? card);
  next.splice(start, remove, ...insert.map(find));
  return next;
}

/** Looks cards up: what moved has changed, so the rest of the view is gone through only if it must be. */
function finder(view: BoardView, changed: Map<CardId, Card>): (id: CardId) => Card {
  let all: Map<CardId, Card> | undefined;
  return (id) => {
    const card = changed.get(id);
    if (card) return card;
    all ??= new Map(
      [...view.columns.flatMap((column) => column.cards), ...view.archivedCards, ...view.deletedCards].map(
        (it) => [it.id, it],
      ),
    );
    return known(all.get(id));
  };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a patch names what the view before it does not have");
  return value;
}
