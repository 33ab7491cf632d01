// Moves of cards between the cells of rows and columns, by whatever means, said aloud.

import type { CardId, ColumnId } from "kanban-crdt/page";
import { announce } from "../../ui/announcer.js";
import { useWords } from "../../words/index.js";
import type { BoardContext } from "../../board/context.js";
import { gapAt, indexOfGap } from "../../board/gaps.js";
import type { CardGap, CardLift, Lift } from "../../board/lift.js";
import { useMoves, type Direction, type Moves } from "../../board/moves.js";
import { columnOf, placeOf } from "../../board/places.js";
import type { Grouping } from "../filters/filters.js";
import { cardsIn, type Lane } from "./lanes.js";
import { regrouping } from "./regroup.js";

interface Rows {
  readonly by: () => Grouping;
  readonly lanes: () => readonly Lane[];
  /** After a drop by keys, wherever the card is now. */
  readonly focusCard: (id: CardId, lane: string) => Promise<void>;
}

export function useLaneMoves(context: BoardContext, { by, lanes, focusCard }: Rows): Moves {
  const words = useWords();
  const { view, carryOutAndOfferUndo } = context;
  const inColumns = useMoves(context);

  const laneOf = (key: string | undefined) => lanes().find((lane) => lane.key === key);
  const nameOf = (lane: Lane) => lane.name ?? words.filters.noGroup[by()];
  const othersIn = (lane: Lane | undefined, column: ColumnId, { ids }: CardLift) =>
    cardsIn(lane, column).flatMap(({ id }) => (ids.has(id) ? [] : [id]));

  async function drop(lift: Lift): Promise<void> {
    if (lift.what !== "card" || !lift.gap) return;
    const { gap } = lift;
    const lane = laneOf(gap.lane);
    const { cards, commands, isRegrouping } = regrouping(view.value, by(), lift, gap, cardsIn(lane, gap.column));
    const [card] = cards;
    if (!card || !lane) return void announce(words.board.goneMeanwhile);
    const column = columnOf(view.value, gap.column)?.name ?? "";
    const what = cards.length === 1 ? words.filters.oneCard(card.title) : words.filters.cards(cards.length);
    const done = isRegrouping
      ? carryOutAndOfferUndo(commands, regroupedInWords(what, laneOf(lift.lane), lane, column))
      : commands.length > 0 ? inColumns.drop({ ...lift, by: "pointer" }) : undefined;
    if (lift.by === "keys") await focusCard(lift.id, lane.key);
    await done;
  }

  /** Into no row it may stay in others. */
  function regroupedInWords(what: string, from: Lane | undefined, to: Lane, column: string): string {
    return to.key === "" && from ? words.filters.takenOut(what, nameOf(from), column) : words.filters.regrouped(what, nameOf(to), column);
  }

  /** Up and down go through a cell, and on to the next row; left and right to the next column. */
  function stepped(lift: Lift, direction: Direction): Lift | undefined {
    if (lift.what !== "card") return undefined;
    const at = lift.gap ?? ownGap(lift);
    const lane = laneOf(at?.lane);
    if (!at || !lane) return undefined;
    const others = othersIn(lane, at.column, lift);
    const index = indexOfGap(others, at);
    if (direction === "left" || direction === "right") {
      const { columns } = view.value;
      const next = columns[columns.findIndex(({ id }) => id === at.column) + (direction === "left" ? -1 : 1)];
      return next && into(lift, lane, next.id, index);
    }
    const wanted = index + (direction === "up" ? -1 : 1);
    if (wanted >= 0 && wanted <= others.length) return into(lift, lane, at.column, wanted);
    const next = lanes()[lanes().indexOf(lane) + (direction === "up" ? -1 : 1)];
    return next && into(lift, next, at.column, direction === "up" ? Infinity : 0);
  }

  function into(lift: CardLift, lane: Lane, column: ColumnId, index: number): CardLift {
    const others = othersIn(lane, column, lift);
    return { ...lift, gap: { lane: lane.key, column, ...gapAt(others, Math.min(index, others.length)) } };
  }

  function ownGap(lift: CardLift): CardGap | undefined {
    const column = placeOf(view.value, lift.id)?.column.id;
    const holds = (lane: Lane) => column !== undefined && cardsIn(lane, column).some(({ id }) => id === lift.id);
    const lane = laneOf(lift.lane) ?? lanes().find(holds);
    if (column === undefined || !lane) return undefined;
    const cards = cardsIn(lane, column);
    const above = cards.slice(0, cards.findIndex(({ id }) => id === lift.id)).filter(({ id }) => !lift.ids.has(id)).length;
    return { lane: lane.key, column, ...gapAt(othersIn(lane, column, lift), above) };
  }

  function placeInWords(lift: Lift): string {
    if (lift.what !== "card" || !lift.gap) return "";
    const lane = laneOf(lift.gap.lane);
    const column = columnOf(view.value, lift.gap.column);
    if (!lane || !column) return words.board.goneMeanwhile;
    const others = othersIn(lane, column.id, lift);
    const place = words.board.overPlace(column.name, indexOfGap(others, lift.gap) + 1, others.length + lift.ids.size);
    return words.filters.inRow(nameOf(lane), place);
  }

  return { drop, stepped, placeInWords };
}
