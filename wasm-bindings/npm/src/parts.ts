// What a board is made with, and what it tells.

import type { LinkOptions } from "./link.js";
import type { BoardEvent, BoardView } from "./model.js";
import type { Chunk, Meta, Store } from "./store.js";
import type { Tabs } from "./tabs.js";
import type { WasmClient } from "./wasm.js";

/** Something on the board looks different. */
export interface BoardChange {
  /**
   * Whose doing: this copy's, others', another tab's; or the board was opened anew; or it was loaded, and takes
   * the place of how it looked last.
   */
  readonly origin: "local" | "remote" | "tab" | "reopened" | "loaded";
  readonly events: readonly BoardEvent[];
  /** The board as it looks now; of one before, all that did not change is the same object. */
  readonly view: BoardView;
}

/** Told of a change, with the patch that makes its view. */
export type Follower = (change: Omit<BoardChange, "view">, patch: string | undefined) => void;

/** The program's part of a board, and what it was made of. */
export interface Opened {
  client: WasmClient;
  /** The names of the chunks that it has. */
  keys: readonly string[];
  /** Chunks that do not open, perhaps for want of others: they are taken in when the relay has sent these. */
  left: readonly Chunk[];
  /** Why they do not. */
  problem?: string | undefined;
  /** What the list of boards says of it. */
  listed?: Pick<Meta, "name" | "pending"> | undefined;
}

/** What a board is made with. */
export interface BoardParts extends Opened {
  url: string;
  store: Store;
  tabs: Tabs;
  relay: Pick<LinkOptions, "relay" | "token" | "WebSocket">;
  /** What is kept could not be read, for the reason that `problem` says. */
  isBlind: boolean;
  /** Opens what is stored. */
  reopen(): Promise<Opened>;
  /** It is being closed, which takes until this resolves. */
  closing(until: Promise<void>): void;
}
