// Drags by mouse and finger. What is dragged and where it would land is remembered by id, never by element, so
// that the board may change in every way meanwhile.

import { draggable } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { onBeforeUnmount, onMounted, type Ref } from "vue";
import type { BoardContext } from "../context.js";
import type { Focused } from "../keyboard/focus.js";
import { previewPile } from "./pile.js";

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
  readonly what: () => Focused;
  readonly handle?: Readonly<Ref<HTMLElement | null>>;
}

export function useDraggable(
  element: Readonly<Ref<HTMLElement | null>>,
  { lift, lifted, isReadOnly, naming }: BoardContext,
  { what, handle }: Draggable,
): void {
  whileMounted(element, (element) =>
    draggable({
      element,
      ...(handle?.value && { dragHandle: handle.value }),
      canDrag: () => !isReadOnly.value && naming.value?.id !== what().id,
      getInitialData: () => ({ ...what() }),
      onGenerateDragPreview: (event) => {
        const now = lifted(what(), "pointer", element);
        if (now.what === "card" && now.ids.size > 1) previewPile(event, element, now.ids.size);
      },
      onDragStart: () => {
        lift.value = lifted(what(), "pointer", element);
      },
    }),
  );
}
