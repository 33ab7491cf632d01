import type { AnyBoard } from "./any.js";
import type { Line } from "./calls.js";
import "./dispose.js";
import { errorOf, KanbanError } from "./errors.js";
import { Listeners, report } from "./listeners.js";
import type { BoardNews } from "./messages.js";
import type {
  Applied,
  BoardDraft,
  BoardView,
  CardId,
  ChangeHash,
  ColumnId,
  Command,
  Edit,
  EditAnswers,
  Expected,
  ImportReport,
  Question,
  QuestionAnswers,
  Slot,
  Undone,
} from "./model.js";
import type { BoardChange } from "./parts.js";
import type { Picture } from "./picture.js";
import { parsed, viewOf } from "./pieces.js";
import type { Peer, Presence } from "./presence.js";
import type { Status } from "./status.js";
import { freeze, patched, type Patch } from "./view.js";

type OfType<T extends BoardNews["type"]> = Extract<BoardNews, { type: T }>;

/** What a board is made with. */
export interface WorkerBoardParts {
  /** How the worker is told which board is meant. */
  readonly number: number;
  readonly url: string;
  readonly status: Status;
  /** It is being closed, which takes until this resolves. */
  closing(until: Promise<void>): void;
}

/**
 * A board that a worker has. It does what a `Board` does; what is done to it shows when the worker has done it, a
 * moment later and before the promise resolves, and what is asked is answered later.
 */
export class WorkerBoard implements AnyBoard {
  /** @internal */
  readonly number: number;
  readonly #line: Line;
  readonly #closes: (until: Promise<void>) => void;
  #url: string;
  #view: BoardView | undefined;
  #status: Status;
  #others: readonly Peer[] = freeze([]);
  #report: ImportReport | undefined;
  #picture: Picture | undefined;
  #pieces: unknown[] = [];
  /** How many views it was told of. */
  #seen = 0;
  #isLoaded = false;
  #error: KanbanError | undefined;
  #closing: Promise<void> | undefined;
  readonly #changes = new Listeners<BoardChange>();
  readonly #statuses = new Listeners<Status>();
  readonly #errors = new Listeners<KanbanError>();
  readonly #company = new Listeners<readonly Peer[]>();

  /** Use `WorkerClient`. */
  constructor(line: Line, { number, url, status, closing }: WorkerBoardParts) {
    // As in a board.
    Object.defineProperty(this, "__v_skip", { value: true });
    this.#line = line;
    this.number = number;
    this.#url = url;
    this.#status = freeze(status);
    this.#closes = closing;
  }

  get url(): string {
    return this.#url;
  }

  get view(): BoardView | undefined {
    return this.#view;
  }

  get status(): Status {
    return this.#status;
  }

  get importReport(): ImportReport | undefined {
    return this.#report;
  }

  readonly subscribe = (listener: (change: BoardChange) => void): (() => void) => this.#changes.add(listener);

  readonly onStatus = (listener: (status: Status) => void): (() => void) => this.#statuses.add(listener);

  readonly onError = (listener: (error: KanbanError) => void): (() => void) => this.#errors.add(listener);

  get others(): readonly Peer[] {
    return this.#others;
  }

  readonly onOthers = (listener: (others: readonly Peer[]) => void): (() => void) => this.#company.add(listener);

  /** What is too much is told by {@link onError}. */
  show(presence: Presence | undefined): void {
    this.#check();
    this.#mention(this.#line.call("show", { board: this.number, presence }));
  }

  apply(command: Command): Promise<Applied> {
    return this.#edit({ type: "apply", command });
  }

  applyIf(command: Command, expected: Expected): Promise<Applied> {
    return this.#edit({ type: "applyIf", command, expected });
  }

  undo(): Promise<Undone> {
    return this.#edit({ type: "undo" });
  }

  undoChange(change: ChangeHash): Promise<Undone> {
    return this.#edit({ type: "undoChange", change });
  }

  redo(): Promise<Undone> {
    return this.#edit({ type: "redo" });
  }

  revertCard(edit: Extract<Edit, { type: "revertCard" | "revertDescription" }>): Promise<Applied> {
    return this.#edit(edit);
  }

  takeCards(parcel: BoardDraft, column: ColumnId, to: Slot<CardId>): Promise<Applied> {
    return this.#edit({ type: "takeCards", parcel, column, to });
  }

