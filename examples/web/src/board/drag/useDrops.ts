// What happens while something is dragged by mouse over the board, and when it is dropped.

import { autoScrollForElements } from "@atlaskit/pragmatic-drag-and-drop-auto-scroll/element";
import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import { dropTargetForElements, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import type { DragLocation } from "@atlaskit/pragmatic-drag-and-drop/types";
import type { Ref } from "vue";
import type { BoardContext } from "../context.js";
import { isSameGap } from "../gaps.js";
import type { Moves } from "../moves.js";
import { whileMounted } from "./dragging.js";
import { cardGapUnder, columnGapUnder } from "./gapsUnder.js";

type Element = Readonly<Ref<HTMLElement | null>>;

/** A column takes cards. */
export function useCardDrops(section: Element, scroller: Element, context: BoardContext): void {
  const { lift } = context;

  function over(pointerY: number): void {
    if (section.value) carryCardOver(context, section.value, pointerY);
  }

  function left(): void {
    const now = lift.value;
    if (now?.what === "card" && now.gap?.column === section.value?.dataset["column"]) lift.value = { ...now, gap: undefined };
  }

  const isCard = ({ source }: { source: { data: Record<string, unknown> } }) => source.data["what"] === "card";
  whileMounted(section, (element) =>
    combine(
      dropTargetForElements({
        element,
        canDrop: isCard,
        getIsSticky: () => true,
        onDragEnter: ({ location }) => over(location.current.input.clientY),
        onDrag: ({ location }) => over(location.current.input.clientY),
        onDragLeave: left,
      }),
      scroller.value ? autoScrollForElements({ element: scroller.value, canScroll: isCard }) : () => {},
    ),
  );
}

export function carryCardOver(context: BoardContext, section: HTMLElement, pointerY: number): void {
  const now = context.lift.value;
  if (now?.what !== "card") return;
  const gap = cardGapUnder(context, section, pointerY, now.ids);
  if (now.gap && now.gap.column === gap?.column && isSameGap(now.gap, gap)) return;
  context.lift.value = { ...now, gap };
}

export function carryColumnOver(context: BoardContext, row: HTMLElement, pointerX: number): void {
  const now = context.lift.value;
  if (now?.what !== "column") return;
  const gap = columnGapUnder(context, row, pointerX, now.id);
  if (!now.gap || !isSameGap(now.gap, gap)) context.lift.value = { ...now, gap };
}

/** The row of columns takes columns, and carries out what was dropped anywhere. */
export function useBoardDrops(row: Element, context: BoardContext, moves: Moves): void {
  function dropped({ dropTargets: [target], input }: DragLocation): void {
    // Since the last frame the pointer may have moved on.
    if (row.value) carryColumnOver(context, row.value, input.clientX);
    if (target?.element instanceof HTMLElement) carryCardOver(context, target.element, input.clientY);
    const lifted = context.lift.value;
    context.lift.value = undefined;
    if (lifted && target) void moves.drop(lifted);
  }

  whileMounted(row, (element) =>
    combine(
      dropTargetForElements({ element, canDrop: ({ source }) => source.data["what"] === "column" }),
      autoScrollForElements({ element }),
      monitorForElements({
        onDrag: ({ location }) => carryColumnOver(context, element, location.current.input.clientX),
        onDrop: ({ location }) => dropped(location.current),
      }),
    ),
  );
}
