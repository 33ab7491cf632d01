// A board in a worker answers some milliseconds after a drop; shown as it was until then, what was dropped would
// jump back, and a step that is asked for twice would be made once.

import type { BoardView, Command } from "kanban-crdt/page";
import { computed, shallowRef, watch, type Ref } from "vue";
import { after } from "./ahead.js";

/** Commands that have been given and are not on the board yet. */
export function useAhead(now: Readonly<Ref<BoardView>>) {
  const underWay = shallowRef<readonly Command[]>([]);

  // What is there is decided: from then on somebody else's next move is shown, even if the answer takes longer.
  watch(now, (view) => {
    if (underWay.value.length > 0) underWay.value = underWay.value.filter((command) => after(view, command) !== view);
  });

  async function during<T>(command: Command, change: () => Promise<T>): Promise<T> {
    underWay.value = [...underWay.value, command];
    try {
      return await change();
    } finally {
      underWay.value = underWay.value.filter((it) => it !== command);
    }
  }

  return { view: computed(() => underWay.value.reduce(after, now.value)), during };
}
