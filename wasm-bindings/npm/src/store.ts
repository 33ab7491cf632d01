import type { Views } from "./views.js";

/** Changes to keep. One with a key that is there already is the same, and may be written again. */
export interface Chunk {
  readonly key: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What is kept beside a board's changes. */
export interface Meta {
  /** What the board is called. */
  readonly name: string;
  /** How many changes no relay had, when this was written. */
  readonly pending: number;
  /** What the client needs to go on with the relay where it stopped. */
  readonly resume?: Uint8Array<ArrayBuffer>;
}

/** A board as it is kept. */
export interface StoredBoard {
  readonly chunks: readonly Chunk[];
  readonly meta?: Meta;
}

/** A board in a list. */
export interface StoredEntry {
  readonly url: string;
  readonly name: string;
  readonly pending: number;
}

/**
 * Where boards are kept on this device. What a method promises is kept when its promise resolves, also
 * if the program ends right after; several tabs may write at the same time.
 */
export interface Store {
  /** Where it keeps how boards looked last; none if it does not. What `remove` forgets is forgotten there too. */
  readonly views?: Views;
  /** Where others that write to the same place hear of it: the name of a `BroadcastChannel`. */
  readonly channel?: string;
  /** What is kept of the board at an address. */
  load(url: string): Promise<StoredBoard | undefined>;
  /** Keeps more of it. */
  append(url: string, chunks: readonly Chunk[], meta?: Meta): Promise<void>;
  /** Keeps one chunk in the place of others, all or nothing. */
  replace(url: string, by: Chunk, keys: readonly string[]): Promise<void>;
  /** All boards. */
  list(): Promise<StoredEntry[]>;
  /** Forgets one. */
  remove(url: string): Promise<void>;
  /** Lets go of what is open. */
  close(): Promise<void>;
}

/** Keeps boards for as long as the page or program runs. */
export function memoryStore(): Store {
  const boards = new Map<string, { chunks: Map<string, Chunk>; meta?: Meta }>();
  const board = (url: string) => {
    const known = boards.get(url) ?? { chunks: new Map<string, Chunk>() };
    boards.set(url, known);
    return known;
  };
  return {
    async load(url) {
      const { chunks, meta } = boards.get(url) ?? {};
      return chunks && { chunks: [...chunks.values()], ...(meta && { meta }) };
    },
    async append(url, chunks, meta) {
      const known = board(url);
      for (const chunk of chunks) known.chunks.set(chunk.key, chunk);
      if (meta) known.meta = meta;
    },
    async replace(url, by, keys) {
      const { chunks } = board(url);
      for (const key of keys) chunks.delete(key);
      chunks.set(by.key, by);
    },
    async list() {
      return [...boards].map(([url, { meta }]) => entry(url, meta));
    },
    async remove(url) {
      boards.delete(url);
    },
    async close() {},
  };
}

/** A board in a list, of what is kept of it. */
export function entry(url: string, meta: Meta | undefined): StoredEntry {
  return { url, name: meta?.name ?? "", pending: meta?.pending ?? 0 };
}
