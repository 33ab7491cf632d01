import "./dispose.js";
import { KanbanError } from "./errors.js";
import { Keeper } from "./keeper.js";
import { Link, now, type LinkOptions } from "./link.js";
import type {
  Applied,
  BoardEvent,
  BoardView,
  ChangeHash,
  Command,
  Edit,
  EditAnswers,
  Expected,
  ImportReport,
  Question,
  QuestionAnswers,
  Undone,
} from "./model.js";
import { isSameStatus, statusOf, type RawStatus, type Status } from "./status.js";
import type { Chunk, Meta, Store, StoredBoard } from "./store.js";
import { Tabs } from "./tabs.js";
import { freeze, patched, type Patch } from "./view.js";
import { calling, survive, type WasmClient } from "./wasm.js";

/** A board that is missing is asked for again so often. */
const ASK_AGAIN_MS = 30_000;

/** Something on the board looks different. */
export interface BoardChange {
  /** Whose doing: this copy's, others', another tab's; or the board was opened anew. */
  readonly origin: "local" | "remote" | "tab" | "reopened";
  readonly events: readonly BoardEvent[];
  /** The board as it looks now; of one before, all that did not change is the same object. */
  readonly view: BoardView;
}

/** What a board is made with. */
export interface BoardParts {
  url: string;
  client: WasmClient;
  stored: StoredBoard | undefined;
  store: Store;
  /** Tabs that share the store share this name. */
  channel: string;
  relay: Pick<LinkOptions, "relay" | "token" | "WebSocket">;
  /** Opens what is stored. */
  reopen(stored: StoredBoard | undefined): WasmClient;
  closed(): void;
}

/**
 * A board that is kept on this device and in sync with a relay.
 *
 * What is done to it shows at once, offline too; the promise that comes back resolves when it is kept on
 * this device, and {@link whenSaved} when the relay has it for good.
 */
export class Board {
  readonly #parts: BoardParts;
  #client: WasmClient;
  readonly #link: Link;
  readonly #keeper: Keeper;
  readonly #tabs: Tabs;
  #view: BoardView | undefined;
  #status: Status;
  #storageProblem: string | undefined;
  /** Own changes that are not kept yet. */
  #storing = 0;
  #noted: { name: string; pending: number } | undefined;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #state: "open" | "reopening" | "closed" = "open";
  readonly #stopSurviving: () => void;
  readonly #changeListeners = new Set<(change: BoardChange) => void>();
  readonly #statusListeners = new Set<(status: Status) => void>();
  readonly #errorListeners = new Set<(error: KanbanError) => void>();

