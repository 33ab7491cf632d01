// What of one's own can be taken back, or done again, at the moment.

import type { Board } from "kanban-crdt";
import { onScopeDispose, readonly, ref, type Ref } from "vue";
import { whileOpen } from "../whileOpen.js";

/** On a large board the answer takes a while, so it is asked once for many changes. */
const ASKED_AFTER_MS = 120;

export function useUndoable(board: Board): { canUndo: Readonly<Ref<boolean>>; canRedo: Readonly<Ref<boolean>> } {
  const canUndo = ref(false);
  const canRedo = ref(false);
  let asking: ReturnType<typeof setTimeout> | undefined;

  function ask(): void {
    canUndo.value = (whileOpen(() => board.ask({ type: "undoable" }).length) ?? 0) > 0;
    canRedo.value = whileOpen(() => board.ask({ type: "canRedo" })) ?? false;
  }

  function askSoon(): void {
    clearTimeout(asking);
    asking = setTimeout(ask, ASKED_AFTER_MS);
  }

  askSoon();
  const stop = board.subscribe(askSoon);
  onScopeDispose(() => {
    stop();
    clearTimeout(asking);
  });
  return { canUndo: readonly(canUndo), canRedo: readonly(canRedo) };
}
