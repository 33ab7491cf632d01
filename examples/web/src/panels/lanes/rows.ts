// What every part of a board in rows shares.

import { inject, provide, type InjectionKey, type Ref } from "vue";
import type { Card, ColumnId } from "kanban-crdt/page";
import type { Moves } from "../../board/moves.js";
import type { Grouping } from "../filters/filters.js";
import type { Lane } from "./lanes.js";

export interface Rows {
  readonly by: Readonly<Ref<Grouping>>;
  readonly lanes: Readonly<Ref<readonly Lane[]>>;
  /** The same in words. */
  readonly nameOf: (lane: Lane) => string;
  readonly moves: Moves;
  /** A row says how it is drawn though it is far from what is in sight; the answer takes that back. */
  readonly brings: (lane: string, bring: () => void) => () => void;
  readonly cardsIn: (lane: string, column: ColumnId) => readonly Card[];
}

const KEY: InjectionKey<Rows> = Symbol("rows");

export function provideRows(rows: Rows): void {
  provide(KEY, rows);
}

export function useRows(): Rows {
  const rows = inject(KEY);
  if (!rows) throw new Error("this is no part of a board in rows");
  return rows;
}
