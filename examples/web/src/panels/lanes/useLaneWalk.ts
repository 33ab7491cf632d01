// The focus on a board in rows: on a card in one of the rows that it is in.

import { nextTick, type Ref } from "vue";
import type { CardId, ColumnId } from "kanban-crdt/page";
import type { BoardContext } from "../../board/context.js";
import type { Focused } from "../../board/keyboard/focus.js";
import type { Arrow } from "../../board/keyboard/neighbours.js";
import { laneAt } from "../../board/lift.js";
import { cardsIn, type Lane } from "./lanes.js";
import { neighbourInRows } from "./neighbours.js";

interface Page {
  readonly root: Readonly<Ref<HTMLElement | null>>;
  readonly lanes: () => readonly Lane[];
  /** How many cards of a cell are drawn. */
  readonly limitOf: (lane: Lane, column: ColumnId) => number;
}

export function useLaneWalk({ view, focus }: BoardContext, { root, lanes, limitOf }: Page) {
  const bringing = new Map<string, () => void>();

  function brings(lane: string, bring: () => void): () => void {
    bringing.set(lane, bring);
    return () => bringing.get(lane) === bring && bringing.delete(lane);
  }

  async function focusCard(id: CardId, lane: string): Promise<void> {
    bringing.get(lane)?.();
    await nextTick();
    const card = `[data-lane="${CSS.escape(lane)}"] [data-card="${CSS.escape(id)}"] [data-focus]`;
    const element = root.value?.querySelector<HTMLElement>(card);
    if (!element) return focus.card(id);
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function go(at: Focused | undefined, arrow: Arrow): Focused | undefined {
    const lane = laneAt(document.activeElement) ?? lanes().find((it) => holds(it, at))?.key;
    const drawn = {
      lanes: lanes(),
      columns: view.value.columns.map(({ id }) => id),
      drawn: (row: Lane, column: ColumnId) => cardsIn(row, column).slice(0, limitOf(row, column)),
    };
    const from = at?.what === "card" && lane !== undefined ? { lane, id: at.id } : undefined;
    const next = neighbourInRows(drawn, from, arrow);
    if (!next) return undefined;
    void focusCard(next.id, next.lane);
    return { what: "card", id: next.id };
  }

  const holds = ({ cells }: Lane, at: Focused | undefined) =>
    [...cells.values()].some((cards) => cards.some(({ id }) => id === at?.id));

  return { focusCard, go, brings };
}
