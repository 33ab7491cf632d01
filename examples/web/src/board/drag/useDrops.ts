// What happens while something is dragged over the board, and when it is dropped.

import { autoScrollForElements } from "@atlaskit/pragmatic-drag-and-drop-auto-scroll/element";
import { dropTargetForElements, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import type { Ref } from "vue";
import type { Card, CardId, ColumnId } from "kanban-crdt";
import type { BoardContext } from "../context.js";
import { gapAt, isSameGap } from "../gaps.js";
import type { Lift } from "../lift.js";
import type { Moves } from "../moves.js";
import { whileMounted } from "./dragging.js";

/** A column takes cards. */
export function useCardDrops(
  section: Readonly<Ref<HTMLElement | null>>,
  scroller: Readonly<Ref<HTMLElement | null>>,
  { lift }: BoardContext,
  column: { id: () => ColumnId; shown: () => readonly Card[] },
): void {
  function over(pointerY: number): void {
    const now = lift.value;
    if (now?.what !== "card" || !scroller.value) return;
    const before = cardBelow(scroller.value, pointerY, now.id);
    const ids = column.shown().flatMap(({ id }) => (id === now.id ? [] : [id]));
    const at = before === undefined ? ids.length : ids.indexOf(before);
    const gap = { column: column.id(), ...gapAt(ids, at < 0 ? ids.length : at) };
    if (now.gap?.column === gap.column && isSameGap(now.gap, gap)) return;
    lift.value = { ...now, gap };
  }

  function left(): void {
    const now = lift.value;
    if (now?.what === "card" && now.gap?.column === column.id()) lift.value = { ...now, gap: undefined };
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

/** The first card whose middle is below the pointer, of those that are drawn. */
function cardBelow(scroller: HTMLElement, pointerY: number, moving: CardId): CardId | undefined {
  const below = [...scroller.querySelectorAll<HTMLElement>("[data-card]")]
    .filter((item) => item.dataset["card"] !== moving)
    .map((item) => ({ id: item.dataset["card"] as CardId, box: item.getBoundingClientRect() }))
    .filter(({ box }) => pointerY < box.top + box.height / 2);
  return below.sort((one, other) => one.box.top - other.box.top)[0]?.id;
}

/** The row of columns takes columns, and carries out what was dropped anywhere. */
export function useBoardDrops(row: Readonly<Ref<HTMLElement | null>>, { lift, view }: BoardContext, moves: Moves): void {
  function over(pointerX: number): void {
    const now = lift.value;
    if (now?.what !== "column" || !row.value) return;
    const others = [...row.value.querySelectorAll<HTMLElement>("[data-column]")].filter(
      (section) => section.dataset["column"] !== now.id,
    );
    const next = others.find((section) => {
      const { left, width } = section.getBoundingClientRect();
      return pointerX < left + width / 2;
    });
    const ids = view.value.columns.flatMap(({ id }) => (id === now.id ? [] : [id]));
    const at = next ? ids.indexOf(next.dataset["column"] as ColumnId) : ids.length;
    const gap = gapAt(ids, at < 0 ? ids.length : at);
    if (now.gap && isSameGap(now.gap, gap)) return;
    lift.value = { ...now, gap };
  }

  function dropped(isOnTarget: boolean): void {
    const lifted: Lift | undefined = lift.value;
    lift.value = undefined;
    if (lifted && isOnTarget) void moves.drop(lifted);
  }

  whileMounted(row, (element) =>
    combine(
      dropTargetForElements({ element, canDrop: ({ source }) => source.data["what"] === "column" }),
      autoScrollForElements({ element }),
      monitorForElements({
        onDrag: ({ location, source }) => {
          if (source.data["what"] === "column") over(location.current.input.clientX);
        },
        onDrop: ({ location }) => dropped(location.current.dropTargets.length > 0),
      }),
    ),
  );
}
