// Shows others where this window is on the board, and gives every part of the board who else is where.

import { computed, inject, onScopeDispose, provide, shallowRef, watch, type InjectionKey, type Ref, type ShallowRef } from "vue";
import { KanbanError, type Board, type CardId, type Presence } from "kanban-crdt/page";
import type { Naming } from "../../board/context.js";
import type { Lifting } from "../../board/lift.js";
import { useCompany, type Company, type Part } from "./company.js";

export interface BoardPresence extends Company {
  /** The card that is open here. */
  readonly open: ShallowRef<CardId | undefined>;
  /** What of the open card is being written in here. */
  readonly writing: ShallowRef<Part | "other" | undefined>;
}

const KEY: InjectionKey<BoardPresence> = Symbol("presence");

/** Somebody who passes over cards, or tabs through fields, is not told of at every step. */
const SETTLED_MS = 150;

interface Inputs {
  readonly board: Board;
  readonly me: Readonly<Ref<string | undefined>>;
  readonly lift: Lifting;
  readonly naming: ShallowRef<Naming | undefined>;
}

export function providePresence({ board, me, lift, naming }: Inputs): void {
  const open: BoardPresence["open"] = shallowRef();
  const writing: BoardPresence["writing"] = shallowRef();

  const place = computed<Omit<Presence, "name">>(() => {
    if (lift.value?.what === "card") return { card: lift.value.id, doing: "dragging" };
    if (open.value !== undefined && writing.value === undefined) return { card: open.value, doing: "looking" };
    if (open.value !== undefined) return { card: open.value, doing: "editing", ...partOf(writing.value) };
    const named = naming.value;
    return named?.what === "card" ? { card: named.id as CardId, doing: "editing", part: "title" } : {};
  });
  const shown = computed<Presence>(() => ({ ...(me.value !== undefined && { name: me.value }), ...place.value }));

  let showing: ReturnType<typeof setTimeout> | undefined;
  show(board, shown.value);
  watch(
    () => JSON.stringify(shown.value),
    () => {
      clearTimeout(showing);
      showing = setTimeout(() => show(board, shown.value), SETTLED_MS);
    },
  );
  onScopeDispose(() => {
    clearTimeout(showing);
    show(board, undefined);
  });

  provide(KEY, { ...useCompany(board, () => me.value), open, writing });
}

const partOf = (part: Part | "other" | undefined) => (part === undefined || part === "other" ? {} : { part });

/** A board that has been closed, or whose worker is gone, shows nobody anyway. */
function show(board: Board, presence: Presence | undefined): void {
  try {
    board.show(presence);
  } catch (error) {
    if (!(error instanceof KanbanError && (error.code === "closed" || error.code === "worker"))) throw error;
  }
}

export function usePresence(): BoardPresence {
  const presence = inject(KEY);
  if (!presence) throw new Error("this is no part of a board");
  return presence;
}
