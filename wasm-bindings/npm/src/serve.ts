// A worker's end of the line: it has the boards that a page shows.

import type { Board } from "./board.js";
import { KanbanClient, storeOf } from "./client.js";
import { errorOf, failureOf, KanbanError } from "./errors.js";
import type { Token } from "./link.js";
import type { BoardNews, CallName, Calls, FromPage, FromWorker, Port, Settings } from "./messages.js";
import { Served } from "./served.js";
import type { Store } from "./store.js";
import { windowDid } from "./window.js";

export interface ServeOptions {
  /** What the page speaks through: this worker, if nothing is said. */
  readonly port?: Port;
  /** Where the boards of an account are kept, if not where a client keeps them. */
  readonly store?: (account: string) => Store;
  /** What sockets are made with, where there is none built in. */
  readonly WebSocket?: typeof WebSocket;
}

/**
 * Has boards for a page, in a worker of a script that does nothing but call this. The page makes a `WorkerClient`,
 * of `kanban-crdt/page`, with the worker.
 */
export function serveBoards(options: ServeOptions = {}): void {
  new Desk(options.port ?? (globalThis as unknown as Port), options);
}

type Given<N extends CallName> = Calls[N][0];

class Desk {
  readonly #port: Port;
  readonly #options: ServeOptions;
  #client: KanbanClient | undefined;
  #store: Store | undefined;
  readonly #boards = new Map<number, Promise<Served>>();
  readonly #aborts = new Map<number, AbortController>();
  readonly #tokens = new Map<number, { resolve(token: Token | string | undefined): void; reject(error: Error): void }>();
  #lastToken = 0;

  constructor(port: Port, options: ServeOptions) {
    this.#port = port;
    this.#options = options;
    port.addEventListener("message", (event) => this.#hear((event as MessageEvent<FromPage>).data));
    port.start?.();
    this.#greet();
  }

  /** Holds a lock for as long as this worker lives, where there are any, so that the page hears of its end. */
  #greet(): void {
    const locks = globalThis.navigator?.locks as LockManager | undefined;
    if (!locks) return this.#say({ type: "hello", lock: undefined });
    const lock = `kanban-crdt worker ${crypto.randomUUID()}`;
    const held = locks.request(lock, () => {
      this.#say({ type: "hello", lock });
      return new Promise<never>(() => {});
    });
    // Some frames may have none.
    held.catch(() => this.#say({ type: "hello", lock: undefined }));
  }

  #say(message: FromWorker): void {
    this.#port.postMessage(message);
  }

  #hear(message: FromPage): void {
    if (message.type === "call") void this.#answer(message.id, message.name, message.json);
    if (message.type === "abort") this.#aborts.get(message.id)?.abort();
    if (message.type === "token") this.#tokenCame(message);
    if (message.type !== "window") return;
    windowDid(message.what);
    // Perhaps for good.
    if (message.what === "hidden") for (const board of this.#boards.values()) void board.then((it) => it.keepView(), () => {});
  }

  async #answer(id: number, name: CallName, json: string | undefined): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    try {
      const given: unknown = json === undefined ? undefined : JSON.parse(json);
      const answer = await this.#calls[name](given as never, abort.signal);
      this.#say({ type: "answer", id, json: answer ?? undefined });
    } catch (error) {
      this.#say({ type: "answer", id, failure: failureOf(error) });
    } finally {
      this.#aborts.delete(id);
    }
  }

  /** What each call does; the answer as JSON. */
  readonly #calls: { [N in CallName]: (given: Given<N>, signal: AbortSignal) => Promise<string | undefined | void> } = {
    start: async (settings) => this.#start(settings),
    create: ({ board, content }) => this.#has(board, this.#theClient().create(content)),
    open: ({ board, address, viewId }) => this.#has(board, this.#theClient().open(address), viewId),
    list: async () => JSON.stringify(await this.#theClient().list()),
    remove: ({ address, evenUnsaved = false }) => this.#remove(address, evenUnsaved),
    end: () => this.#end(),
    edit: async ({ board, edit, seen }) => (await this.#board(board)).edit(edit, seen),
    ask: async ({ board, question }) => (await this.#board(board)).answer(question),
    show: async ({ board, presence }) => (await this.#board(board)).board.show(presence),
    whenSaved: async ({ board }, signal) => (await this.#board(board)).board.whenSaved({ signal }),
    whenReady: async ({ board }, signal) => void (await (await this.#board(board)).board.whenReady({ signal })),
    reconnect: async ({ board }) => (await this.#board(board)).board.reconnect(),
    close: ({ board }) => this.#close(board),
  };

  #start({ relay, account, author, hasToken }: Settings): void {
    const { store = storeOf, WebSocket } = this.#options;
    this.#store = store(account ?? "");
    this.#client = new KanbanClient({
      ...(relay !== undefined && { relay }),
      ...(account !== undefined && { account }),
      ...(author !== undefined && { author }),
      ...(hasToken && { token: () => this.#token() }),
      store: this.#store,
      ...(WebSocket && { WebSocket }),
    });
  }

  #theClient(): KanbanClient {
    if (!this.#client) throw new KanbanError("failed", "Nobody has said whose boards these are.");
    return this.#client;
  }

  async #has(id: number, opening: Promise<Board>, viewId?: string): Promise<void> {
    const tell = (news: BoardNews) => this.#say({ type: "news", news });
    const serving = opening.then((board) => new Served(id, board, this.#store?.views, tell));
    const served = serving.then((it) => it.begin(viewId));
    this.#boards.set(id, served);
    await served.catch((error: unknown) => {
      this.#boards.delete(id);
      throw error;
    });
  }

  async #board(id: number): Promise<Served> {
    const served = this.#boards.get(id);
    if (!served) throw new KanbanError("closed", "The board is closed; open it again.");
    return served;
  }

  async #remove(address: string, evenUnsaved: boolean): Promise<void> {
    await this.#theClient().remove(address, { evenUnsaved });
    const served = await Promise.allSettled(this.#boards.values());
    const removed = served.flatMap((it) => (it.status === "fulfilled" && it.value.board.url === address ? [it.value] : []));
    await Promise.all(removed.map((it) => it.forgetView()));
  }

  async #close(id: number): Promise<void> {
    const served = await this.#boards.get(id);
    this.#boards.delete(id);
    await served?.close();
  }

  async #end(): Promise<void> {
    await Promise.allSettled([...this.#boards.keys()].map((id) => this.#close(id)));
    await this.#client?.close();
  }

  #token(): Promise<Token | string | undefined> {
    return new Promise((resolve, reject) => {
      const id = (this.#lastToken += 1);
      this.#tokens.set(id, { resolve, reject });
      this.#say({ type: "token", id });
    });
  }

  #tokenCame({ id, token, failure }: Extract<FromPage, { type: "token" }>): void {
    const asked = this.#tokens.get(id);
    this.#tokens.delete(id);
    if (failure) asked?.reject(errorOf(failure));
    else asked?.resolve(token);
  }
}
