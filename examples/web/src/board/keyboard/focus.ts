// Which card or column the keys act on. It is remembered by id, so that it stays the same one while the board
// changes, wherever it is drawn.

import { nextTick, onBeforeUnmount, shallowRef, watch, type Ref, type ShallowRef } from "vue";
import type { BoardView, CardId, ColumnId } from "kanban-crdt/page";
import { placeOf } from "../places.js";

export type Focused =
  | { readonly what: "card"; readonly id: CardId }
  | { readonly what: "column"; readonly id: ColumnId };

export interface Focus {
  /** What the tab key comes back to. */
  readonly current: Readonly<ShallowRef<Focused | undefined>>;
  readonly card: (id: CardId) => Promise<void>;
  readonly column: (id: ColumnId) => Promise<void>;
  /** Columns draw only the cards in sight; one says how it brings another into sight. */
  readonly reveals: (column: ColumnId, reveal: (card: CardId) => void) => () => void;
  readonly entered: (event: FocusEvent) => void;
}

export function useFocus(root: Readonly<Ref<HTMLElement | null>>, view: Readonly<Ref<BoardView>>): Focus {
  const current = shallowRef<Focused>();
  const revealing = new Map<ColumnId, (card: CardId) => void>();

  const elementOf = ({ what, id }: Focused) =>
    root.value?.querySelector<HTMLElement>(`[data-focus="${what} ${CSS.escape(id)}"]`);

  async function card(id: CardId): Promise<void> {
    const place = placeOf(view.value, id);
    if (!place) return;
    const wanted: Focused = { what: "card", id };
    current.value = wanted;
    await nextTick();
    revealing.get(place.column.id)?.(id);
    await nextTick();
    const element = elementOf(wanted) ?? (await drawn(() => elementOf(wanted)));
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  async function column(id: ColumnId): Promise<void> {
    const wanted: Focused = { what: "column", id };
    current.value = wanted;
    await nextTick();
    elementOf(wanted)?.focus();
  }

  keepFocus(view, root, current, { card, column });

  return {
    current,
    card,
    column,
    reveals: (id, reveal) => {
      revealing.set(id, reveal);
      return () => revealing.get(id) === reveal && revealing.delete(id);
    },
    entered: ({ target }) => {
      const entered = target instanceof Element ? focusedBy(target) : undefined;
      if (entered && entered.id !== current.value?.id) current.value = entered;
    },
  };
}

/** What was scrolled to is drawn with the next frame. */
async function drawn<T>(find: () => T | null | undefined): Promise<T | undefined> {
  await new Promise((resolve) => requestAnimationFrame(resolve));
  await nextTick();
  return find() ?? undefined;
}

/** The card or column that an element is part of. */
function focusedBy(element: Element): Focused | undefined {
  const card = element.closest<HTMLElement>("[data-card]")?.dataset["card"];
  if (card !== undefined) return { what: "card", id: card as CardId };
  const column = element.closest<HTMLElement>("[data-column]")?.dataset["column"];
  return column === undefined ? undefined : { what: "column", id: column as ColumnId };
}

/** Whoever had the focus has it after a change too; if it is gone, what stands in its place now. */
function keepFocus(
  view: Readonly<Ref<BoardView>>,
  root: Readonly<Ref<HTMLElement | null>>,
  current: ShallowRef<Focused | undefined>,
  { card, column }: Pick<Focus, "card" | "column">,
): void {
  let had: Focused | undefined;
  let isThere = true;
  onBeforeUnmount(() => (isThere = false));

  function before(next: BoardView): void {
    const active = document.activeElement;
    const isHere = active !== null && root.value?.contains(active) === true && !active.closest("dialog");
    had = isHere ? focusedBy(active) : undefined;
    if (current.value && !exists(next, current.value)) current.value = undefined;
  }

  async function after(now: BoardView, old: BoardView): Promise<void> {
    const lost = had;
    if (!lost || !isThere || (document.activeElement && document.activeElement !== document.body)) return;
    if (exists(now, lost)) return lost.what === "card" ? card(lost.id) : column(lost.id);
    const next = successor(now, old, lost);
    if (next) await (next.what === "card" ? card(next.id) : column(next.id));
  }

  watch(view, before, { flush: "pre" });
  watch(view, after, { flush: "post" });
}

function exists(view: BoardView, { what, id }: Focused): boolean {
  return what === "card" ? placeOf(view, id) !== undefined : view.columns.some((column) => column.id === id);
}

/** What stands now where something has gone. */
export function successor(now: BoardView, old: BoardView, gone: Focused): Focused | undefined {
  if (gone.what === "column") {
    const at = old.columns.findIndex((column) => column.id === gone.id);
    const column = now.columns[at] ?? now.columns.at(-1);
    return column && { what: "column", id: column.id };
  }
  const was = placeOf(old, gone.id);
  const column = now.columns.find((it) => it.id === was?.column.id);
  if (!was || !column) return undefined;
  const card = column.cards[was.index] ?? column.cards.at(-1);
  return card ? { what: "card", id: card.id } : { what: "column", id: column.id };
}
