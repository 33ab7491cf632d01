// What a drop in a row does: a card gets what the row stands for instead of what its own row stood for, and moves.

import type { BoardView, Card, CardId, Command, LabelId, MemberId } from "kanban-crdt/page";
import type { CardGap, CardLift } from "../../board/lift.js";
import { movesInto } from "../../board/moves.js";
import { columnOf, placeOf } from "../../board/places.js";
import type { Grouping } from "../filters/filters.js";
import { groupsOf, groupsOn } from "./lanes.js";

const given = (card: CardId, by: Grouping, id: string): Command =>
  by === "assignee" ? { type: "assign", card, member: id as MemberId } : { type: "addLabel", card, label: id as LabelId };

const taken = (card: CardId, by: Grouping, id: string): Command =>
  by === "assignee" ? { type: "unassign", card, member: id as MemberId } : { type: "removeLabel", card, label: id as LabelId };

/** Of cards from other rows, which came along, only one that is in a single row leaves it. */
function regrouped(card: Card, by: Grouping, from: string | undefined, to: string, isGroup: ReadonlySet<string>): readonly Command[] {
  const own = groupsOf(card, by, isGroup);
  const only = own.length === 1 ? own[0] : undefined;
  const left = from !== undefined && own.includes(from) ? from : only;
  if (left === to) return [];
  return [
    ...(left === undefined ? [] : [taken(card.id, by, left)]),
    ...(to === "" || own.includes(to) ? [] : [given(card.id, by, to)]),
  ];
}

export interface Regrouping {
  readonly cards: readonly Card[];
  readonly commands: readonly Command[];
  /** Whether any goes to another row. */
  readonly isRegrouping: boolean;
}

/** `cell` is what stands there now. */
export function regrouping(view: BoardView, by: Grouping, lift: CardLift, gap: CardGap, cell: readonly Card[]): Regrouping {
  const column = columnOf(view, gap.column);
  const cards = [...lift.ids].flatMap((id) => placeOf(view, id)?.card ?? []);
  if (!column) return { cards: [], commands: [], isRegrouping: false };
  const isGroup = groupsOn(view, by);
  const isSameLane = gap.lane === undefined || gap.lane === lift.lane;
  const changes = isSameLane && cards.length === 1 ? [] : cards.flatMap((card) => regrouped(card, by, lift.lane, gap.lane ?? "", isGroup));
  const ids = cards.map(({ id }) => id);
  // In a cell without other cards they stay where they are in the column, if that is the same.
  const isFree = gap.after === undefined && gap.before === undefined && cards.every((card) => card.column === column.id);
  const isThere = isFree || movesInto({ ...column, cards: cell }, ids, gap).length === 0;
  const moves = isThere ? [] : movesInto(column, ids, gap);
  return { cards, commands: [...changes, ...moves], isRegrouping: changes.length > 0 };
}
