// Moves of cards and columns, by whatever means, said aloud.

import type { Card, CardId, ColumnId, Command, Slot } from "kanban-crdt/page";
import { announce } from "../ui/announcer.js";
import { useWords } from "../words/index.js";
import type { BoardContext } from "./context.js";
import { gapAt, indexOfGap, slotOf, type Gap } from "./gaps.js";
import type { CardGap, CardLift, ColumnLift, Lift } from "./lift.js";
import { columnOf, placeOf, type ColumnView } from "./places.js";

export type Direction = "up" | "down" | "left" | "right";

export interface Moves {
  /** Carries out what is lifted, where it would land. */
  readonly drop: (lift: Lift) => Promise<void>;
  /** Where it would land one step further; none at the edge of the board. */
  readonly stepped: (lift: Lift, direction: Direction) => Lift | undefined;
  readonly placeInWords: (lift: Lift) => string;
}

const idsWithout = <Id>(all: readonly { id: Id }[], moving: ReadonlySet<Id>) =>
  all.flatMap(({ id }) => (moving.has(id) ? [] : [id]));

/** Into a gap of a column, in the order they are in; nothing if that is where they stand. */
export function movesInto(column: ColumnView, ids: readonly CardId[], gap: CardGap): readonly Command[] {
  const others = idsWithout(column.cards, new Set(ids));
  const index = indexOfGap(others, gap);
  const wanted = [...others.slice(0, index), ...ids, ...others.slice(index)];
  const isThere = wanted.length === column.cards.length && wanted.every((id, at) => column.cards[at]?.id === id);
  if (isThere) return [];
  const slot = (at: number): Slot<CardId> => (at === 0 ? slotOf(others, gap) : { after: ids[at - 1] as CardId });
  return ids.map((card, at) => ({ type: "moveCard", card, column: column.id, to: slot(at) }));
}

export function useMoves({ view, search, carryOut, carryOutAndOfferUndo, focus }: BoardContext): Moves {
  const words = useWords();

  const shownIn = ({ cards }: ColumnView): readonly Card[] =>
    search.value ? cards.filter(search.value.matches) : cards;

  async function dropCards({ ids, by, id }: CardLift, gap: CardGap): Promise<void> {
    const column = columnOf(view.value, gap.column);
    const present = [...ids].filter((it) => placeOf(view.value, it));
    if (!column || present.length === 0) return void announce(words.board.goneMeanwhile);
    const commands = movesInto(column, present, gap);
    const text = words.select.moved(present.length, column.name);
    const done = present.length > 1 && commands.length > 0 ? carryOutAndOfferUndo(commands, text) : allOf(commands);
    if (by === "keys") await focus.card(id);
    if ((await done) && present.length === 1) tellPlace(present[0] as CardId);
  }

  async function allOf(commands: readonly Command[]): Promise<boolean> {
    for (const command of commands) if (!(await carryOut(command))) return false;
    return true;
  }

  function tellPlace(id: CardId): void {
    const now = placeOf(view.value, id);
    if (!now) return;
    const { index, card, column } = now;
    announce(words.board.cardMoved(card.title, column.name, index + 1, column.cards.length));
  }

  async function dropColumn(id: ColumnId, gap: Gap<ColumnId>): Promise<void> {
    const from = view.value.columns.findIndex((column) => column.id === id);
    if (from < 0) return void announce(words.board.goneMeanwhile);
    const ids = idsWithout(view.value.columns, new Set([id]));
    if (indexOfGap(ids, gap) !== from && !(await carryOut({ type: "moveColumn", column: id, to: slotOf(ids, gap) }))) return;
    const at = view.value.columns.findIndex((column) => column.id === id);
    const name = view.value.columns[at]?.name ?? "";
    announce(words.board.columnMoved(name, at + 1, view.value.columns.length));
  }

  async function drop(lift: Lift): Promise<void> {
    if (!lift.gap) return;
    if (lift.what === "card") await dropCards(lift, lift.gap);
    else await dropColumn(lift.id, lift.gap);
  }

  function steppedCard(lift: CardLift, direction: Direction): CardLift | undefined {
    const place = placeOf(view.value, lift.id);
    const column = (lift.gap && columnOf(view.value, lift.gap.column)) ?? place?.column;
    if (!place || !column) return undefined;
    const others = idsWithout(shownIn(column), lift.ids);
    const index = lift.gap ? indexOfGap(others, lift.gap) : ownIndex(place.column, lift);
    if (direction === "up" || direction === "down") {
      const next = index + (direction === "up" ? -1 : 1);
      return next < 0 || next > others.length ? undefined : { ...lift, gap: { column: column.id, ...gapAt(others, next) } };
    }
    const { columns } = view.value;
    const there = columns[columns.indexOf(column) + (direction === "left" ? -1 : 1)];
    if (!there) return undefined;
    const ids = idsWithout(shownIn(there), lift.ids);
    return { ...lift, gap: { column: there.id, ...gapAt(ids, Math.min(index, ids.length)) } };
  }

  /** How many of those that stay stand above it. */
  function ownIndex(column: ColumnView, { id, ids }: CardLift): number {
    const shown = shownIn(column);
    const at = shown.findIndex((card) => card.id === id);
    return shown.slice(0, Math.max(0, at)).filter((card) => !ids.has(card.id)).length;
  }

  function steppedColumn(lift: ColumnLift, direction: Direction): ColumnLift | undefined {
    if (direction === "up" || direction === "down") return undefined;
    const ids = idsWithout(view.value.columns, new Set([lift.id]));
    const own = view.value.columns.findIndex((column) => column.id === lift.id);
    const next = (lift.gap ? indexOfGap(ids, lift.gap) : own) + (direction === "left" ? -1 : 1);
    return next < 0 || next > ids.length ? undefined : { ...lift, gap: gapAt(ids, next) };
  }

  function placeInWords(lift: Lift): string {
    if (!lift.gap) return "";
    if (lift.what === "column") {
      const ids = idsWithout(view.value.columns, new Set([lift.id]));
      return words.board.overColumnPlace(indexOfGap(ids, lift.gap) + 1, ids.length + 1);
    }
    const column = columnOf(view.value, lift.gap.column);
    if (!column) return words.board.goneMeanwhile;
    const ids = idsWithout(shownIn(column), lift.ids);
    return words.board.overPlace(column.name, indexOfGap(ids, lift.gap) + 1, ids.length + lift.ids.size);
  }

  return {
    drop,
    stepped: (lift, direction) => (lift.what === "card" ? steppedCard(lift, direction) : steppedColumn(lift, direction)),
    placeInWords,
  };
}
