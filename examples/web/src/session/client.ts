// The client of whoever is here, and the boards of it that are open.

import { WorkerClient, type Board, type Content, type StoredEntry, type WorkerClientOptions } from "kanban-crdt/page";
import { shallowRef, watch } from "vue";
import { askToKeep } from "./lasting.js";
import { session, type Person } from "./session.js";
import { holdInTab } from "./tabs.js";

/** Boards stay open a little: people go back and forth. */
const LINGER_MS = 15_000;

let made = 0;

interface Held {
  readonly opening: Promise<Board>;
  holders: number;
  closing: ReturnType<typeof setTimeout> | undefined;
}

export function relayAddress(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/sync`;
}

export const urlOf = (boardId: string) => `automerge:${boardId}`;
export const idIn = (url: string) => url.slice(url.indexOf(":") + 1);

/** The boards of one person on this device. */
export class Boards {
  /** Another for each: who is somebody else sees other boards. */
  readonly key = (made += 1);
  readonly client: WorkerClient;
  readonly #held = new Map<string, Held>();
  readonly #listeners = new Set<() => void>();
  readonly #pending = new Map<string, number>();
  readonly #letGo: () => void;

  constructor(
    options: Omit<WorkerClientOptions, "worker">,
    readonly isGuest = false,
  ) {
    const worker = new Worker(new URL("./boards.worker.ts", import.meta.url), { type: "module" });
    this.client = new WorkerClient({ worker, relay: relayAddress(), ...options });
    this.#letGo = holdInTab(options.account);
  }

  static of({ name, mode }: Person): Boards {
    // Where nobody has an account, people change their names and keep their boards.
    return new Boards(mode === "open" ? { author: name } : { account: name, author: name });
  }

  /** Whoever has come by a link to one board. No account is called like this author. */
  static ofGuest(boardId: string, token: string): Boards {
    return new Boards({ account: `link ${boardId}`, author: "Guest", token: () => ({ token }) }, true);
  }

  /** Calls back when any open board has more or fewer changes to send. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Opens a board, or shares one that is open. Whoever holds one releases it. */
  hold(boardId: string): Promise<Board> {
    let held = this.#held.get(boardId);
    if (held === undefined) {
      held = { opening: this.#open(boardId), holders: 0, closing: undefined };
      this.#held.set(boardId, held);
    }
    held.holders += 1;
    clearTimeout(held.closing);
    return held.opening;
  }

  /** Begins to open a board that will be held in a moment. Whoever holds it hears why if it cannot be. */
  expect(boardId: string): void {
    this.hold(boardId).catch(() => {});
    this.release(boardId);
  }

  /** Makes a board, held by whoever made it. */
  async create(content: string | Content): Promise<Board> {
    const board = await this.client.create(content);
    this.#watch(board);
    this.#held.set(idIn(board.url), { opening: Promise.resolve(board), holders: 1, closing: undefined });
    return board;
  }

  /** It is closed a little later, once it is saved: until then it goes on sending. */
  release(boardId: string): void {
    const held = this.#held.get(boardId);
    if (held === undefined) return;
    held.holders -= 1;
    if (held.holders <= 0) held.closing = setTimeout(() => void this.#closeIfSaved(boardId, held), LINGER_MS);
  }

  /** Forgets a board on this device, whatever of it was not sent. */
  async forget(boardId: string): Promise<void> {
    clearTimeout(this.#held.get(boardId)?.closing);
    this.#held.delete(boardId);
    await this.client.remove(urlOf(boardId), { evenUnsaved: true });
  }

  /** After signing in again: at once, rather than after the pause. */
  async reconnect(): Promise<void> {
    const boards = await Promise.allSettled([...this.#held.values()].map((held) => held.opening));
    for (const board of boards) if (board.status === "fulfilled") board.value.reconnect();
  }

  async close(): Promise<void> {
    for (const held of this.#held.values()) clearTimeout(held.closing);
    this.#held.clear();
    await this.client.close().finally(this.#letGo);
  }

  /**
   * The boards on this device, with how many changes wait as the open ones say it: what the package has noted
   * of a board stays as it was before the board was sent, until something else of it is kept.
   */
  async list(): Promise<StoredEntry[]> {
    const stored = await this.client.list();
    return stored.map((entry) => ({ ...entry, pending: this.#pending.get(entry.url) ?? entry.pending }));
  }

  async #open(boardId: string): Promise<Board> {
    try {
      const board = await this.client.open(urlOf(boardId));
      this.#watch(board);
      return board;
    } catch (error) {
      this.#held.delete(boardId);
      throw error;
    }
  }

  #watch(board: Board): void {
    // Some browsers ask the person, who has something to lose from now on. Whoever looks in by a link has not.
    if (!this.isGuest) askToKeep(this.client).catch(reportError);
    const note = ({ isLoading, changes }: Board["status"]) => {
      // What was kept says how many wait, until the board is here.
      if (!isLoading) this.#pending.set(board.url, changes);
    };
    note(board.status);
    board.onStatus((status) => {
      note(status);
      for (const listener of this.#listeners) listener();
      const { state, isLoading } = status;
      if ((state === "refused" || state === "offline") && !isLoading && navigator.onLine) session.suspect();
    });
  }

  async #closeIfSaved(boardId: string, held: Held): Promise<void> {
    const board = await held.opening.catch(() => undefined);
    if (held.holders > 0 || this.#held.get(boardId) !== held) return;
    if (board !== undefined && board.status.changes > 0) {
      held.closing = setTimeout(() => void this.#closeIfSaved(boardId, held), LINGER_MS);
      return;
    }
    this.#held.delete(boardId);
    await board?.close();
  }
}

const current = shallowRef<Boards>();

/** The boards of whoever is here; none while nobody is. */
export const myBoards = current;

/** Follows the session for as long as the page runs. */
export function keepClient(): void {
  watch(
    session.person,
    (person) => {
      current.value?.close().catch(reportError);
      current.value = person && Boards.of(person);
    },
    { immediate: true },
  );
  watch(session.isEnded, (isEnded) => {
    if (!isEnded) current.value?.reconnect().catch(reportError);
  });
}
