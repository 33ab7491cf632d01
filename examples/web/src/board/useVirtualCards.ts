// Of a long column only the cards in sight are drawn, and those that somebody is busy with.

import { defaultRangeExtractor, elementScroll, useVirtualizer, type Range, type Rect, type Virtualizer } from "@tanstack/vue-virtual";
import { computed, type ComponentPublicInstance, type Ref } from "vue";
import type { Card, CardId } from "kanban-crdt/page";

const GAP_PX = 8;
const LINE_PX = 20;
const FRAME_PX = 20;
const FACTS_PX = 26;
const LETTERS_IN_A_LINE = 34;
const DRAWN_BEYOND = 6;

/** How high a card will be, until it was drawn and measured. */
function guess(card: Card | undefined): number {
  if (!card) return FRAME_PX + LINE_PX;
  const lines = Math.max(1, Math.ceil(card.title.length / LETTERS_IN_A_LINE));
  const hasFacts = card.description !== "" || card.due !== null || card.assignees.length > 0;
  return FRAME_PX + lines * LINE_PX + (hasFacts ? FACTS_PX : 0) + (card.labels.length > 0 ? FACTS_PX : 0);
}

/** Without asking how large it is now, which the browser says anyway before it paints. */
function observeRect({ scrollElement }: Virtualizer<HTMLElement, Element>, tell: (rect: Rect) => void): (() => void) | void {
  if (!scrollElement) return;
  const observer = new ResizeObserver(() => tell({ width: scrollElement.clientWidth, height: scrollElement.clientHeight }));
  observer.observe(scrollElement);
  return () => observer.disconnect();
}

/** What is new stands at its top; to put it there would make the browser lay out everything at once. */
function scrollTo(offset: number, options: Parameters<typeof elementScroll>[1], virtualizer: Virtualizer<HTMLElement, Element>): void {
  const isForNew = offset === 0 && options.adjustments === undefined && options.behavior === undefined;
  if (!isForNew) elementScroll(offset, options, virtualizer);
}

interface Sources {
  readonly scroller: Readonly<Ref<HTMLElement | null>>;
  readonly cards: Readonly<Ref<readonly Card[]>>;
  /** Cards of this column that must stay, wherever it is scrolled to. */
  readonly pinned: Readonly<Ref<readonly number[]>>;
}

export function useVirtualCards({ scroller, cards, pinned }: Sources) {
  const keyOf = computed(() => {
    const now = cards.value;
    return (index: number): CardId | number => now[index]?.id ?? index;
  });

  /** What was measured, by card. */
  const heights = new Map<CardId | number, number>();

  /** The browser tells sizes once it has laid out what is new, before it is painted; asking earlier makes it do so twice. */
  function heightOf(element: Element, entry: ResizeObserverEntry | undefined): number {
    const index = Number(element.getAttribute("data-index"));
    const key = keyOf.value(index);
    const measured = entry?.borderBoxSize[0]?.blockSize;
    if (measured !== undefined) heights.set(key, Math.round(measured));
    return heights.get(key) ?? guess(cards.value[index]);
  }

  const virtualizer = useVirtualizer(
    computed(() => {
      const now = cards.value;
      const kept = pinned.value;
      return {
        count: now.length,
        getScrollElement: () => scroller.value,
        getItemKey: keyOf.value,
        estimateSize: (index: number) => heights.get(keyOf.value(index)) ?? guess(now[index]),
        gap: GAP_PX,
        measureElement: heightOf,
        overscan: DRAWN_BEYOND,
        // Cards are drawn before the browser has laid anything out: it does that once, for all of them.
        initialRect: { width: 0, height: globalThis.innerHeight },
        observeElementRect: observeRect,
        scrollToFn: scrollTo,
        rangeExtractor: (range: Range) => {
          const shown = defaultRangeExtractor(range);
          const more = kept.filter((index) => index < now.length && !shown.includes(index));
          return more.length === 0 ? shown : [...shown, ...more].sort((one, other) => one - other);
        },
      };
    }),
  );

  const items = computed(() =>
    virtualizer.value.getVirtualItems().flatMap(({ index, start, end }) => {
      const card = cards.value[index];
      return card ? [{ card, index, start, end }] : [];
    }),
  );

  /** Where the line is drawn in front of a card; none means behind the last one. */
  function edgeOf(index: number): number {
    const { measurementsCache } = virtualizer.value;
    const at = measurementsCache[index];
    if (at) return at.start - GAP_PX / 2;
    const last = measurementsCache.at(-1);
    return last ? last.end + GAP_PX / 2 : 0;
  }

  /** Those that stand there wholly or in part, drawn or not. */
  function between(top: number, bottom: number): readonly CardId[] {
    const { measurementsCache } = virtualizer.value;
    let first = 0;
    for (let end = measurementsCache.length; first < end; ) {
      const middle = (first + end) >> 1;
      if ((measurementsCache[middle]?.end ?? 0) < top) first = middle + 1;
      else end = middle;
    }
    let last = first;
    while ((measurementsCache[last]?.start ?? Infinity) <= bottom) last += 1;
    return cards.value.slice(first, last).map(({ id }) => id);
  }

  return {
    items,
    between,
    height: computed(() => virtualizer.value.getTotalSize()),
    edgeOf,
    measure: (element: Element | ComponentPublicInstance | null) => {
      if (element instanceof HTMLElement) virtualizer.value.measureElement(element);
    },
    reveal: (index: number) => virtualizer.value.scrollToIndex(index, { align: "auto" }),
    scrollToEnd: () => virtualizer.value.scrollToIndex(Math.max(0, cards.value.length - 1), { align: "end" }),
  };
}
