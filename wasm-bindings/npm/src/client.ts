import { Board, type BoardParts } from "./board.js";
import { KanbanError } from "./errors.js";
import { now, type TokenSource } from "./link.js";
import type { Content } from "./model.js";
import { memoryStore, type Store, type StoredBoard, type StoredEntry } from "./store.js";
import { ready, type Glue, type WasmClient } from "./wasm.js";

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
  #isClosed = false;

  constructor(options: KanbanClientOptions = {}) {
    this.#options = options;
    this.#relay = options.relay === undefined ? undefined : relayUrl(options.relay);
    this.#store = options.store ?? defaultStore(options.account ?? "");
  }

  /** Makes a board, called this or made of this; offline too. */
  async create(content: string | Content): Promise<Board> {
    this.#check();
    const glue = await ready();
    const url = glue.newDocumentUrl(random(16));
    const made = typeof content === "string" ? { type: "empty", name: content } : content;
    const client = called(() => glue.BoardClient.create(url, JSON.stringify(made), ...this.#who(), now()));
    const board = this.#board(glue, url, client, undefined);
    await board.begin();
    this.#open.set(url, Promise.resolve(board));
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
      opening = this.#load(url);
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
   * Forgets a board on this device, not at the relay. One with changes that no relay has is refused
   * unless that is said to be fine.
   */
  async remove(address: string, options?: { evenUnsaved?: boolean }): Promise<void> {
    this.#check();
    const url = addressIn(address);
    const board = await this.#open.get(url);
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
    await this.#store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #load(url: string): Promise<Board> {
    const [glue, stored] = await Promise.all([ready(), this.#store.load(url)]);
    const board = this.#board(glue, url, this.#opened(glue, url, stored), stored);
    await board.begin();
    return board;
  }

  #opened(glue: Glue, url: string, stored: StoredBoard | undefined): WasmClient {
    const who = this.#who();
    if (!stored || stored.chunks.length === 0) return called(() => glue.BoardClient.join(url, ...who));
    return called(() => glue.BoardClient.open(url, joined(stored), stored.meta?.resume, ...who));
  }

  #board(glue: Glue, url: string, client: WasmClient, stored: StoredBoard | undefined): Board {
    const { token, WebSocket, account = "" } = this.#options;
    const parts: BoardParts = {
      url,
      client,
      stored,
      store: this.#store,
      channel: `kanban-crdt ${account} ${url}`,
      relay: { relay: this.#relay, token, WebSocket },
      reopen: (stored) => this.#opened(glue, url, stored),
      closed: () => this.#open.delete(url),
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

function called<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw KanbanError.of(error);
  }
}

/** An address, or what stands behind the `#` of a link. */
function addressIn(text: string): string {
  if (typeof text !== "string") throw new KanbanError("invalid-argument", "A board's address is a text.");
  const address = text.includes("#") ? decodeURIComponent(text.slice(text.indexOf("#") + 1)) : text;
  return address.trim();
}

function relayUrl(relay: string | URL): URL {
  const url = URL.canParse(relay) ? new URL(relay) : undefined;
  if (url === undefined || !/^(ws|http)s?:$/.test(url.protocol)) {
    const words = `${String(relay)} is no relay's address; one looks like wss://boards.example/sync.`;
    throw new KanbanError("invalid-argument", words);
  }
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}

/** All chunks, one after another. */
function joined({ chunks }: StoredBoard): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.bytes.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk.bytes, at);
    at += chunk.bytes.length;
  }
  return bytes;
}
