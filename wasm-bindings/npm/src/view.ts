// Views: plain frozen objects. What did not change is the same object in the next view, so that
// frameworks draw only what did.

import type { BoardView, Card, CardId, Column } from "./model.js";

type Cards = readonly Card[];
type ColumnView = BoardView["columns"][number];

interface Splice {
  start: number;
  remove: number;
  insert: CardId[];
  changed: number[];
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
  columns?: (string | ColumnChange | null)[];
  archivedCards?: Splice;
  deletedCards?: Splice;
}

/** Everything in it, for good. */
export function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  // By names and not by a list of values, which costs as much as all the rest: this is done to every card.
  for (const name in value) {
    const inner = value[name];
    if (typeof inner === "object" && inner !== null) freeze(inner);
  }
  return Object.freeze(value);
}

/** The view that a patch makes of another, frozen as that is. */
export function patched(view: BoardView, patch: Patch): BoardView {
  const changed = new Map(patch.cards.map((card) => [card.id, freeze(card)]));
  const next = { ...view, ...freeze(patch.fields) };
  const source: Source = { changed, left: [view.archivedCards, view.deletedCards] };
  if (patch.columns) next.columns = Object.freeze(columns(view, patch.columns, source));
  if (patch.archivedCards) next.archivedCards = spliced(view.archivedCards, patch.archivedCards, source);
  if (patch.deletedCards) next.deletedCards = spliced(view.deletedCards, patch.deletedCards, source);
  return Object.freeze(next);
}

function columns(view: BoardView, patches: NonNullable<Patch["columns"]>, source: Source): ColumnView[] {
  let byId: Map<string, ColumnView> | undefined;
  const old = (id: string) => (byId ??= new Map(view.columns.map((it) => [it.id, it]))).get(id);
  const changes = patches.filter((it): it is ColumnChange => typeof it === "object" && it !== null);
  source.left.push(...changes.map(({ id }) => old(id)?.cards ?? []));
  return patches.map((patch, index) => {
    if (patch === null) return known(view.columns[index]);
    if (typeof patch === "string") return known(old(patch));
    const before = old(patch.id);
    const cards = spliced(before?.cards ?? [], patch.cards, source);
    return Object.freeze({ ...(freeze(patch.column) ?? known(before)), cards }) as ColumnView;
  });
}

/** Where the cards of a list come from. */
interface Source {
  changed: Map<CardId, Card>;
  /** The lists that become others: what moved unchanged was in one of them. */
  left: Cards[];
  byId?: Map<CardId, Card>;
}

function spliced(cards: Cards, { start, remove, insert, changed }: Splice, source: Source): Cards {
  const next = [...cards];
  next.splice(start, remove, ...insert.map((id) => found(id, source)));
  for (const index of changed) next[index] = known(source.changed.get(known(next[index]).id));
  return Object.freeze(next);
}

function found(id: CardId, source: Source): Card {
  const card = source.changed.get(id);
  if (card) return card;
  source.byId ??= new Map(source.left.flat().map((it) => [it.id, it]));
  return known(source.byId.get(id));
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a patch names what the view before it does not have");
  return value;
}
