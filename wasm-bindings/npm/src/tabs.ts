// Tabs of one browser that have the same board open tell each other what they have stored.

import type { Chunk } from "./store.js";

type Changes = Chunk["bytes"][];

/** Speaks with other tabs, where there are any. Made before the board is read, so that nothing is missed. */
export class Tabs {
  readonly #channel: BroadcastChannel | undefined;
  #hear: ((changes: Changes) => void) | undefined;
  #early: Changes[] = [];
  #isClosed = false;

  /** None without a name: nobody else writes to the same place. */
  constructor(name: string | undefined) {
    if (name === undefined || typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!Array.isArray(data) || !data.every((chunk) => chunk instanceof Uint8Array)) return;
      if (this.#hear) this.#hear(data as Changes);
      else this.#early.push(data as Changes);
    };
  }

  /** Hands on what comes, and what has come since nobody listened; to nobody for a while. */
  hear(listener: ((changes: Changes) => void) | undefined): void {
    this.#hear = listener;
    if (!listener) return;
    const early = this.#early;
    this.#early = [];
    for (const changes of early) listener(changes);
  }

  /** Something is stored that the others do not know. */
  tell(chunks: readonly Chunk[]): void {
    if (!this.#isClosed) this.#channel?.postMessage(chunks.map((chunk) => chunk.bytes));
  }

  close(): void {
    this.#isClosed = true;
    this.#channel?.close();
  }
}
