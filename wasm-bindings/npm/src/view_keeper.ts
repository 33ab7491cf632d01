// In a worker: keeps how a board looks, for the page to show before the board is loaded the next time.

import type { BoardView } from "./model.js";
import { piecesOf } from "./pieces.js";
import { VERSION } from "./version.js";
import type { Views } from "./views.js";

/** A board that is being worked on is kept so often, a large one more seldom. */
const PAUSE_MS = 3_000;
const PAUSE_MS_PER_LETTER = 1 / 250;

export class ViewKeeper {
  readonly #views: Views;
  readonly #url: string;
  readonly #view: () => BoardView | undefined;
  #kept: BoardView | undefined;
  #isForgotten = false;
  #letters = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(views: Views, url: string, view: () => BoardView | undefined) {
    this.#views = views;
    this.#url = url;
    this.#view = view;
  }

  /** What is kept is this already. */
  has(view: BoardView | undefined): void {
    this.#kept = view;
  }

  /** The board looks different; it is kept in a while. */
  changed(): void {
    this.#timer ??= setTimeout(() => void this.keep(), PAUSE_MS + this.#letters * PAUSE_MS_PER_LETTER);
  }

  /** Keeps how it looks now, if that is not kept. */
  keep(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return (this.#last = this.#last.then(() => this.#write()));
  }

  /** The board was removed: what is kept of it goes too, and nothing more is kept. */
  async forget(): Promise<void> {
    this.#isForgotten = true;
    clearTimeout(this.#timer);
    await this.#last;
    await this.#views.remove(this.#url);
  }

  async #write(): Promise<void> {
    const view = this.#view();
    if (this.#isForgotten || view === undefined || view === this.#kept) return;
    const pieces = piecesOf(view);
    this.#letters = pieces.reduce((sum, piece) => sum + piece.length, 0);
    try {
      await this.#views.save(this.#url, { id: crypto.randomUUID(), version: VERSION, pieces });
      this.#kept = view;
    } catch {
      // Without it the board opens later, and not otherwise. That the disk is full, the board itself says.
    }
  }
}
