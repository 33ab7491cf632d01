import type { Status } from "kanban-crdt/page";
import { computed, onScopeDispose, readonly, ref, watch, type Ref } from "vue";
import { api, type Role } from "../../session/api.js";
import { boardList } from "../../session/list.js";
import { isKind } from "../../session/problem.js";
import { session } from "../../session/session.js";

const LOOK_MS = 20_000;
/** Whoever may only read is waiting to be let in. */
const LOOK_AS_READER_MS = 4_000;
const PAUSE_MS = 400;

export interface Access {
  readonly role: Readonly<Ref<Role | undefined>>;
  /** How the relay's lists call the board. */
  readonly title: Readonly<Ref<string | undefined>>;
  /** The relay had this board for us, and has no more. */
  readonly isTakenAway: Readonly<Ref<boolean>>;
}

/**
 * What I may do with a board. The status of a board that is open does not say when it was deleted or is no
 * longer shared with us, so the relay is asked: whenever the status changes, and now and then.
 */
export function useAccess(boardId: () => string, status: Readonly<Ref<Status>>, isGuest: boolean): Access {
  const isTakenAway = ref(false);
  const entry = computed(() => boardList.entryOf(boardId()));
  let asking: ReturnType<typeof setTimeout> | undefined;

  const isAsked = () => !isGuest && session.person.value !== undefined && session.person.value.mode !== "open";

  async function look(): Promise<void> {
    if (!isAsked() || session.isEnded.value || !status.value.isReady) return;
    try {
      boardList.update(await api.document(boardId()));
      isTakenAway.value = false;
    } catch (error) {
      if (isKind(error, "not-found")) noted();
      else if (!isKind(error, "unreachable") && !isKind(error, "not-signed-in")) throw error;
    }
  }

  /** A board that was made here, and that the relay has not seen yet, was not taken away. */
  function noted(): void {
    const wasThere = entry.value?.role !== undefined || status.value.changes === 0;
    isTakenAway.value ||= wasThere;
    if (wasThere) boardList.unlist(boardId());
  }

  function lookSoon(): void {
    clearTimeout(asking);
    asking = setTimeout(() => look().catch(reportError), PAUSE_MS);
  }

  const isOnline = () => `${status.value.state} ${status.value.isReadOnly} ${status.value.reason ?? ""}`;
  watch([isOnline, session.isEnded], lookSoon, { immediate: true });
  let looked = Date.now();
  const timer = setInterval(() => {
    const pause = entry.value?.role === "reader" ? LOOK_AS_READER_MS : LOOK_MS;
    if (document.visibilityState !== "visible" || !navigator.onLine || Date.now() - looked < pause) return;
    looked = Date.now();
    lookSoon();
  }, LOOK_AS_READER_MS);
  onScopeDispose(() => {
    clearInterval(timer);
    clearTimeout(asking);
  });

  return {
    role: computed(() => entry.value?.role),
    title: computed(() => entry.value?.title),
    isTakenAway: readonly(isTakenAway),
  };
}
