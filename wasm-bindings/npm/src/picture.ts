// How a board looked last, as it was kept: shown while the board is loaded, and the part that is still true after.

import type { BoardView } from "./model.js";
import { parsed, viewOf } from "./pieces.js";

/** So long the page may be busy with it at a time; a frame has 16. */
const BUSY_MS = 8;

export class Picture {
  readonly #texts: readonly string[];
  readonly #parsed: unknown[] = [];

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  /** Makes the view, a little at a time. */
  async developed(): Promise<BoardView> {
    let begun = performance.now();
    for (const index of this.#texts.keys()) {
      if (performance.now() - begun > BUSY_MS) {
        await pause();
        begun = performance.now();
      }
      this.#parsed.push(parsed(this.#texts[index] ?? "null"));
    }
    return viewOf(this.#parsed);
  }

  piece(index: number): unknown {
    return this.#parsed[index];
  }

  /** Whether these are all of it. */
  isMadeOf(pieces: readonly unknown[]): boolean {
    return pieces.length === this.#texts.length && pieces.every((piece, index) => piece === this.#parsed[index]);
  }
}

/** Lets the page draw, and hear what people do. */
function pause(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { yield?: () => Promise<void> } };
  return scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
}
