import type { Heads } from "kanban-crdt/page";

/** When somebody was here last, and what the board was then. */
export interface Since {
  readonly heads: Heads;
  /** Seconds since 1970. */
  readonly at: number;
}
