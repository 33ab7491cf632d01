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
  readonly #keys = new Set<string>();
  #last: Promise<void> = Promise.resolve();
  #writing = 0;

  constructor(store: Store, url: string, kept: Kept, stored: readonly Chunk[]) {
    this.#store = store;
    this.#url = url;
    this.#kept = kept;
    for (const { key } of stored) this.#keys.add(key);
  }

  /** How many writes are under way. */
  get writing(): number {
    return this.#writing;
  }

  /** Keeps these; resolves once they are, rejects if they cannot be. */
  append(chunks: readonly Chunk[]): Promise<void> {
    return this.#next(async () => {
      await this.#store.append(this.#url, chunks, this.#kept.meta());
      for (const { key } of chunks) this.#keys.add(key);
      if (this.#keys.size > CHUNKS_MAX) await this.#compact();
    });
  }

  /** Keeps the whole board, as it has just arrived. */
  whole(): Promise<void> {
    return this.#next(async () => {
      await this.#compact();
      await this.#store.append(this.#url, [], this.#kept.meta());
    });
  }

  /** Resolves when nothing is being written. */
  idle(): Promise<void> {
    return this.#last;
  }

  async #compact(): Promise<void> {
    const by = this.#kept.snapshot();
    if (by === undefined) return;
    await this.#store.replace(
      this.#url,
      by,
      [...this.#keys].filter((key) => key !== by.key),
    );
    this.#keys.clear();
    this.#keys.add(by.key);
  }

  #next(write: () => Promise<void>): Promise<void> {
    this.#writing += 1;
    const written = this.#last.then(write).then(
      () => this.#kept.problem(undefined),
      (error: Error) => {
        this.#kept.problem(error);
        throw error;
      },
    );
    const settled = written.finally(() => (this.#writing -= 1));
    this.#last = settled.catch(() => {});
    return settled;
  }
}
