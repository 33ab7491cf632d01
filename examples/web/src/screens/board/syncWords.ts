import type { Status } from "kanban-crdt/page";
import { useWords } from "../../words/index.js";

export type SyncTone = "saved" | "busy" | "waiting" | "refused";

export interface SyncWords {
  readonly tone: SyncTone;
  /** How things stand, always visible. */
  readonly text: string;
  /** What that means, and what can be done. */
  readonly details: readonly string[];
  readonly canReconnect: boolean;
}

export interface Circumstances {
  readonly isEnded: boolean;
  readonly isTakenAway: boolean;
  readonly isOnline: boolean;
  /** The browser may clear what is kept here. */
  readonly mayBeCleared: boolean;
}

const words = useWords();

/** How things stand between a board and the relay, in words. */
export function syncWords(status: Status, around: Circumstances): SyncWords {
  const said = inWords(status, around);
  if (status.storageProblem === undefined) return said;
  const details = [words.sync.storageDetail(status.storageProblem), ...said.details];
  return { ...said, tone: "refused", text: `${words.sync.notKept} · ${said.text}`, details };
}

function inWords(status: Status, around: Circumstances): SyncWords {
  const { sync } = words;
  const { state, changes } = status;
  const canReconnect = state === "offline" || state === "refused";
  if (status.isLoading) return { tone: "busy", text: sync.loading, details: [sync.loadingDetail], canReconnect: false };
  if (around.isEnded) return { tone: "refused", text: sync.ended(changes), details: [words.account.endedText], canReconnect };
  if (around.isTakenAway) return { tone: "refused", text: sync.takenAway, details: [sync.takenAwayDetail], canReconnect };
  switch (state) {
    case "saved": {
      const text = status.isReadOnly ? `${sync.readOnly} · ${sync.saved}` : sync.saved;
      return { tone: "saved", text, details: [sync.savedDetail], canReconnect };
    }
    case "saving": {
      const details = [status.isDurable ? sync.savingDetail : sync.notDurableDetail];
      return { tone: "busy", text: sync.saving(changes), details, canReconnect };
    }
    case "offline":
      return { tone: "waiting", text: sync.offline(changes), details: offlineDetails(status, around), canReconnect };
    case "refused": {
      const why = status.isReadOnly ? sync.readOnlyRefused : sync.refusedDetail(status.reason ?? "");
      return { tone: "refused", text: sync.refused(changes), details: [why], canReconnect };
    }
    case "local":
      return { tone: "waiting", text: sync.local, details: [], canReconnect: false };
  }
}

function offlineDetails(status: Status, { isOnline, mayBeCleared }: Circumstances): string[] {
  const { sync } = words;
  return [
    sync.offlineDetail,
    ...(mayBeCleared && status.changes > 0 ? [sync.mayBeClearedDetail] : []),
    ...(isOnline ? [sync.reconnecting] : []),
    ...(status.reason === undefined ? [] : [sync.lastProblem(status.reason)]),
  ];
}
