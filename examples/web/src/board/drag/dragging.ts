// Drags by mouse and finger. What is dragged and where it would land is remembered by id, never by element, so
// that the board may change in every way meanwhile.

import { draggable } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { onBeforeUnmount, onMounted, type Ref } from "vue";
import type { CardId, ColumnId } from "kanban-crdt";
import type { BoardContext } from "../context.js";

type Ending = () => void;

/** Sets something up for an element while there is one. */
export function whileMounted(element: Readonly<Ref<HTMLElement | null>>, begin: (element: HTMLElement) => Ending): void {
  let end: Ending | undefined;
  onMounted(() => {
    if (element.value) end = begin(element.value);
  });
  onBeforeUnmount(() => end?.());
}

interface Draggable {
  readonly what: "card" | "column";
  readonly id: () => CardId | ColumnId;
  readonly handle?: Readonly<Ref<HTMLElement | null>>;
}

export function useDraggable(
  element: Readonly<Ref<HTMLElement | null>>,
  { lift, isReadOnly, naming }: BoardContext,
  { what, id, handle }: Draggable,
): void {
  whileMounted(element, (element) =>
    draggable({
      element,
      ...(handle?.value && { dragHandle: handle.value }),
      canDrag: () => !isReadOnly.value && naming.value?.id !== id(),
      getInitialData: () => ({ what, id: id() }),
      onDragStart: () => {
        lift.value = what === "card" ? { what, id: id() as CardId, by: "pointer" } : { what, id: id() as ColumnId, by: "pointer" };
      },
    }),
  );
}
