// The moments at which a board was changed, and the board as it was at one of them.

import { KanbanError, type Board, type BoardView, type Heads, type Timestamp } from "kanban-crdt/page";
import { computed, onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from "vue";
import { useNotices } from "../../ui/notices.js";
import { useWords } from "../../words/index.js";
import { problemInWords } from "../../board/problems.js";
import { useActivities } from "./useActivities.js";

/** A large board takes half a second to be shown as it was, so a slider that is being moved waits. */
const SHOWN_AFTER_MS = 160;

export interface Past {
  readonly at: Timestamp;
  readonly heads: Heads;
  readonly view: BoardView;
}

export interface Moments {
  /** The oldest first; changes of one second are one moment. */
  readonly moments: Readonly<Ref<readonly Timestamp[]>>;
  readonly past: Readonly<ShallowRef<Past | undefined>>;
  readonly hasEarlier: Readonly<ShallowRef<boolean>>;
  readonly loadEarlier: () => void;
}

export function useMoments(board: Board, at: Readonly<Ref<Timestamp>>): Moments {
  const words = useWords();
  const { tell } = useNotices();
  const { all, hasEarlier, loadEarlier } = useActivities(board, shallowRef());
  const moments = computed(() => [...new Set([...all.value.map((it) => it.at), at.value])].sort((one, other) => one - other));
  const past = shallowRef<Past>();
  let showing: ReturnType<typeof setTimeout> | undefined;

  async function show(): Promise<void> {
    const wanted = at.value;
    try {
      const heads = await board.ask({ type: "headsAt", at: wanted });
      if (wanted !== at.value) return;
      const view = await board.ask({ type: "viewAt", heads });
      // The slider may have been moved on.
      if (wanted === at.value) past.value = { at: wanted, heads, view };
    } catch (thrown) {
      tell(problemInWords(KanbanError.of(thrown), words.board), { tone: "problem" });
    }
  }

  void show();
  watch(at, () => {
    clearTimeout(showing);
    showing = setTimeout(() => void show(), SHOWN_AFTER_MS);
  });
  onScopeDispose(() => clearTimeout(showing));
  return { moments, past, hasEarlier, loadEarlier };
}
