// What of one's own can be taken back, or done again, at the moment.

import type { Board } from "kanban-crdt/page";
import { onScopeDispose, readonly, ref, type Ref } from "vue";
import { whileOpen } from "../whileOpen.js";

/** On a large board the answer takes a while, so it is asked once for many changes. */
const ASKED_AFTER_MS = 120;

export function useUndoable(board: Board): { canUndo: Readonly<Ref<boolean>>; canRedo: Readonly<Ref<boolean>> } {
  const canUndo = ref(false);
  const canRedo = ref(false);
  let asking: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    const all = [board.ask({ type: "undoable" }), board.ask({ type: "canRedo" })] as const;
    const [undoable, redoable] = (await whileOpen(() => Promise.all(all))) ?? [[], false];
    canUndo.value = undoable.length > 0;
    canRedo.value = redoable;
  }

  function askSoon(): void {
    clearTimeout(asking);
    asking = setTimeout(() => ask().catch(reportError), ASKED_AFTER_MS);
  }

  askSoon();
  const stop = board.subscribe(askSoon);
  onScopeDispose(() => {
    stop();
    clearTimeout(asking);
  });
  return { canUndo: readonly(canUndo), canRedo: readonly(canRedo) };
}
