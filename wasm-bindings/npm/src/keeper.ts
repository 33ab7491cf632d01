// Keeps what a board becomes: one write after the other, compacted now and then.

import type { Chunk, Meta, Store } from "./store.js";

/** With so many chunks a board takes noticeably longer to open than from one. */
const CHUNKS_MAX = 256;

export interface Kept {
  /** What is kept beside the changes, as it is now. */
  meta(): Meta | undefined;
  /** The whole board in one chunk. */
  snapshot(): Chunk | undefined;
  /** Nothing can be kept, and why; or again it can. */
  problem(error: Error | undefined): void;
}

export class Keeper {
  readonly #store: Store;
  readonly #url: string;
  readonly #kept: Kept;
  readonly #keys: Set<string>;
  /** What could not be kept yet. Later changes build on it, so it goes first, or with them. */
  readonly #owed = new Map<string, Chunk>();
  #owesWhole = false;
  #last: Promise<void> = Promise.resolve();
  #writing = 0;

  constructor(store: Store, url: string, kept: Kept, keys: Iterable<string>) {
    this.#store = store;
    this.#url = url;
    this.#kept = kept;
    this.#keys = new Set(keys);
  }

  /** Whether nothing is being written. */
  get isIdle(): boolean {
    return this.#writing === 0;
  }

  /** Keeps these; resolves once they are, rejects if they cannot be. */
  append(chunks: readonly Chunk[]): Promise<void> {
    for (const chunk of chunks) this.#owed.set(chunk.key, chunk);
    return this.#next(async () => {
      if (this.#owesWhole) await this.#compact();
      const owed = [...this.#owed.values()];
      await this.#store.append(this.#url, owed, this.#kept.meta());
      for (const { key } of owed) {
        this.#owed.delete(key);
        this.#keys.add(key);
      }
      // The change is kept, whatever becomes of this.
      if (this.#keys.size > CHUNKS_MAX) await this.#compact().catch(() => {});
    });
  }

  /** Keeps the whole board: of what it has become so far, nothing is kept. */
  whole(): Promise<void> {
    this.#owesWhole = true;
    return this.append([]);
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    while (!this.isIdle) await this.#last;
  }

  async #compact(): Promise<void> {
    const by = this.#kept.snapshot();
    if (by === undefined) return;
    const replaced = [...this.#keys].filter((key) => key !== by.key);
    await this.#store.replace(this.#url, by, replaced);
    this.#owesWhole = false;
    this.#keys.clear();
    this.#keys.add(by.key);
  }

  #next(write: () => Promise<void>): Promise<void> {
    this.#writing += 1;
    const written = this.#last.then(write).finally(() => (this.#writing -= 1));
    const told = written.then(
      () => this.#kept.problem(undefined),
      (error: Error) => {
        this.#kept.problem(error);
        throw error;
      },
    );
    this.#last = told.catch(() => {});
    return told;
  }
}
