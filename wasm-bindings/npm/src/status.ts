/** How things stand between a board and its relay. */
export interface Status {
  /**
   * - `saved`: a relay that promises to keep what it acknowledges has every change;
   * - `saving`: `changes` are on their way;
   * - `offline`: there is no connection, and `changes` wait for one;
   * - `refused`: the relay does not take what is sent, for the `reason` that it gives;
   * - `local`: there is no relay.
   */
  readonly state: "saved" | "saving" | "offline" | "refused" | "local";
  /** How many changes no relay has promised to keep. */
  readonly changes: number;
  /** Why the relay refuses, or what went wrong last, in one sentence. */
  readonly reason?: string;
  /** Milliseconds since 1970: when the next attempt to connect begins. */
  readonly retryAt?: number;
  /** Whether the relay says that this person may read the board and not change it. */
  readonly isReadOnly: boolean;
  /**
   * Whether the relay that there is a connection to has promised that what it acknowledges survives a power
   * cut. At another, changes are never `saved`.
   */
  readonly isDurable: boolean;
  /** Whether the board is here. If not, whether the relay knows it is said by `isMissing`. */
  readonly isReady: boolean;
  /**
   * The board is still being loaded by a worker. What `view` shows, if anything, is how it looked here last. What
   * is done meanwhile waits, counts as `changes`, and shows once the board is here. Never so without a worker.
   */
  readonly isLoading: boolean;
  /** The relay has no such board, or does not show it to this person. It may come. */
  readonly isMissing: boolean;
  /** The board is here, and the relay does not have it any more, or does not show it to this person any more. */
  readonly isWithdrawn: boolean;
  /** Why this device keeps nothing, in one sentence. */
  readonly storageProblem?: string;
}

/** What the program says of it: see `client.rs`. */
export interface RawStatus {
  connection:
    | { type: "offline"; retryAt: number | null }
    | { type: "connecting" | "online" | "stopped" }
    | { type: "refused"; reason: string; retryAt: number };
  pending: number;
  document: "unknown" | "available" | "unavailable";
  isReadOnly: boolean;
  isDurable: boolean;
  problem: string | null;
}

export interface Circumstances {
  hasRelay: boolean;
  isReady: boolean;
  storageProblem?: string | undefined;
}

export function statusOf(raw: RawStatus, here: Circumstances): Status {
  const { connection, problem } = raw;
  const retryAt = "retryAt" in connection ? connection.retryAt : null;
  const changes = raw.pending;
  const isRefused = connection.type === "refused" || (raw.isReadOnly && changes > 0);
  const reason =
    connection.type === "refused"
      ? connection.reason
      : isRefused
        ? "You may read this board and not change it. What you changed stays on this device."
        : problem;
  return {
    state: state(raw, here, isRefused),
    changes,
    ...(reason !== null && { reason }),
    ...(retryAt !== null && { retryAt }),
    isReadOnly: raw.isReadOnly,
    isDurable: raw.isDurable,
    isReady: here.isReady,
    isLoading: false,
    isMissing: !here.isReady && raw.document === "unavailable",
    isWithdrawn: here.isReady && raw.document === "unavailable",
    ...(here.storageProblem !== undefined && { storageProblem: here.storageProblem }),
  };
}

/** Before a worker has said anything. */
export function loading(hasRelay: boolean): Status {
  const not = { isReadOnly: false, isDurable: false, isReady: false, isMissing: false, isWithdrawn: false };
  return { state: hasRelay ? "offline" : "local", changes: 0, isLoading: true, ...not };
}

function state(raw: RawStatus, here: Circumstances, isRefused: boolean): Status["state"] {
  if (!here.hasRelay) return "local";
  if (isRefused) return "refused";
  if (raw.connection.type !== "online") return "offline";
  return raw.pending > 0 ? "saving" : "saved";
}

/** Whether two say the same. */
export function isSameStatus(one: Status, other: Status): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof Status>;
  return [...names].every((name) => one[name] === other[name]);
}
