// At its edges whatever scrolls does so, while something is carried over it.

export interface Point {
  readonly x: number;
  readonly y: number;
}

const EDGE_PX = 48;
const SCROLL_PX = 9;

/** Whether it moved. */
export function scrollAcross(element: Element, { x }: Point): boolean {
  const { left, right } = element.getBoundingClientRect();
  const before = element.scrollLeft;
  if (x < left + EDGE_PX) element.scrollLeft -= SCROLL_PX;
  else if (x > right - EDGE_PX) element.scrollLeft += SCROLL_PX;
  return element.scrollLeft !== before;
}

export function scrollAlong(element: Element, { y }: Point): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  const before = element.scrollTop;
  if (y < top + EDGE_PX) element.scrollTop -= SCROLL_PX;
  else if (y > bottom - EDGE_PX) element.scrollTop += SCROLL_PX;
  return element.scrollTop !== before;
}

/** The list of cards of the column there. */
export function listAt({ x, y }: Point): Element | undefined {
  return document.elementFromPoint(x, y)?.closest("[data-column]")?.querySelector("[data-scrolls]") ?? undefined;
}
