// What people did on a board, the latest first, as far back as was asked for.

import type { Activity, Board, Heads } from "kanban-crdt/page";
import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from "vue";
import { whileOpen } from "../whileOpen.js";

/** A hundred take some 30 ms on a board of 10,000 cards. */
const PAGE = 100;
const ASKED_AFTER_MS = 200;

export interface Activities {
  readonly all: Readonly<ShallowRef<readonly Activity[]>>;
  /** Whether the first answer is here. */
  readonly isLoaded: Readonly<ShallowRef<boolean>>;
  readonly hasEarlier: Readonly<ShallowRef<boolean>>;
  readonly loadEarlier: () => void;
}

export function useActivities(board: Board, since: Readonly<Ref<Heads | undefined>>): Activities {
  const all = shallowRef<readonly Activity[]>([]);
  const hasEarlier = shallowRef(false);
  const isLoaded = shallowRef(false);
  let limit = PAGE;
  let asking: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  async function look(): Promise<void> {
    const mine = (asked += 1);
    const query = { limit: limit + 1, ...(since.value && { since: since.value }) };
    const found = await whileOpen(() => board.ask({ type: "activities", query }));
    // Another question has overtaken this one.
    if (!found || mine !== asked) return;
    isLoaded.value = true;
    hasEarlier.value = found.length > limit;
    all.value = found.slice(0, limit);
  }

  const ask = () => void look().catch(reportError);

  watch(since, ask, { immediate: true });
  const stop = board.subscribe(() => {
    clearTimeout(asking);
    asking = setTimeout(ask, ASKED_AFTER_MS);
  });
  onScopeDispose(() => {
    stop();
    clearTimeout(asking);
  });

  return {
    all,
    isLoaded,
    hasEarlier,
    loadEarlier: () => {
      limit += PAGE * 2;
      ask();
    },
  };
}