  async ask<Q extends Question>(question: Q): Promise<QuestionAnswers[Q["type"]]> {
    this.#check();
    return (await this.#line.call("ask", { board: this.number, question })) as QuestionAnswers[Q["type"]];
  }

  async whenSaved(options?: { signal?: AbortSignal }): Promise<void> {
    this.#check();
    await this.#line.call("whenSaved", { board: this.number }, options?.signal);
  }

  async whenReady(options?: { signal?: AbortSignal }): Promise<BoardView> {
    this.#check();
    await this.#line.call("whenReady", { board: this.number }, options?.signal);
    return this.#view as BoardView;
  }

  reconnect(): void {
    this.#check();
    this.#mention(this.#line.call("reconnect", { board: this.number }));
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#end();
      this.#closes(this.#closing);
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Shows how it looked last. */
  async paint(picture: Picture): Promise<void> {
    this.#view = await picture.developed();
    this.#picture = picture;
  }

  /** @internal */
  hear(news: BoardNews): void {
    switch (news.type) {
      case "piece":
        this.#pieces.push(news.text === undefined ? this.#picture?.piece(this.#pieces.length) : parsed(news.text));
        break;
      case "view":
        this.#take(news);
        break;
      case "change":
        this.#patch(news);
        break;
      case "opened":
        this.#opened(news);
        break;
      case "status":
        this.#settled(news.status);
        break;
      case "others":
        this.#others = freeze(news.others);
        this.#company.tell(this.#others);
        break;
      case "error":
        this.#failed(errorOf(news.failure));
    }
  }

  /** @internal It cannot be opened, or the worker is gone: nothing more becomes of it. */
  fail(error: KanbanError): void {
    if (this.#error) return;
    this.#error = error;
    this.#settled({ ...this.#status, state: "offline", reason: error.message, isLoading: false });
    this.#failed(error);
  }

  /** Nobody waits for an answer; whoever closes the board meanwhile does not care. */
  #mention(call: Promise<void>): void {
    call.catch((error: unknown) => {
      if (!this.#closing && !this.#error) this.#failed(error);
    });
  }

  async #edit<E extends Edit>(edit: E): Promise<EditAnswers[E["type"]]> {
    this.#check();
    if (!this.#isLoaded) this.#settled({ ...this.#status, changes: this.#status.changes + 1 });
    return (await this.#line.call("edit", { board: this.number, edit, seen: this.#seen })) as EditAnswers[E["type"]];
  }

  #take({ change }: OfType<"view">): void {
    const before = this.#view;
    const isAsPictured = this.#picture?.isMadeOf(this.#pieces) === true;
    const view = isAsPictured && before ? before : viewOf(this.#pieces);
    this.#pieces = [];
    this.#seen += 1;
    this.#view = view;
    if (change) this.#changes.tell(freeze({ ...change, view }));
    else if (before && !isAsPictured) this.#changes.tell(freeze({ origin: "loaded", events: [], view }));
  }

  #patch({ change, patch }: OfType<"change">): void {
    if (this.#view === undefined) return;
    this.#seen += 1;
    this.#view = patched(this.#view, JSON.parse(patch) as Patch);
    this.#changes.tell(freeze({ ...change, view: this.#view }));
  }

  #opened({ url, status, report }: OfType<"opened">): void {
    this.#url = url;
    this.#report = report;
    this.#isLoaded = true;
    this.#picture = undefined;
    this.#settled(status);
  }

  #settled(status: Status): void {
    this.#status = freeze(status);
    this.#statuses.tell(this.#status);
  }

  #failed(thrown: unknown): void {
    const error = KanbanError.of(thrown);
    if (this.#errors.isEmpty) report(error);
    else this.#errors.tell(error);
  }

  #check(): void {
    if (this.#error) throw this.#error;
    if (this.#closing) throw new KanbanError("closed", "The board is closed; open it again.");
  }

  async #end(): Promise<void> {
    // Nothing can be kept that is not, where there is no worker any more.
    if (!this.#error) await this.#line.call("close", { board: this.number });
    for (const listeners of [this.#changes, this.#statuses, this.#errors, this.#company]) listeners.clear();
  }
}
