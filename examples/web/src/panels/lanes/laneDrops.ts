// What happens while a card is dragged over rows.

import { autoScrollForElements } from "@atlaskit/pragmatic-drag-and-drop-auto-scroll/element";
import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import { dropTargetForElements, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import type { Ref } from "vue";
import type { Card, ColumnId } from "kanban-crdt/page";
import type { BoardContext } from "../../board/context.js";
import { whileMounted } from "../../board/drag/dragging.js";
import { cardBelow } from "../../board/drag/gapsUnder.js";
import { gapAt, isSameGap } from "../../board/gaps.js";
import { laneAt } from "../../board/lift.js";
import type { Moves } from "../../board/moves.js";

type Element = Readonly<Ref<HTMLElement | null>>;
type CellCards = (lane: string, column: ColumnId) => readonly Card[];

export function carryOverCell({ lift }: BoardContext, cell: HTMLElement, pointerY: number, cardsIn: CellCards): void {
  const now = lift.value;
  const [lane, column] = [laneAt(cell), cell.dataset["cell"] as ColumnId | undefined];
  if (now?.what !== "card" || lane === undefined || column === undefined) return;
  const ids = cardsIn(lane, column).flatMap(({ id }) => (now.ids.has(id) ? [] : [id]));
  const next = cardBelow(cell, pointerY, now.ids);
  const at = next === undefined ? -1 : ids.indexOf(next);
  const gap = { lane, column, ...gapAt(ids, at < 0 ? ids.length : at) };
  if (now.gap?.lane === lane && now.gap.column === column && isSameGap(now.gap, gap)) return;
  lift.value = { ...now, gap };
}

/** A cell takes cards. */
export function useCellDrops(cell: Element, context: BoardContext, cardsIn: CellCards): void {
  const { lift } = context;
  const over = (pointerY: number) => cell.value && carryOverCell(context, cell.value, pointerY, cardsIn);

  function left(): void {
    const now = lift.value;
    const isHere = now?.what === "card" && now.gap?.column === cell.value?.dataset["cell"] && now.gap?.lane === laneAt(cell.value);
    if (now?.what === "card" && isHere) lift.value = { ...now, gap: undefined };
  }

  whileMounted(cell, (element) =>
    dropTargetForElements({
      element,
      canDrop: ({ source }) => source.data["what"] === "card",
      onDragEnter: ({ location }) => over(location.current.input.clientY),
      onDrag: ({ location }) => over(location.current.input.clientY),
      onDragLeave: left,
    }),
  );
}

/** Carries out what was dropped on any cell. */
export function useRowDrops(root: Element, context: BoardContext, moves: Moves, cardsIn: CellCards): void {
  whileMounted(root, (element) =>
    combine(
      autoScrollForElements({ element }),
      monitorForElements({
        onDrop: ({ location: { current } }) => {
          const [target] = current.dropTargets;
          // Since the last frame the pointer may have moved on.
          if (target?.element instanceof HTMLElement) carryOverCell(context, target.element, current.input.clientY, cardsIn);
          const lifted = context.lift.value;
          context.lift.value = undefined;
          if (lifted && target) void moves.drop(lifted);
        },
      }),
    ),
  );
}
