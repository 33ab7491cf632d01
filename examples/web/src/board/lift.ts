// What somebody is moving, by pointer or keys, and where it would be dropped.

import { shallowRef, type ShallowRef } from "vue";
import type { CardId, ColumnId } from "kanban-crdt";
import type { Gap } from "./gaps.js";

export interface CardGap extends Gap<CardId> {
  readonly column: ColumnId;
}

export type By = "pointer" | "keys";

export type Lift =
  | { readonly what: "card"; readonly id: CardId; readonly by: By; readonly gap?: CardGap | undefined }
  | { readonly what: "column"; readonly id: ColumnId; readonly by: By; readonly gap?: Gap<ColumnId> | undefined };

export type Lifting = ShallowRef<Lift | undefined>;

export function useLift(): Lifting {
  return shallowRef<Lift>();
}
