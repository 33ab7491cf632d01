import "./dispose.js";
import type { AnyBoard } from "./any.js";
import { KanbanError } from "./errors.js";
import { Keeper } from "./keeper.js";
import { Link, now } from "./link.js";
import { Listeners, report } from "./listeners.js";
import type {
  Applied,
  BoardDraft,
  BoardEvent,
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
import { isSameStatus, statusOf, type RawStatus, type Status } from "./status.js";
import type { BoardChange, BoardParts, Follower } from "./parts.js";
import { Company, type Peer, type Presence } from "./presence.js";
import type { Chunk, Meta } from "./store.js";
import { freeze, patched, type Patch } from "./view.js";
import { Waits } from "./waits.js";
import { calling, survive, type WasmClient } from "./wasm.js";

/** A board that is missing is asked for again so often. */
const ASK_AGAIN_MS = 30_000;
/** After a failure of the program inside, connecting waits, longer each time: what came may have caused it. */
const CRASH_PAUSE_MS = 500;
const CRASH_PAUSE_MAX_MS = 30_000;

/**
 * A board that is kept on this device and in sync with a relay.
 *
 * What is done to it shows at once, offline too; the promise that comes back resolves when it is kept on
 * this device, and {@link whenSaved} when the relay has it for good.
 */
export class Board implements AnyBoard {
  readonly #parts: BoardParts;
  #client: WasmClient;
  #left: readonly Chunk[];
  readonly #link: Link;
  readonly #company: Company;
  readonly #keeper: Keeper;
  #view: BoardView | undefined;
  #status: Status;
  #storageProblem: string | undefined;
  /** What is kept could not be read, so it must not be written over. */
  #isBlind: boolean;
  #listed: { name: string; pending: number } | undefined;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #state: "open" | "reopening" | "closing" | "closed" = "open";
  #closing: Promise<void> | undefined;
  /** The program that `#client` belongs to has failed; there is nothing to let go of. */
  #isLost = false;
  #crashes = 0;
  readonly #stopSurviving: () => void;
  readonly #changes = new Listeners<BoardChange>();
  readonly #statuses = new Listeners<Status>();
  readonly #errors = new Listeners<KanbanError>();
  readonly #waits = new Waits<Status>();
  #follower: Follower | undefined;

  /** Use `KanbanClient`. */
  constructor(parts: BoardParts) {
    // Vue would hand out proxies of it, which cannot reach what is private.
    Object.defineProperty(this, "__v_skip", { value: true });
    this.#parts = parts;
    this.#storageProblem = parts.problem;
    this.#isBlind = parts.isBlind;
    this.#listed = parts.listed;
    this.#client = parts.client;
    this.#left = parts.left;
    this.#view = this.#whole();
    this.#keeper = new Keeper(parts.store, parts.url, this.#kept(), parts.keys);
    this.#link = new Link(parts.client, {
      ...parts.relay,
      received: (events) => this.#received(JSON.parse(events) as BoardEvent[]),
      presenceChanged: () => this.#company.changed(this.#peers()),
      arrived: () => this.#arrived(),
      failed: (error) => this.#report(KanbanError.of(error)),
      settled: () => this.#settled(),
    });
    this.#company = new Company((call) => this.#link.mention(call));
    this.#status = this.#currentStatus();
    this.#stopSurviving = survive((error) => {
      this.#isLost = true;
      this.#crashes += 1;
      void this.#reopen(error);
    });
    parts.tabs.hear((chunks) => this.#heardOfTab(chunks));
  }

  /** @internal Keeps what a new board begins with, and begins to sync. */
  async begin(): Promise<void> {
    const chunks = this.#unstored();
    // What cannot be kept is in the status.
    if (chunks.length > 0) await this.#keeper.append(chunks).catch(() => {});
    this.#link.reconnect();
  }

  /** @internal Told of each change before others are, with its patch as JSON; without one the whole view is another. */
  follow(follower: Follower): void {
    this.#follower = follower;
  }

  /** Its address: whoever opens it at the same relay, and may, has the same board. */
  get url(): string {
    return this.#parts.url;
  }

  /**
   * The board as it looks; none until it has arrived. Frozen, and the same object until something
   * changes: a change makes new objects only of what is on the way to it.
   */
  get view(): BoardView | undefined {
    return this.#view;
  }

  /** How things stand with the relay; the same object until they change. */
  get status(): Status {
    return this.#status;
  }

  /** What an import could not take over; none if the board is no import. */
  get importReport(): ImportReport | undefined {
    const report = this.#call((client) => client.importReport());
    return report === undefined ? undefined : (JSON.parse(report) as ImportReport);
  }

  /** Calls back whenever the board looks different. Bound, for `useSyncExternalStore`. */
  readonly subscribe = (listener: (change: BoardChange) => void): (() => void) =>
    this.#changes.add(listener);

  /** Calls back whenever {@link status} is another. */
  readonly onStatus = (listener: (status: Status) => void): (() => void) =>
    this.#statuses.add(listener);

  /** Calls back when something failed that nobody waited for. */
  readonly onError = (listener: (error: KanbanError) => void): (() => void) =>
    this.#errors.add(listener);

  /** Who else has the board open and {@link show}s it; the same list until it is another. */
  get others(): readonly Peer[] {
    return this.#company.others;
  }

  /** Calls back whenever {@link others} are others, or show something else. */
  readonly onOthers = (listener: (others: readonly Peer[]) => void): (() => void) =>
    this.#company.listen(listener);

  /**
   * Shows this to everybody who has the board open: who one is, and where. It replaces what was shown before,
   * is never stored, and ends when the window is hidden or closed, the connection goes, or `undefined` is
   * shown. Whoever shows nothing at all, not even `undefined`, does not see the others.
   */
  show(presence: Presence | undefined): void {
    this.#checkOpen();
    this.#company.show(presence);
  }

  /** Carries out a command: one change. It shows before this returns. */
  apply(command: Command): Promise<Applied> {
    return this.edit({ type: "apply", command });
  }

  /** The same, if the board is still as expected. */
  applyIf(command: Command, expected: Expected): Promise<Applied> {
    return this.edit({ type: "applyIf", command, expected });
  }

  /** Takes back what this person did last, on any device; never what others have moved on. */
  undo(): Promise<Undone> {
    return this.edit({ type: "undo" });
  }

  /** Takes back one of what this person did; `ask({ type: "undoable" })` lists it. */
  undoChange(change: ChangeHash): Promise<Undone> {
    return this.edit({ type: "undoChange", change });
  }

  /** Brings back what was undone last. */
  redo(): Promise<Undone> {
    return this.edit({ type: "redo" });
  }

  /** Gives a card back the fields that it had in a version, or its description alone. */
  revertCard(edit: Extract<Edit, { type: "revertCard" | "revertDescription" }>): Promise<Applied> {
    return this.edit(edit);
  }

  /** Takes cards that another board gave out with `ask({ type: "parcel", … })`: one change. */
  takeCards(parcel: BoardDraft, column: ColumnId, to: Slot<CardId>): Promise<Applied> {
    return this.edit({ type: "takeCards", parcel, column, to });
  }

  /** Answers a question: conflicts, search, history, exports and more. */
  ask<Q extends Question>(question: Q): QuestionAnswers[Q["type"]] {
    return JSON.parse(this.answer(JSON.stringify(question))) as QuestionAnswers[Q["type"]];
  }

  /** @internal The same as JSON. */
  answer(question: string): string {
    return this.#call((client) => client.ask(question));
  }

  /** Resolves once a relay has every change for good, and rejects if it refuses them. */
  async whenSaved(options?: { signal?: AbortSignal }): Promise<void> {
    this.#checkOpen();
    await this.#waits.until(
      (status) => {
        if (status.state === "refused") throw new KanbanError("refused", status.reason ?? "The relay refuses.");
        return status.state === "saved" || status.state === "local";
      },
      this.#status,
      options?.signal,
    );
  }

  /** Resolves with the board once it is here. */
  async whenReady(options?: { signal?: AbortSignal }): Promise<BoardView> {
    this.#checkOpen();
    await this.#waits.until((status) => status.isReady, this.#status, options?.signal);
    if (this.#view === undefined) throw new KanbanError("not-ready", "The board has not arrived yet.");
    return this.#view;
  }

  /**
   * Connects at once rather than after the pause that grows with each failure; asks again at once for a
   * board that the relay does not have or show.
   */
  reconnect(): void {
    this.#check();
    if (this.#status.isMissing) this.#link.askAnew();
    else this.#link.reconnect();
  }

  /** Ends the connection and lets go of the memory, once everything is kept. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      const wasReopening = this.#state === "reopening";
      this.#state = "closing";
      this.#closing = this.#keeper.idle().then(() => this.#end(wasReopening));
      this.#parts.closing(this.#closing);
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #end(wasReopening: boolean): void {
    this.#state = "closed";
    clearTimeout(this.#asking);
    this.#stopSurviving();
    this.#parts.tabs.close();
    this.#company.close();
    this.#link.close();
    // Whoever opens it anew meanwhile lets go of what it had.
    if (!this.#isLost && !wasReopening) this.#client.free();
    this.#waits.end(new KanbanError("closed", CLOSED));
    for (const listeners of [this.#changes, this.#statuses, this.#errors]) listeners.clear();
  }

  #call<T>(call: (client: WasmClient) => T): T {
    this.#check();
    return calling(() => call(this.#client));
  }

  #checkOpen(): void {
    if (this.#state === "closing" || this.#state === "closed") throw new KanbanError("closed", CLOSED);
  }

  #check(): void {
    this.#checkOpen();
    if (this.#state === "reopening") {
      throw new KanbanError("crashed", "The board is being opened anew; try again in a moment.");
    }
  }

  /** @internal */
  async edit<E extends Edit>(edit: E): Promise<EditAnswers[E["type"]]> {
    this.#check();
    const answer = this.#link.tell((client) => client.edit(JSON.stringify(edit), Date.now()));
    const done = JSON.parse(answer) as EditAnswers[E["type"]];
    // Before anybody hears of it: what they do about it builds on this.
    const kept = this.#keepOwn(this.#unstored());
    kept.catch(() => {});
    this.#show("local", done.events);
    await kept;
    return done;
  }

  /** The relay hears of a change once it is kept here, or cannot be: better there than nowhere. */
  async #keepOwn(chunks: Chunk[]): Promise<void> {
    if (chunks.length === 0) return;
    const kept = this.#keeper.append(chunks);
    this.#link.keep(() => kept.catch(() => {}));
    this.#tellRelay();
    await kept;
    this.#parts.tabs.tell(chunks);
  }

  #tellRelay(): void {
    try {
      this.#link.tell((client) => client.changed(now()));
    } catch (error) {
      // The change is on its way to the disk, and the board is opened anew from there.
      if (!(error instanceof KanbanError && error.code === "crashed")) throw error;
    }
  }

  #received(events: BoardEvent[]): Promise<void> {
    // What cannot be kept is in the status; the relay has it.
    const kept = this.#keeper.append(this.#unstored()).catch(() => {});
    this.#show("remote", events);
    return kept;
  }

  #arrived(): Promise<void> {
    this.#unstored();
    for (const chunk of this.#left) this.#takeIn(chunk);
    this.#unstored();
    this.#view = this.#whole();
    const kept = this.#keeper.whole().catch(() => {});
    this.#tellChange({ origin: "remote", events: [] });
    if (this.#left.length > 0) queueMicrotask(() => this.#state === "open" && this.#tellRelay());
    return kept;
  }

  /** It stays where it is too: perhaps what it waits for is still missing. */
  #takeIn(chunk: Chunk): void {
    try {
      calling(() => this.#client.receive([chunk.bytes]));
    } catch (error) {
      this.#report(KanbanError.of(error));
    }
  }

  #heardOfTab(chunks: Chunk["bytes"][]): void {
    if (this.#state !== "open") return;
    // Another tab has made the board that this one waits for.
    if (this.#view === undefined) return void this.#reopen();
    try {
      const events = this.#link.tell((client) => client.receive(chunks));
      // The other tab has stored its own, but not what had been waiting for it here.
      this.#keeper.append(this.#unstored()).catch(() => {});
      this.#show("tab", JSON.parse(events) as BoardEvent[]);
      this.#tellRelay();
    } catch (error) {
      this.#report(KanbanError.of(error));
    }
  }

  /** Opens the board again from what is kept. */
  async #reopen(because?: KanbanError): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "reopening";
    this.#parts.tabs.hear(undefined);
    this.#link.pause();
    if (because) this.#report(because);
    try {
      await this.#keeper.idle();
      const opened = await this.#parts.reopen();
      if (!this.#isLost) this.#client.free();
      this.#isLost = false;
      this.#client = opened.client;
      this.#left = opened.left;
      this.#listed = opened.listed;
      // A close has come in between.
      if ((this.#state as string) !== "reopening") return this.#client.free();
      this.#state = "open";
      this.#view = this.#whole();
      this.#link.restart(this.#client, this.#pause());
      this.#company.begin();
      this.#tellChange({ origin: "reopened", events: [] });
      this.#settled();
      this.#parts.tabs.hear((chunks) => this.#heardOfTab(chunks));
    } catch (error) {
      // What cannot be opened stays closed, and says why; what is kept stays as it is.
      this.#report(KanbanError.of(error));
      await this.close();
    }
  }

  #pause(): number {
    return this.#crashes === 0 ? 0 : Math.min(CRASH_PAUSE_MAX_MS, CRASH_PAUSE_MS * 2 ** (this.#crashes - 1));
  }

  /** What is to be kept: names and bytes by turns. */
  #unstored(): Chunk[] {
    const flat = calling(() => this.#client.takeUnstored() as unknown[]);
    return flat.flatMap((key, index) => (index % 2 === 0 ? [chunkOf(key, flat[index + 1])] : []));
  }

  #kept() {
    return {
      meta: (): Meta | undefined => {
        if (this.#view === undefined || this.#isBlind || !this.#hasClient()) return undefined;
        const { pending } = this.#raw();
        this.#listed = { name: this.#view.name, pending };
        const resume = calling(() => this.#client.resume()) as Uint8Array<ArrayBuffer>;
        return { ...this.#listed, resume };
      },
      snapshot: (): Chunk | undefined => {
        if (!this.#hasClient()) return undefined;
        const [key, bytes] = calling(() => this.#client.snapshot() as unknown[]);
        return key === undefined ? undefined : chunkOf(key, bytes);
      },
      problem: (error: Error | undefined) => {
        this.#storageProblem = error?.message;
        if (error === undefined && this.#isBlind) {
          // What could not be read before is merged with what there is now.
          this.#isBlind = false;
          void this.#reopen();
        }
        this.#settled();
      },
    };
  }

  #hasClient(): boolean {
    return !this.#isLost && (this.#state === "open" || this.#state === "closing");
  }

  #whole(): BoardView | undefined {
    const json = calling(() => this.#client.view());
    return json === undefined ? undefined : freeze(JSON.parse(json) as BoardView);
  }

  #show(origin: BoardChange["origin"], events: readonly BoardEvent[]): void {
    const patch = calling(() => this.#client.takePatch());
    if (patch === undefined || this.#view === undefined) return;
    this.#view = patched(this.#view, JSON.parse(patch) as Patch);
    this.#tellChange({ origin, events }, patch);
  }

  #tellChange(change: Omit<BoardChange, "view">, patch?: string): void {
    if (this.#view === undefined) return;
    this.#follower?.(change, patch);
    this.#changes.tell(freeze({ ...change, view: this.#view }));
  }

  #peers(): Peer[] {
    return JSON.parse(calling(() => this.#client.others())) as Peer[];
  }

  #raw(): RawStatus {
    return JSON.parse(calling(() => this.#client.status())) as RawStatus;
  }

  #currentStatus(): Status {
    return freeze(
      statusOf(this.#raw(), {
        hasRelay: this.#parts.relay.relay !== undefined,
        isReady: this.#view !== undefined,
        storageProblem: this.#storageProblem,
      }),
    );
  }

  #settled(): void {
    if (this.#state !== "open") return;
    const status = this.#currentStatus();
    if (this.#listed && status.changes !== this.#listed.pending && this.#keeper.isIdle) {
      // What is listed as unsaved must not stay so.
      this.#listed.pending = status.changes;
      this.#keeper.append([]).catch(() => {});
    }
    if (isSameStatus(status, this.#status)) return;
    this.#status = status;
    clearTimeout(this.#asking);
    // Whoever is given the board after that hears of it with the next question only.
    if (status.isMissing) this.#asking = setTimeout(() => this.#link.askAnew(), ASK_AGAIN_MS);
    this.#statuses.tell(status);
    this.#waits.look(status);
  }

  #report(error: KanbanError): void {
    if (this.#errors.isEmpty) report(error);
    else this.#errors.tell(error);
  }
}

const CLOSED = "The board is closed; open it again.";

function chunkOf(key: unknown, bytes: unknown): Chunk {
  return { key: key as string, bytes: bytes as Uint8Array<ArrayBuffer> };
}
