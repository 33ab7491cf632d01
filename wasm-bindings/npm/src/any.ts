// What a board is to whoever shows it, wherever it runs.

import type {
  Applied,
  BoardDraft,
  BoardView,
  CardId,
  ChangeHash,
  ColumnId,
  Command,
  Edit,
  Expected,
  ImportReport,
  Question,
  QuestionAnswers,
  Slot,
  Undone,
} from "./model.js";
import type { KanbanError } from "./errors.js";
import type { BoardChange } from "./parts.js";
import type { Peer, Presence } from "./presence.js";
import type { Status } from "./status.js";

/**
 * A board of this thread or of a worker: see `Board` for what each member does. Whoever awaits what `ask` answers
 * can do with either.
 */
export interface AnyBoard {
  readonly url: string;
  readonly view: BoardView | undefined;
  readonly status: Status;
  readonly importReport: ImportReport | undefined;
  readonly others: readonly Peer[];
  readonly subscribe: (listener: (change: BoardChange) => void) => () => void;
  readonly onStatus: (listener: (status: Status) => void) => () => void;
  readonly onError: (listener: (error: KanbanError) => void) => () => void;
  readonly onOthers: (listener: (others: readonly Peer[]) => void) => () => void;
  show(presence: Presence | undefined): void;
  apply(command: Command): Promise<Applied>;
  applyIf(command: Command, expected: Expected): Promise<Applied>;
  undo(): Promise<Undone>;
  undoChange(change: ChangeHash): Promise<Undone>;
  redo(): Promise<Undone>;
  revertCard(edit: Extract<Edit, { type: "revertCard" | "revertDescription" }>): Promise<Applied>;
  takeCards(parcel: BoardDraft, column: ColumnId, to: Slot<CardId>): Promise<Applied>;
  ask<Q extends Question>(question: Q): QuestionAnswers[Q["type"]] | Promise<QuestionAnswers[Q["type"]]>;
  whenSaved(options?: { signal?: AbortSignal }): Promise<void>;
  whenReady(options?: { signal?: AbortSignal }): Promise<BoardView>;
  reconnect(): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
