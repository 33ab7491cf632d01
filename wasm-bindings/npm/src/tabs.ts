// Tabs of one browser that have the same board open tell each other what they have stored.

import type { Chunk } from "./store.js";

/** Speaks with other tabs, where there are any. */
export class Tabs {
  readonly #channel: BroadcastChannel | undefined;

  constructor(name: string, heard: (chunks: Chunk["bytes"][]) => void) {
    if (typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(name);
    // In Node.js it would keep the program from ending.
    (this.#channel as { unref?(): void }).unref?.();
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (Array.isArray(data) && data.every((chunk) => chunk instanceof Uint8Array)) heard(data as Chunk["bytes"][]);
    };
  }

  /** Something is stored that the others do not know. */
  tell(chunks: readonly Chunk[]): void {
    this.#channel?.postMessage(chunks.map((chunk) => chunk.bytes));
  }

  close(): void {
    this.#channel?.close();
  }
}
