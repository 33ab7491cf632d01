// Choosing cards by drawing a rectangle around them, with a mouse from where no card is. A finger scrolls there.

import { onBeforeUnmount, onMounted, shallowRef, type Ref, type ShallowRef } from "vue";
import type { CardId } from "kanban-crdt/page";
import { scrollAcross, scrollAlong, type Point } from "../../board/drag/scrollNear.js";
import type { Selection } from "./selection.js";
import { stretchFrom, type Area } from "./stretch.js";

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Marquee {
  readonly box: Readonly<ShallowRef<Box | undefined>>;
  /** Adds a list of cards; the answer takes it away. */
  readonly takesIn: (area: Area) => () => void;
}

/** A click is never quite still. */
const SLACK_PX = 4;
/** What does something else when it is pressed or dragged. */
const BUSY = "[data-card], header, a, button, form, input, textarea, select, dialog, [popover], [role=group]";

export function useMarquee(root: Readonly<Ref<HTMLElement | null>>, selection: Selection | undefined): Marquee {
  const box = shallowRef<Box>();
  const areas = new Set<Area>();
  let end: (() => void) | undefined;

  function pressed(event: PointerEvent): void {
    const { target, pointerType, button } = event;
    const isFree = target instanceof Element && !target.closest(BUSY) && !isOnScrollBar(event, target);
    if (!selection || selection.isOff() || pointerType !== "mouse" || button !== 0 || !isFree || !root.value) return;
    end?.();
    end = draw(event, target, root.value, { selection, areas, box });
  }

  onMounted(() => root.value?.addEventListener("pointerdown", pressed));
  onBeforeUnmount(() => end?.());

  return {
    box,
    takesIn: (area) => {
      areas.add(area);
      return () => areas.delete(area);
    },
  };
}

function isOnScrollBar({ clientX, clientY }: PointerEvent, element: Element): boolean {
  const { left, top } = element.getBoundingClientRect();
  return clientX - left - element.clientLeft > element.clientWidth || clientY - top - element.clientTop > element.clientHeight;
}

interface Drawing {
  readonly selection: Selection;
  readonly areas: ReadonlySet<Area>;
  readonly box: ShallowRef<Box | undefined>;
}

function draw(event: PointerEvent, target: Element, root: HTMLElement, { selection, areas, box }: Drawing): () => void {
  const from: Point = { x: event.clientX, y: event.clientY };
  const before = new Set(selection.cards.value.map(({ id }) => id));
  const isAdding = event.shiftKey || event.ctrlKey || event.metaKey;
  const touched = stretchFrom(from, areas);
  const drift = driftOf(target, root);
  let to = from;
  let frame = 0;

  function drawn(): void {
    scrollNear(to, root, areas);
    const edges = root.getBoundingClientRect();
    const ids: ReadonlySet<CardId> = new Set([...(isAdding ? before : []), ...touched(within(edges, to))]);
    if (ids.size !== chosen().length || chosen().some(({ id }) => !ids.has(id))) selection.replace(ids);
    const { x, y } = drift();
    box.value = boxBetween(within(edges, { x: from.x + x, y: from.y + y }), within(edges, to));
    frame = requestAnimationFrame(drawn);
  }

  const chosen = () => selection.cards.value;

  function moved({ clientX: x, clientY: y, buttons }: PointerEvent): void {
    // Released where nobody was told of it.
    if ((buttons & 1) === 0) return stop();
    to = { x, y };
    if (frame === 0 && Math.hypot(x - from.x, y - from.y) > SLACK_PX) frame = requestAnimationFrame(drawn);
  }

  function stop(): void {
    if (frame !== 0) selection.say();
    else if (!isAdding && !selection.isChoosing.value) selection.clear();
    end();
  }

  function pressed(event: KeyboardEvent): void {
    if (event.key !== "Escape" || frame === 0) return;
    event.preventDefault();
    event.stopPropagation();
    selection.replace(before);
    stop();
  }

  function end(): void {
    cancelAnimationFrame(frame);
    frame = 0;
    box.value = undefined;
    listening.abort();
  }

  const listening = new AbortController();
  const { signal } = listening;
  document.addEventListener("pointermove", moved, { signal });
  document.addEventListener("pointerup", stop, { signal });
  document.addEventListener("pointercancel", stop, { signal });
  document.addEventListener("keydown", pressed, { signal, capture: true });
  document.addEventListener("selectstart", (event) => event.preventDefault(), { signal });
  return end;
}

/** How far what was pressed has been scrolled away since. */
function driftOf(target: Element, root: HTMLElement): () => Point {
  const scrollers: Element[] = [];
  for (let at: Element | null = target; at && root.contains(at); at = at.parentElement) scrollers.push(at);
  const begun = scrollers.map(({ scrollLeft, scrollTop }) => ({ scrollLeft, scrollTop }));
  return () => ({
    x: scrollers.reduce((sum, it, at) => sum + (begun[at]?.scrollLeft ?? 0) - it.scrollLeft, 0),
    y: scrollers.reduce((sum, it, at) => sum + (begun[at]?.scrollTop ?? 0) - it.scrollTop, 0),
  });
}

function scrollNear(at: Point, root: HTMLElement, areas: ReadonlySet<Area>): void {
  scrollAcross(root.querySelector("[data-scrolls]") ?? root, at);
  const clips = new Set([...areas].flatMap(({ clip }) => clip.value ?? []));
  for (const clip of clips) {
    const { left, right } = clip.getBoundingClientRect();
    if (at.x >= left && at.x <= right) scrollAlong(clip, at);
  }
}

/** The nearest point of the board: above it is the bar. */
function within({ left, top, right, bottom }: DOMRect, { x, y }: Point): Point {
  return { x: Math.min(Math.max(x, left), right), y: Math.min(Math.max(y, top), bottom) };
}

function boxBetween(from: Point, to: Point): Box {
  return {
    left: Math.min(from.x, to.x),
    top: Math.min(from.y, to.y),
    width: Math.abs(to.x - from.x),
    height: Math.abs(to.y - from.y),
  };
}
