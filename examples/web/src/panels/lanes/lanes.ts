// The board cut into rows. The package answers the same question, but with all cards anew each time; here cards
// and their order stay what the view has.

import type { BoardView, Card, ColumnId } from "kanban-crdt/page";
import type { CardTest } from "../../board/search/search.js";
import type { Grouping } from "../filters/filters.js";

export interface Lane {
  /** The person's or label's id; empty for the cards that belong to nobody and nothing. */
  readonly key: string;
  /** None for the cards that belong to no group. */
  readonly name: string | undefined;
  readonly count: number;
  readonly cells: ReadonlyMap<ColumnId, readonly Card[]>;
}

const NO_CARDS: readonly Card[] = [];

export function cardsIn(lane: Lane | undefined, column: ColumnId): readonly Card[] {
  return lane?.cells.get(column) ?? NO_CARDS;
}

/** The people or labels of a card that the board lists. */
export function groupsOf(card: Card, by: Grouping, isGroup: ReadonlySet<string>): readonly string[] {
  return (by === "assignee" ? card.assignees : card.labels).filter((id) => isGroup.has(id));
}

export function groupsOn(view: Pick<BoardView, "members" | "labels">, by: Grouping): ReadonlySet<string> {
  return new Set<string>((by === "assignee" ? view.members : view.labels).map(({ id }) => id));
}

/**
 * A card with two labels is in two lanes. Lanes without cards come last, so that cards can be dropped there;
 * where cards are looked for they are left out.
 */
export function lanesOf(view: BoardView, by: Grouping, passes: CardTest | undefined): readonly Lane[] {
  const isGroup = groupsOn(view, by);
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
      const own = groupsOf(card, by, isGroup);
      if (own.length === 0) put("", column.id, card);
      for (const id of own) put(id, column.id, card);
    }
  }
  const groups = by === "assignee" ? view.members : view.labels;
  const named = groups.map((group) => ({ key: group.id as string, name: group.name || group.colour }));
  const all = [...named, { key: "", name: undefined }].map(({ key, name }): Lane => {
    const lane = cells.get(key) ?? new Map<ColumnId, Card[]>();
    return { key, name, cells: lane, count: [...lane.values()].reduce((sum, cards) => sum + cards.length, 0) };
  });
  const [full, empty] = [all.filter(({ count }) => count > 0), all.filter(({ count }) => count === 0)];
  return passes || view.columns.length === 0 ? full : [...full, ...empty];
}
