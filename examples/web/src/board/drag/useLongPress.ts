// Drags by finger: a long press lifts, on every phone alike. The browsers' own drags by touch differ, and open
// the menu of a link instead.

import type { Ref } from "vue";
import type { CardId, ColumnId } from "kanban-crdt/page";
import type { BoardContext } from "../context.js";
import type { Lift } from "../lift.js";
import { copyOf } from "./copy.js";
import { whileMounted } from "./dragging.js";
import { pileOf } from "./pile.js";
import type { Point } from "./scrollNear.js";

const PRESS_MS = 300;
/** A finger is never quite still. */
const SLACK_PX = 10;

/** What a finger carries things over. */
export interface Surface {
  readonly element: Readonly<Ref<HTMLElement | null>>;
  /** Called with every frame, to scroll and to find the gap. */
  readonly carryTo: (point: Point) => void;
  readonly drop: (lift: Lift) => Promise<void>;
}

export function useLongPress(context: BoardContext, surface: Surface): void {
  whileMounted(surface.element, (element) => {
    const begin = (event: TouchEvent) => press(element, event, context, surface);
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
function liftable(target: Element, { naming, lifted }: BoardContext): { lift: Lift; element: HTMLElement } | undefined {
  if (target.closest("textarea, input, [role=group], .menu-button, .menu")) return undefined;
  const card = target.closest<HTMLElement>("[data-card]");
  if (card) {
    const id = card.dataset["card"] as CardId;
    return naming.value?.id === id ? undefined : { lift: lifted({ what: "card", id }, "pointer", card), element: card };
  }
  const column = target.closest("header")?.closest<HTMLElement>("[data-column]");
  const id = column?.dataset["column"] as ColumnId;
  return column ? { lift: lifted({ what: "column", id }, "pointer", column), element: column } : undefined;
}

function press(root: HTMLElement, event: TouchEvent, context: BoardContext, { carryTo, drop }: Surface): void {
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
    ghost = ghostOf(found, root);
    navigator.vibrate?.(10);
    frame = requestAnimationFrame(carried);
  }

  function carried(): void {
    if (ghost) ghost.style.translate = `${at.x - from.x}px ${at.y - from.y}px`;
    carryTo(at);
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
    if (now && event.type === "touchend") void drop(now);
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
function ghostOf({ lift, element }: { lift: Lift; element: HTMLElement }, root: HTMLElement): HTMLElement {
  const { left, top, width } = element.getBoundingClientRect();
  const ghost = lift.what === "card" && lift.ids.size > 1 ? pileOf(element, lift.ids.size) : copyOf(element);
  Object.assign(ghost.style, {
    position: "fixed",
    zIndex: "10",
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    transform: "rotate(2deg)",
    opacity: "0.92",
    pointerEvents: "none",
    listStyle: "none",
  });
  root.parentElement?.append(ghost);
  return ghost;
}
