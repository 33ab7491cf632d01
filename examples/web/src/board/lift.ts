// What somebody is moving, by pointer or keys, and where it would be dropped.

import { shallowRef, type ShallowRef } from "vue";
import type { CardId, ColumnId } from "kanban-crdt/page";
import type { Gap } from "./gaps.js";

export interface CardGap extends Gap<CardId> {
  readonly column: ColumnId;
  /** The row of it, on a board in rows. */
  readonly lane?: string | undefined;
}

export type By = "pointer" | "keys";

export interface CardLift {
  readonly what: "card";
  /** The one that was taken. */
  readonly id: CardId;
  /** All that move with it, itself too, as they stand on the board. */
  readonly ids: ReadonlySet<CardId>;
  /** The row it was taken from, on a board in rows. */
  readonly lane?: string | undefined;
  readonly by: By;
  readonly gap?: CardGap | undefined;
}

export interface ColumnLift {
  readonly what: "column";
  readonly id: ColumnId;
  readonly by: By;
  readonly gap?: Gap<ColumnId> | undefined;
}

export type Lift = CardLift | ColumnLift;
export type Lifting = ShallowRef<Lift | undefined>;

export function useLift(): Lifting {
  return shallowRef<Lift>();
}

/** The row that an element is part of. */
export function laneAt(element: Element | null): string | undefined {
  return element?.closest<HTMLElement>("[data-lane]")?.dataset["lane"];
}

export function isMoving(lift: Lift | undefined, id: CardId): boolean {
  return lift?.what === "card" && lift.ids.has(id);
}
