import { addressIn, relayUrl } from "./addresses.js";
import { Line } from "./calls.js";
import "./dispose.js";
import { KanbanError } from "./errors.js";
import type { TokenSource } from "./link.js";
import type { BoardNews, Port } from "./messages.js";
import type { Content } from "./model.js";
import { persist } from "./persist.js";
import { Picture } from "./picture.js";
import { loading } from "./status.js";
import type { StoredEntry } from "./store.js";
import { VERSION } from "./version.js";
import { databaseOf, indexedDBViews, type Views } from "./views.js";
import { onWindow } from "./window.js";
import { WorkerBoard } from "./worker_board.js";

/** How a client goes about it: see `KanbanClientOptions` for what is the same. */
export interface WorkerClientOptions {
  /** A worker of its own whose script calls `serveBoards()`, or a channel to one. The client ends it. */
  readonly worker: Port;
  readonly relay?: string | URL;
  readonly account?: string;
  readonly author?: string;
  /** Called here, where the page is. */
  readonly token?: TokenSource;
  /** Where the worker's store keeps how boards looked; where IndexedDB has them, if nothing is said. */
  readonly views?: Views;
}

/**
 * The boards of one account, as `KanbanClient` has them, in a worker: the page stays free for whoever uses it. A
 * board that was open here before shows at once how it looked, and is loaded meanwhile.
 *
 * ```ts
 * const worker = new Worker(new URL("./boards.worker.ts", import.meta.url), { type: "module" });
 * const client = new WorkerClient({ worker, relay: "wss://boards.example/sync" });
 * ```
 */
export class WorkerClient {
  readonly #line: Line;
  readonly #views: Views | undefined;
  readonly #hasRelay: boolean;
  readonly #boards = new Map<number, WorkerBoard>();
  readonly #open = new Map<string, Promise<WorkerBoard>>();
  readonly #watching = new AbortController();
  #last = 0;
  #closing: Promise<void> | undefined;

  constructor({ worker, relay, account, author, token, views }: WorkerClientOptions) {
    // As in a board.
    Object.defineProperty(this, "__v_skip", { value: true });
    const address = relay === undefined ? undefined : relayUrl(relay).href;
    this.#hasRelay = address !== undefined;
    this.#views = views ?? (typeof indexedDB === "undefined" ? undefined : indexedDBViews(databaseOf(account ?? "")));
    const news = (news: BoardNews) => this.#boards.get(news.board)?.hear(news);
    this.#line = new Line(worker, { token, news, ended: (error) => this.#ended(error) });
    // Whatever is called next fails with the same error.
    this.#line.call("start", { relay: address, account, author, hasToken: token !== undefined }).catch(() => {});
    onWindow((what) => this.#line.say({ type: "window", what }), this.#watching.signal);
  }

  /** Makes a board, called this or made of this; offline too. */
  async create(content: string | Content): Promise<WorkerBoard> {
    this.#check();
    const board = this.#board("");
    await this.#line.call("create", { board: board.number, content }).catch((error: unknown) => {
      this.#boards.delete(board.number);
      throw error;
    });
    this.#open.set(board.url, Promise.resolve(board));
    return board;
  }

  /**
   * Opens the board at an address, or at a link that ends in `#` and one. Where it is kept how the board looked
   * last, that is shown at once, and `status.isLoading` until the board is here.
   */
  async open(address: string): Promise<WorkerBoard> {
    this.#check();
    const url = addressIn(address);
    let opening = this.#open.get(url);
    if (opening === undefined) {
      opening = this.#load(url);
      this.#open.set(url, opening);
      opening.catch(() => this.#open.delete(url));
    }
    return opening;
  }

  /** The boards on this device. */
  async list(): Promise<StoredEntry[]> {
    this.#check();
    return this.#line.call("list", undefined);
  }

  /** Asks the browser not to clear what is kept here when the disk gets full; whether it agrees. */
  async persist(): Promise<boolean> {
    this.#check();
    // Only pages may ask.
    return persist();
  }

  /** Forgets a board on this device, not at the relay; one with changes that no relay has only if that is said. */
  async remove(address: string, options?: { evenUnsaved?: boolean }): Promise<void> {
    this.#check();
    const url = addressIn(address);
    await this.#line.call("remove", { address: url, evenUnsaved: options?.evenUnsaved });
    const board = await this.#open.get(url)?.catch(() => undefined);
    await board?.close();
  }

  /** Closes every board and ends the worker, once everything is kept. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #load(url: string): Promise<WorkerBoard> {
    // Without it the board opens as well.
    const kept = await this.#views?.load(url).catch(() => undefined);
    this.#check();
    const picture = kept?.version === VERSION ? new Picture(kept.pieces) : undefined;
    const board = this.#board(url);
    // First, as the worker would take the processor's time from it. What is damaged is not shown.
    const isShown = picture !== undefined && (await board.paint(picture).then(() => true, () => false));
    const given = { board: board.number, address: url, viewId: isShown ? kept?.id : undefined };
    const opened = this.#line.call("open", given).catch((error: unknown) => {
      this.#left(board);
      throw error;
    });
    if (isShown) opened.catch((error: unknown) => board.fail(KanbanError.of(error)));
    else await opened;
    return board;
  }

  #board(url: string): WorkerBoard {
    const number = (this.#last += 1);
    const status = loading(this.#hasRelay);
    const closing = (until: Promise<void>) => {
      this.#left(board);
      void until.finally(() => this.#boards.delete(number)).catch(() => {});
    };
    const board = new WorkerBoard(this.#line, { number, url, status, closing });
    this.#boards.set(number, board);
    return board;
  }

  /** Whoever opens it anew gets another. */
  #left(board: WorkerBoard): void {
    this.#open.delete(board.url);
  }

  #ended(error: KanbanError): void {
    this.#watching.abort();
    for (const board of this.#boards.values()) board.fail(error);
  }

  #check(): void {
    if (this.#closing) throw new KanbanError("closed", CLOSED);
    this.#line.check();
  }

  async #end(): Promise<void> {
    try {
      // All at once, so that nobody does anything more to a board.
      const boards = [...this.#boards.values()].map((board) => board.close());
      const ended = this.#line.call("end", undefined);
      await Promise.allSettled([...boards, ended]);
      await ended;
    } finally {
      this.#watching.abort();
      this.#line.hangUp(new KanbanError("closed", CLOSED));
      await this.#views?.close();
    }
  }
}

const CLOSED = "The client is closed; make another.";
