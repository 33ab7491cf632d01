// Drags by finger: a long press lifts, on every phone alike. The browsers' own drags by touch differ, and open
// the menu of a link instead.

import type { Ref } from "vue";
import type { CardId, ColumnId } from "kanban-crdt";
import type { BoardContext } from "../context.js";
import type { Lift } from "../lift.js";
import type { Moves } from "../moves.js";
import { whileMounted } from "./dragging.js";
import { carryCardOver, carryColumnOver } from "./useDrops.js";

const PRESS_MS = 300;
/** A finger is never quite still. */
const SLACK_PX = 10;
const EDGE_PX = 48;
const SCROLL_PX = 9;

interface Point {
  readonly x: number;
  readonly y: number;
}

export function useLongPress(row: Readonly<Ref<HTMLElement | null>>, context: BoardContext, moves: Moves): void {
  whileMounted(row, (element) => {
    const begin = (event: TouchEvent) => press(element, event, context, moves);
    // The menu of a link, and the drag of the browser, would end the touch.
    const prevent = (event: Event) => {
      if (lastTouch + PRESS_MS * 4 > event.timeStamp) event.preventDefault();
    };
    element.addEventListener("touchstart", begin, { passive: true });
    element.addEventListener("contextmenu", prevent);
    element.addEventListener("dragstart", prevent, { capture: true });
    return () => {
      element.removeEventListener("touchstart", begin);
      element.removeEventListener("contextmenu", prevent);
      element.removeEventListener("dragstart", prevent, { capture: true });
    };
  });
}

let lastTouch = Number.NEGATIVE_INFINITY;

/** What is under a finger, to be lifted. */
function liftable(target: Element, { naming }: BoardContext): { lift: Lift; element: HTMLElement } | undefined {
  if (target.closest("textarea, input, [role=group], .menu-button, .menu")) return undefined;
  const card = target.closest<HTMLElement>("[data-card]");
  if (card) {
    const id = card.dataset["card"] as CardId;
    return naming.value?.id === id ? undefined : { lift: { what: "card", id, by: "pointer" }, element: card };
  }
  const column = target.closest("header")?.closest<HTMLElement>("[data-column]");
  return column ? { lift: { what: "column", id: column.dataset["column"] as ColumnId, by: "pointer" }, element: column } : undefined;
}

function press(row: HTMLElement, event: TouchEvent, context: BoardContext, moves: Moves): void {
  lastTouch = event.timeStamp;
  const { target } = event;
  const [touch] = event.touches;
  if (!(target instanceof Element) || !touch || event.touches.length > 1 || context.isReadOnly.value) return;
  const found = liftable(target, context);
  if (!found) return;

  const from: Point = { x: touch.clientX, y: touch.clientY };
  let at = from;
  let ghost: HTMLElement | undefined;
  let frame = 0;
  const timer = setTimeout(lifted, PRESS_MS);

  function lifted(): void {
    if (!found) return;
    context.lift.value = found.lift;
    ghost = ghostOf(found.element, row);
    navigator.vibrate?.(10);
    frame = requestAnimationFrame(carried);
  }

  function carried(): void {
    if (ghost) ghost.style.translate = `${at.x - from.x}px ${at.y - from.y}px`;
    scrollNear(row, at, found?.lift.what === "card");
    const section = document.elementFromPoint(at.x, at.y)?.closest<HTMLElement>("[data-column]");
    if (section) carryCardOver(context, section, at.y);
    carryColumnOver(context, row, at.x);
    frame = requestAnimationFrame(carried);
  }

  function moved(event: TouchEvent): void {
    const touch = event.touches[0];
    if (!touch) return;
    at = { x: touch.clientX, y: touch.clientY };
    if (ghost) event.preventDefault();
    else if (Math.hypot(at.x - from.x, at.y - from.y) > SLACK_PX) end();
  }

  function end(): void {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    ghost?.remove();
    for (const [name, listener] of listeners) target?.removeEventListener(name, listener);
  }

  function released(event: Event): void {
    const isLifted = ghost !== undefined;
    end();
    if (!isLifted) return;
    // No click follows: it would open the card.
    event.preventDefault();
    const now = context.lift.value;
    context.lift.value = undefined;
    if (now && event.type === "touchend") void moves.drop(now);
  }

  // On the element itself: it gets them even if somebody else's change has taken it from the page.
  const listeners: readonly (readonly [string, EventListener])[] = [
    ["touchmove", moved as EventListener],
    ["touchend", released],
    ["touchcancel", released],
  ];
  for (const [name, listener] of listeners) target.addEventListener(name, listener, { passive: false });
}

/** A picture of it that follows the finger. */
function ghostOf(element: HTMLElement, row: HTMLElement): HTMLElement {
  const { left, top, width, height } = element.getBoundingClientRect();
  const ghost = element.cloneNode(true) as HTMLElement;
  for (const part of [ghost, ...ghost.querySelectorAll<HTMLElement>("*")]) {
    for (const name of ["data-card", "data-column", "data-focus", "id"]) part.removeAttribute(name);
  }
  ghost.inert = true;
  ghost.ariaHidden = "true";
  Object.assign(ghost.style, {
    position: "fixed",
    zIndex: "10",
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
    transform: "rotate(2deg)",
    opacity: "0.92",
    pointerEvents: "none",
    listStyle: "none",
  });
  row.parentElement?.append(ghost);
  return ghost;
}

/** At an edge the board, and the column under the finger, scroll. */
function scrollNear(row: HTMLElement, { x, y }: Point, isCard: boolean): void {
  const { left, right } = row.getBoundingClientRect();
  if (x < left + EDGE_PX) row.scrollLeft -= SCROLL_PX;
  else if (x > right - EDGE_PX) row.scrollLeft += SCROLL_PX;
  const list = isCard && document.elementFromPoint(x, y)?.closest("[data-column]")?.querySelector("[data-scrolls]");
  if (!list) return;
  const box = list.getBoundingClientRect();
  if (y < box.top + EDGE_PX) list.scrollTop -= SCROLL_PX;
  else if (y > box.bottom - EDGE_PX) list.scrollTop += SCROLL_PX;
}