  /** Use `KanbanClient`. */
  constructor(parts: BoardParts) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#view = this.#whole();
    this.#keeper = new Keeper(parts.store, parts.url, this.#kept(), parts.stored?.chunks ?? []);
    this.#tabs = new Tabs(parts.channel, (chunks) => this.#heardOfTab(chunks));
    this.#link = new Link(parts.client, {
      ...parts.relay,
      received: (events) => this.#received(JSON.parse(events) as BoardEvent[]),
      arrived: () => this.#arrived(),
      settled: () => this.#settled(),
    });
    this.#status = this.#currentStatus();
    this.#stopSurviving = survive((error) => void this.#reopen(error));
  }

  /** @internal Keeps what a new board begins with, and begins to sync. */
  async begin(): Promise<void> {
    const chunks = this.#unstored();
    if (chunks.length > 0) await this.#keeper.append(chunks);
    this.#link.reconnect();
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
    listen(this.#changeListeners, listener);

  /** Calls back whenever {@link status} is another. */
  readonly onStatus = (listener: (status: Status) => void): (() => void) =>
    listen(this.#statusListeners, listener);

  /** Calls back when something failed that nobody waited for. */
  readonly onError = (listener: (error: KanbanError) => void): (() => void) =>
    listen(this.#errorListeners, listener);

  /** Carries out a command: one change. It shows before this returns. */
  apply(command: Command): Promise<Applied> {
    return this.#edit({ type: "apply", command });
  }

  /** The same, if the board is still as expected. */
  applyIf(command: Command, expected: Expected): Promise<Applied> {
    return this.#edit({ type: "applyIf", command, expected });
  }

  /** Takes back what this person did last, on any device; never what others have moved on. */
  undo(): Promise<Undone> {
    return this.#edit({ type: "undo" });
  }

  /** Takes back one of what this person did; `ask({ type: "undoable" })` lists it. */
  undoChange(change: ChangeHash): Promise<Undone> {
    return this.#edit({ type: "undoChange", change });
  }

  /** Brings back what was undone last. */
  redo(): Promise<Undone> {
    return this.#edit({ type: "redo" });
  }

  /** Gives a card back the fields that it had in a version, or its description alone. */
  revertCard(edit: Extract<Edit, { type: "revertCard" | "revertDescription" }>): Promise<Applied> {
    return this.#edit(edit);
  }

  /** Answers a question: conflicts, search, history, exports and more. */
  ask<Q extends Question>(question: Q): QuestionAnswers[Q["type"]] {
    return JSON.parse(this.#call((client) => client.ask(JSON.stringify(question)))) as QuestionAnswers[Q["type"]];
  }

  /** Resolves once a relay has every change for good, and rejects if it refuses them. */
  whenSaved(options?: { signal?: AbortSignal }): Promise<void> {
    return this.#when(
      (status) => {
        if (status.state === "refused") throw new KanbanError("refused", status.reason ?? "The relay refuses.");
        return status.state === "saved" || status.state === "local";
      },
      options?.signal,
    );
  }

  /** Resolves with the board once it is here. */
  async whenReady(options?: { signal?: AbortSignal }): Promise<BoardView> {
    await this.#when((status) => status.isReady, options?.signal);
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
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    await this.#keeper.idle();
    this.#end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #end(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearTimeout(this.#asking);
    this.#stopSurviving();
    this.#tabs.close();
    this.#link.close();
    this.#client.free();
    for (const listeners of [this.#changeListeners, this.#statusListeners, this.#errorListeners]) listeners.clear();
    this.#parts.closed();
  }

  #call<T>(call: (client: WasmClient) => T): T {
    this.#check();
    return calling(() => call(this.#client));
  }

  #check(): void {
    if (this.#state === "closed") throw new KanbanError("closed", "The board is closed; open it again.");
    if (this.#state === "reopening") {
      throw new KanbanError("crashed", "The board is being opened anew; try again in a moment.");
    }
  }

  async #edit<E extends Edit>(edit: E): Promise<EditAnswers[E["type"]]> {
    this.#check();
    const answer = this.#link.tell((client) => client.edit(JSON.stringify(edit), now()));
    const done = JSON.parse(answer) as EditAnswers[E["type"]];
    const chunks = this.#unstored();
    this.#show("local", done.events);
    if (chunks.length > 0) await this.#keepOwn(chunks);
    return done;
  }

  /** The relay hears of a change once it is kept here, or cannot be: better there than nowhere. */
  async #keepOwn(chunks: Chunk[]): Promise<void> {
    this.#storing += 1;
    try {
      const kept = this.#keeper.append(chunks);
      this.#settled();
      await kept;
      this.#tabs.tell(chunks);
    } finally {
      this.#storing -= 1;
      if (this.#storing === 0 && this.#state === "open") this.#link.tell((client) => client.changed(now()));
    }
  }

  async #received(events: BoardEvent[]): Promise<void> {
    const chunks = this.#unstored();
    this.#show("remote", events);
    // What cannot be kept is in the status; the relay has it.
    await this.#keeper.append(chunks).catch(() => {});
  }

  async #arrived(): Promise<void> {
    this.#unstored();
    this.#view = this.#whole();
    this.#tellChange({ origin: "remote", events: [] });
    await this.#keeper.whole().catch(() => {});
  }

  #heardOfTab(chunks: Chunk["bytes"][]): void {
    if (this.#state !== "open") return;
    // Another tab has made the board that this one waits for.
    if (this.#view === undefined) return void this.#reopen();
    try {
      const events = this.#link.tell((client) => client.receive(chunks));
      this.#unstored();
      this.#show("tab", JSON.parse(events) as BoardEvent[]);
      this.#link.tell((client) => client.changed(now()));
    } catch (error) {
      this.#report(KanbanError.of(error));
    }
  }

  /** Opens the board again from what is kept. */
  async #reopen(because?: KanbanError): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "reopening";
    this.#link.pause();
    if (because) this.#report(because);
    await this.#keeper.idle();
    // A close may have come in between.
    if ((this.#state as string) === "closed") return;
    try {
      const stored = await this.#parts.store.load(this.#parts.url);
      const before = this.#client;
      this.#client = this.#parts.reopen(stored);
      // Of a program that has failed nothing is left to let go of.
      if (because === undefined) before.free();
      this.#state = "open";
      this.#view = this.#whole();
      this.#link.restart(this.#client);
      this.#tellChange({ origin: "reopened", events: [] });
      this.#settled();
    } catch (error) {
      // What cannot be opened stays closed, and says why; what is kept stays as it is.
      this.#report(KanbanError.of(error));
      this.#end();
    }
  }

  /** What is to be kept: names and bytes by turns. */
  #unstored(): Chunk[] {
    const flat = calling(() => this.#client.takeUnstored() as unknown[]);
    return flat.flatMap((key, index) => (index % 2 === 0 ? [chunkOf(key, flat[index + 1])] : []));
  }

  #kept() {
    return {
      meta: (): Meta | undefined => {
        if (this.#view === undefined || this.#state !== "open") return undefined;
        const { pending } = this.#raw();
        this.#noted = { name: this.#view.name, pending };
        const resume = calling(() => this.#client.resume()) as Uint8Array<ArrayBuffer>;
        return { ...this.#noted, resume };
      },
      snapshot: (): Chunk | undefined => {
        if (this.#state !== "open") return undefined;
        const [key, bytes] = calling(() => this.#client.snapshot() as unknown[]);
        return key === undefined ? undefined : chunkOf(key, bytes);
      },
      problem: (error: Error | undefined) => {
        this.#storageProblem = error?.message;
        this.#settled();
      },
    };
  }

  #whole(): BoardView | undefined {
    const json = calling(() => this.#client.view());
    return json === undefined ? undefined : freeze(JSON.parse(json) as BoardView);
  }

  #show(origin: BoardChange["origin"], events: readonly BoardEvent[]): void {
    const patch = calling(() => this.#client.takePatch());
    if (patch === undefined || this.#view === undefined) return;
    this.#view = patched(this.#view, JSON.parse(patch) as Patch);
    this.#tellChange({ origin, events });
  }

  #tellChange(change: Omit<BoardChange, "view">): void {
    if (this.#view === undefined) return;
    tellAll(this.#changeListeners, freeze({ ...change, view: this.#view }));
  }

  #raw(): RawStatus {
    return JSON.parse(calling(() => this.#client.status())) as RawStatus;
  }

  #currentStatus(): Status {
    return freeze(
      statusOf(this.#raw(), {
        hasRelay: this.#parts.relay.relay !== undefined,
        isReady: this.#view !== undefined,
        storing: this.#storing,
        storageProblem: this.#storageProblem,
      }),
    );
  }

  #settled(): void {
    if (this.#state !== "open") return;
    const status = this.#currentStatus();
    if (this.#noted && status.changes !== this.#noted.pending && this.#keeper.writing === 0) {
      // What is listed as unsaved must not stay so.
      this.#noted.pending = status.changes;
      this.#keeper.append([]).catch(() => {});
    }
    if (isSameStatus(status, this.#status)) return;
    this.#status = status;
    clearTimeout(this.#asking);
    // Whoever is given the board after that hears of it with the next question only.
    if (status.isMissing) this.#asking = setTimeout(() => this.#link.askAnew(), ASK_AGAIN_MS);
    tellAll(this.#statusListeners, status);
  }

  #when(holds: (status: Status) => boolean, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stops: (() => void)[] = [];
      const end = (with_: () => void) => {
        for (const stop of stops) stop();
        with_();
      };
      const look = (status: Status) => {
        try {
          if (holds(status)) end(resolve);
        } catch (error) {
          end(() => reject(error as Error));
        }
      };
      signal?.throwIfAborted();
      this.#check();
      const abort = () => end(() => reject(signal?.reason as Error));
      signal?.addEventListener("abort", abort, { once: true });
      stops.push(() => signal?.removeEventListener("abort", abort), this.onStatus(look));
      look(this.#status);
    });
  }

  #report(error: KanbanError): void {
    if (this.#errorListeners.size === 0) queueMicrotask(() => reportError(error));
    tellAll(this.#errorListeners, error);
  }
}

function chunkOf(key: unknown, bytes: unknown): Chunk {
  return { key: key as string, bytes: bytes as Uint8Array<ArrayBuffer> };
}

function listen<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void): () => void {
  // Another function for each call: who subscribes the same one twice hears twice.
  const own = (value: T) => listener(value);
  listeners.add(own);
  return () => listeners.delete(own);
}

/** One that fails does not keep the others from hearing. */
function tellAll<T>(listeners: Set<(value: T) => void>, value: T): void {
  for (const listener of [...listeners]) {
    try {
      listener(value);
    } catch (error) {
      queueMicrotask(() => reportError(error));
    }
  }
}

function reportError(error: unknown): void {
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
}
