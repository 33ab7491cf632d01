// Moves of cards and columns, by whatever means, said aloud.

import type { Card, CardId, ColumnId, Command } from "kanban-crdt";
import { announce } from "../ui/announcer.js";
import { useWords } from "../words/index.js";
import type { BoardContext } from "./context.js";
import { gapAt, indexOfGap, slotOf } from "./gaps.js";
import type { CardGap, Lift } from "./lift.js";
import { columnOf, placeOf, type ColumnView } from "./places.js";

export type Direction = "up" | "down" | "left" | "right";

export interface Moves {
  /** Carries out what is lifted, where it would land. */
  readonly drop: (lift: Lift) => Promise<void>;
  /** Where a card would land one step further; none at the edge of the board. */
  readonly stepped: (id: CardId, from: CardGap | undefined, direction: Direction) => CardGap | undefined;
  readonly steppedColumn: (id: ColumnId, from: Lift, direction: Direction) => Lift | undefined;
  readonly placeInWords: (id: CardId, gap: CardGap) => string;
  readonly columnPlaceInWords: (lift: Lift) => string;
}

const idsWithout = <Id>(all: readonly { id: Id }[], moving: Id) =>
  all.flatMap(({ id }) => (id === moving ? [] : [id]));

export function useMoves({ view, search, carryOut, focus }: BoardContext): Moves {
  const words = useWords();

  const shownIn = ({ cards }: ColumnView): readonly Card[] =>
    search.value ? cards.filter(search.value.matches) : cards;

  async function dropCard(id: CardId, gap: CardGap): Promise<void> {
    const column = columnOf(view.value, gap.column);
    const from = placeOf(view.value, id);
    if (!column || !from) return void announce(words.board.goneMeanwhile);
    const ids = idsWithout(column.cards, id);
    const isThere = from.column.id === column.id && indexOfGap(ids, gap) === from.index;
    const moved: Command = { type: "moveCard", card: id, column: column.id, to: slotOf(ids, gap) };
    if (!isThere && !(await carryOut(moved))) return;
    const now = placeOf(view.value, id);
    if (!now) return;
    const { index, card } = now;
    announce(words.board.cardMoved(card.title, now.column.name, index + 1, now.column.cards.length));
  }

  async function dropColumn(id: ColumnId, gap: NonNullable<Extract<Lift, { what: "column" }>["gap"]>): Promise<void> {
    const from = view.value.columns.findIndex((column) => column.id === id);
    if (from < 0) return void announce(words.board.goneMeanwhile);
    const ids = idsWithout(view.value.columns, id);
    if (indexOfGap(ids, gap) !== from && !(await carryOut({ type: "moveColumn", column: id, to: slotOf(ids, gap) }))) return;
    const at = view.value.columns.findIndex((column) => column.id === id);
    const name = view.value.columns[at]?.name ?? "";
    announce(words.board.columnMoved(name, at + 1, view.value.columns.length));
  }

  async function drop(lift: Lift): Promise<void> {
    if (!lift.gap) return;
    if (lift.what === "card") {
      const done = dropCard(lift.id, lift.gap as CardGap);
      if (lift.by === "keys") await focus.card(lift.id);
      await done;
    } else {
      await dropColumn(lift.id, lift.gap);
    }
  }

  function stepped(id: CardId, from: CardGap | undefined, direction: Direction): CardGap | undefined {
    const place = placeOf(view.value, id);
    const { columns } = view.value;
    const column = (from && columnOf(view.value, from.column)) ?? place?.column;
    if (!place || !column) return undefined;
    const ids = idsWithout(shownIn(column), id);
    const ownIndex = idsBefore(shownIn(place.column), id);
    const index = from ? indexOfGap(ids, from) : ownIndex;
    if (direction === "up" || direction === "down") {
      const next = index + (direction === "up" ? -1 : 1);
      return next < 0 || next > ids.length ? undefined : { column: column.id, ...gapAt(ids, next) };
    }
    const there = columns[columns.indexOf(column) + (direction === "left" ? -1 : 1)];
    if (!there) return undefined;
    const others = idsWithout(shownIn(there), id);
    return { column: there.id, ...gapAt(others, Math.min(index, others.length)) };
  }

  function steppedColumn(id: ColumnId, from: Lift, direction: Direction): Lift | undefined {
    if (from.what !== "column" || direction === "up" || direction === "down") return undefined;
    const ids = idsWithout(view.value.columns, id);
    const own = view.value.columns.findIndex((column) => column.id === id);
    const next = (from.gap ? indexOfGap(ids, from.gap) : own) + (direction === "left" ? -1 : 1);
    return next < 0 || next > ids.length ? undefined : { ...from, gap: gapAt(ids, next) };
  }

  function placeInWords(id: CardId, gap: CardGap): string {
    const column = columnOf(view.value, gap.column);
    if (!column) return words.board.goneMeanwhile;
    const ids = idsWithout(shownIn(column), id);
    return words.board.overPlace(column.name, indexOfGap(ids, gap) + 1, ids.length + 1);
  }

  function columnPlaceInWords({ id, gap, what }: Lift): string {
    if (what !== "column" || !gap) return "";
    const ids = idsWithout(view.value.columns, id);
    return words.board.overColumnPlace(indexOfGap(ids, gap) + 1, ids.length + 1);
  }

  return { drop, stepped, steppedColumn, placeInWords, columnPlaceInWords };
}

function idsBefore(cards: readonly Card[], id: CardId): number {
  return Math.max(0, cards.findIndex((card) => card.id === id));
}
