/** What kind of failure it is. These names never change. */
export type KanbanErrorCode =
  /** A caller's mistake: an id, an address or a command that is none. */
  | "invalid-argument"
  /** The board does not allow this: see {@link KanbanError.reason}. */
  | "refused"
  /** The board has not arrived yet. */
  | "not-ready"
  /** Stored or received bytes that are no board. */
  | "damaged"
  /** A file that no board can be made of. */
  | "not-importable"
  /** What was done is shown and goes to the relay, and could not be kept on this device. */
  | "storage"
  /** There are changes that no relay has. */
  | "unsaved"
  /** The board is closed. */
  | "closed"
  /** The program inside has failed. The board is opened anew from what was stored. */
  | "crashed"
  /** The worker that has the boards could not be loaded, or has ended: make another client. */
  | "worker"
  /** A fault of this package. */
  | "failed";

/** Every error of this package. Its message says, in a sentence, what to do. */
export class KanbanError extends Error {
  override readonly name = "KanbanError";

  constructor(
    readonly code: KanbanErrorCode,
    message: string,
    /** Which of the reasons of that kind, as in `unknownCard`; for programs. */
    readonly reason?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** What was thrown, as one of these. */
  static of(thrown: unknown): KanbanError {
    if (thrown instanceof KanbanError) return thrown;
    if (!(thrown instanceof Error)) return new KanbanError("failed", String(thrown));
    const { code, reason } = thrown as { code?: KanbanErrorCode; reason?: string };
    if (typeof code !== "string") return new KanbanError("failed", thrown.message, undefined, { cause: thrown });
    return new KanbanError(code, thrown.message, reason);
  }
}

/** An error as it crosses to another thread. */
export interface Failure {
  readonly code: KanbanErrorCode;
  readonly message: string;
  readonly reason?: string | undefined;
}

export function failureOf(thrown: unknown): Failure {
  const { code, message, reason } = KanbanError.of(thrown);
  return { code, message, reason };
}

export function errorOf({ code, message, reason }: Failure): KanbanError {
  return new KanbanError(code, message, reason);
}
