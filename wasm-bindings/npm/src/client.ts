import { addressIn, relayUrl } from "./addresses.js";
import { Board } from "./board.js";
import { KanbanError } from "./errors.js";
import type { TokenSource } from "./link.js";
import type { Content } from "./model.js";
import type { BoardParts, Opened } from "./parts.js";
import { persist } from "./persist.js";
import { memoryStore, type Chunk, type Store, type StoredBoard, type StoredEntry } from "./store.js";
import { Tabs } from "./tabs.js";
import { calling, ready, type Glue } from "./wasm.js";

/** How a client goes about it. */
export interface KanbanClientOptions {
  /** Where the relay listens, as in `wss://boards.example/sync`. Without it boards stay on this device. */
  relay?: string | URL;
  /** Whose boards these are: each account keeps its own on this device. */
  account?: string;
  /** Whose changes are made here; the account if nothing is said. At a relay with accounts, its name. */
  author?: string;
  /** Shows the relay who this is; asked again before what it says ends. */
  token?: TokenSource;
  /** Where boards are kept; in browsers in IndexedDB, elsewhere in memory, if nothing is said. */
  store?: Store;
  /** What sockets are made with, where there is none built in. */
  WebSocket?: typeof WebSocket;
}

/** How an entry point keeps boards, if nobody says otherwise. */
let defaultStore: (account: string) => Store = memoryStore;

export function keepIn(store: (account: string) => Store): void {
  defaultStore = store;
}

/** Where the boards of an account are kept, if nobody says otherwise. */
export function storeOf(account: string): Store {
  return defaultStore(account);
}

/**
 * The boards of one account on this device, and at one relay.
 *
 * ```ts
 * const client = new KanbanClient({ relay: "wss://boards.example/sync" });
 * const board = await client.create("Release");
 * ```
 */
