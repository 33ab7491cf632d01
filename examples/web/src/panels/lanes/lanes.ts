// The board cut into rows. The package answers the same question, but with all cards anew each time; here cards
// and their order stay what the view has.

import type { BoardView, Card, ColumnId } from "kanban-crdt";
import type { CardTest } from "../../board/search/search.js";
import type { Grouping } from "../filters/filters.js";

export interface Lane {
  readonly key: string;
  /** None for the cards that belong to no group. */
  readonly name: string | undefined;
  readonly count: number;
  readonly cells: ReadonlyMap<ColumnId, readonly Card[]>;
}

/** A card with two labels is in two lanes. Lanes without cards are left out. */
export function lanesOf(view: BoardView, by: Grouping, passes: CardTest | undefined): readonly Lane[] {
  const groups = by === "assignee" ? view.members : view.labels;
  const isGroup = new Set<string>(groups.map(({ id }) => id));
  const cells = new Map<string, Map<ColumnId, Card[]>>();
  const put = (group: string, column: ColumnId, card: Card) => {
    const lane = cells.get(group) ?? new Map<ColumnId, Card[]>();
    cells.set(group, lane);
    const cell = lane.get(column);
    if (cell) cell.push(card);
    else lane.set(column, [card]);
  };
  for (const column of view.columns) {
    for (const card of column.cards) {
      if (passes && !passes(card)) continue;
      const own = (by === "assignee" ? card.assignees : card.labels).filter((id) => isGroup.has(id));
      if (own.length === 0) put("", column.id, card);
      for (const id of own) put(id, column.id, card);
    }
  }
  const named = groups.map((group) => ({ key: group.id as string, name: group.name || group.colour }));
  return [...named, { key: "", name: undefined }].flatMap(({ key, name }) => {
    const lane = cells.get(key);
    if (!lane) return [];
    const count = [...lane.values()].reduce((sum, cards) => sum + cards.length, 0);
    return [{ key, name, count, cells: lane }];
  });
}
