// Which cards are chosen, to do something with all of them.

import type { BoardView, Card, CardId } from "kanban-crdt/page";
import { computed, inject, onBeforeUnmount, onMounted, provide, ref, shallowRef, type InjectionKey, type Ref } from "vue";
import { columnOf, placeOf } from "../../board/places.js";
import { searchFor, type CardTest } from "../../board/search/search.js";
import { announce } from "../../ui/announcer.js";
import { useWords } from "../../words/index.js";

export interface Selection {
  /** Those that are still on the board, in its order. */
  readonly cards: Readonly<Ref<readonly Card[]>>;
  readonly has: (id: CardId) => boolean;
  /** Every click chooses, until that is ended: for people without a keyboard. */
  readonly isChoosing: Ref<boolean>;
  readonly clear: () => void;
  /** From the card where a choice began, or from the first of these, to the second. */
  readonly reach: (from: CardId, to: CardId) => void;
  /** Takes these instead, silently: what a mouse is drawn around. */
  readonly replace: (ids: ReadonlySet<CardId>) => void;
  readonly say: () => void;
  readonly isOff: () => boolean;
  /** Takes clicks that choose; all others go on to the card. */
  readonly clicked: (event: MouseEvent) => void;
}

const KEY: InjectionKey<Selection> = Symbol("selection");

interface Sources {
  readonly view: Readonly<Ref<BoardView | undefined>>;
  readonly query: Readonly<Ref<string>>;
  readonly test: Readonly<Ref<CardTest | undefined>>;
  /** Nothing can be chosen on a board of the past, or by who may change nothing. */
  readonly isOff: () => boolean;
}

export function provideSelection({ view, query, test, isOff }: Sources): Selection {
  const words = useWords();
  const ids = shallowRef<ReadonlySet<CardId>>(new Set());
  const isChoosing = ref(false);
  let anchor: CardId | undefined;

  const cards = computed(() => {
    const now = view.value;
    if (!now || ids.value.size === 0) return [];
    return now.columns.flatMap((column) => column.cards.filter(({ id }) => ids.value.has(id)));
  });

  function say(): void {
    announce(ids.value.size === 0 ? words.select.cleared : words.select.count(ids.value.size));
  }

  function choose(next: ReadonlySet<CardId>): void {
    ids.value = next;
    say();
  }

  function toggle(id: CardId): void {
    const next = new Set(ids.value);
    if (!next.delete(id)) next.add(id);
    anchor = id;
    choose(next);
  }

  /** From the card chosen last to this one, of those shown, if they stand in one column. */
  function reachTo(id: CardId): void {
    const now = view.value;
    const place = now && placeOf(now, id);
    const column = place && columnOf(now, place.column.id);
    const matches = searchFor(query.value, test.value)?.matches;
    const shown = (matches ? column?.cards.filter(matches) : column?.cards)?.map((card) => card.id) ?? [];
    const from = anchor === undefined ? -1 : shown.indexOf(anchor);
    const to = shown.indexOf(id);
    if (from < 0 || to < 0) return toggle(id);
    choose(new Set([...ids.value, ...shown.slice(Math.min(from, to), Math.max(from, to) + 1)]));
  }

  function reach(from: CardId, to: CardId): void {
    if (isOff()) return;
    if (ids.value.size === 0) anchor = from;
    reachTo(to);
  }

  function clear(): void {
    const had = ids.value.size > 0;
    isChoosing.value = false;
    anchor = undefined;
    if (had) choose(new Set());
  }

  function clicked(event: MouseEvent): void {
    const { target } = event;
    if (isOff() || event.button !== 0 || !(target instanceof Element) || target.closest("dialog")) return;
    const isMeant = event.ctrlKey || event.metaKey || event.shiftKey;
    if (!isMeant && (!isChoosing.value || target.closest("button, input, textarea"))) return;
    const id = cardAt(target);
    if (id === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey) reachTo(id);
    else toggle(id);
  }

  function pressed(event: KeyboardEvent): void {
    const { activeElement } = document;
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || isOff()) return;
    if (activeElement?.closest("input, textarea, select, [contenteditable], [role=menu], dialog")) return;
    if (document.querySelector("dialog[open], :popover-open")) return;
    if (event.key === "Escape" && (ids.value.size > 0 || isChoosing.value)) clear();
    else if (event.key.toLowerCase() === "x" && activeElement) {
      const id = cardAt(activeElement);
      if (id === undefined) return;
      if (event.shiftKey) reachTo(id);
      else toggle(id);
    } else return;
    event.preventDefault();
  }

  onMounted(() => document.addEventListener("keydown", pressed));
  onBeforeUnmount(() => document.removeEventListener("keydown", pressed));

  const selection: Selection = {
    cards,
    has: (id) => ids.value.has(id),
    isChoosing,
    clear,
    reach,
    replace: (next) => {
      ids.value = next;
      anchor = undefined;
    },
    say,
    isOff,
    clicked,
  };
  provide(KEY, selection);
  return selection;
}

/** None outside of an open board. */
export function useSelection(): Selection | undefined {
  return inject(KEY, undefined);
}

function cardAt(element: Element): CardId | undefined {
  return element.closest<HTMLElement>("[data-card]")?.dataset["card"] as CardId | undefined;
}