export class KanbanClient {
  readonly #options: KanbanClientOptions;
  readonly #relay: URL | undefined;
  readonly #store: Store;
  readonly #open = new Map<string, Promise<Board>>();
  /** Boards that are being closed: who opens them anew waits. */
  readonly #closing = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor(options: KanbanClientOptions = {}) {
    // As in a board.
    Object.defineProperty(this, "__v_skip", { value: true });
    this.#options = options;
    this.#relay = options.relay === undefined ? undefined : relayUrl(options.relay);
    this.#store = options.store ?? storeOf(options.account ?? "");
  }

  /** Makes a board, called this or made of this; offline too. */
  async create(content: string | Content): Promise<Board> {
    this.#check();
    const glue = await ready();
    this.#check();
    const url = glue.newDocumentUrl(random(16));
    const made = typeof content === "string" ? { type: "empty", name: content } : content;
    const json = JSON.stringify(made);
    const client = calling(() => glue.BoardClient.create(url, json, ...this.#who(), Date.now()));
    const opened = { client, keys: [], left: [] };
    const board = this.#board(glue, url, opened, this.#tabs(url));
    this.#open.set(url, Promise.resolve(board));
    await board.begin();
    return board;
  }

  /**
   * Opens the board at an address, or at a link that ends in `#` and one. One that this device has is
   * there at once, also offline; another when the relay has sent it: see `Board.whenReady`.
   */
  async open(address: string): Promise<Board> {
    this.#check();
    const url = addressIn(address);
    let opening = this.#open.get(url);
    if (opening === undefined) {
      opening = (this.#closing.get(url) ?? Promise.resolve()).then(() => this.#load(url));
      this.#open.set(url, opening);
      opening.catch(() => this.#open.delete(url));
    }
    return opening;
  }

  /** The boards on this device. */
  list(): Promise<StoredEntry[]> {
    this.#check();
    return this.#store.list();
  }

  /**
   * Asks the browser not to clear what is kept here when the disk gets full; whether it agrees. Some ask the
   * person, so do it when they have something to lose. Where nothing is ever cleared it is so anyway.
   */
  async persist(): Promise<boolean> {
    this.#check();
    return persist();
  }

  /**
   * Forgets a board on this device, not at the relay. One with changes that no relay has is refused
   * unless that is said to be fine.
   */
  async remove(address: string, options?: { evenUnsaved?: boolean }): Promise<void> {
    this.#check();
    const url = addressIn(address);
    const board = await this.#open.get(url);
    await this.#closing.get(url);
    const stored = (await this.#store.list()).find((entry) => entry.url === url);
    const pending = board?.status.changes ?? stored?.pending ?? 0;
    if (pending > 0 && options?.evenUnsaved !== true) {
      const words = `${pending} changes of this board are on this device only: wait until they are saved, or say evenUnsaved.`;
      throw new KanbanError("unsaved", words);
    }
    await board?.close();
    await this.#store.remove(url);
  }

  /** Closes every board, once everything is kept. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const boards = await Promise.allSettled(this.#open.values());
    await Promise.all(boards.map((board) => (board.status === "fulfilled" ? board.value.close() : undefined)));
    await Promise.all(this.#closing.values());
    await this.#store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #load(url: string): Promise<Board> {
    const tabs = this.#tabs(url);
    try {
      let problem: string | undefined;
      // Where nothing can be kept, as in some private windows, there is still the relay.
      const loading = this.#store.load(url).catch((error: unknown) => {
        if (!(error instanceof KanbanError) || error.code !== "storage" || this.#relay === undefined) throw error;
        problem = error.message;
        return undefined;
      });
      const [glue, stored] = await Promise.all([ready(), loading]);
      this.#check();
      const opened = this.#opened(glue, url, stored);
      if (problem !== undefined) opened.problem = problem;
      const board = this.#board(glue, url, opened, tabs, problem !== undefined);
      await board.begin();
      return board;
    } catch (error) {
      tabs.close();
      throw error;
    }
  }

  #opened(glue: Glue, url: string, stored: StoredBoard | undefined): Opened {
    const join = () => calling(() => glue.BoardClient.join(url, ...this.#who()));
    if (!stored || stored.chunks.length === 0) return { client: join(), keys: [], left: [] };
    const keys = stored.chunks.map((chunk) => chunk.key);
    try {
      const { chunks, meta } = stored;
      const open = () => glue.BoardClient.open(url, joined(chunks), meta?.resume, ...this.#who());
      return { client: calling(open), keys, left: [], listed: meta };
    } catch (error) {
      const { code, message } = KanbanError.of(error);
      if (code !== "damaged" || this.#relay === undefined) throw error;
      // The device may have lost some of it; the relay has what was saved, and the rest is taken in then.
      return { client: join(), keys: [], left: stored.chunks, problem: message };
    }
  }

  #tabs(url: string): Tabs {
    const { channel } = this.#store;
    return new Tabs(channel && `${channel} ${url}`);
  }

  #board(glue: Glue, url: string, opened: Opened, tabs: Tabs, isBlind = false): Board {
    const { token, WebSocket } = this.#options;
    const parts: BoardParts = {
      ...opened,
      url,
      tabs,
      isBlind,
      store: this.#store,
      relay: { relay: this.#relay, token, WebSocket },
      reopen: async () => this.#opened(glue, url, await this.#store.load(url)),
      closing: (until) => {
        this.#open.delete(url);
        const ended = until.finally(() => this.#closing.delete(url));
        this.#closing.set(url, ended);
      },
    };
    return new Board(parts);
  }

  /** A new actor for each board and load: two that run at once must never be one. */
  #who(): [Uint8Array, string | undefined, number] {
    const seed = new DataView(random(4).buffer).getUint32(0);
    return [random(16), this.#options.author ?? this.#options.account, seed];
  }

  #check(): void {
    if (this.#isClosed) throw new KanbanError("closed", "The client is closed; make another.");
  }
}

function random(bytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

/** All chunks, one after another. */
function joined(chunks: readonly Chunk[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.bytes.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk.bytes, at);
    at += chunk.bytes.length;
  }
  return bytes;
}
