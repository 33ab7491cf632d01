const EDGE_PX = 8;
const GAP_PX = 4;

/** Where a panel stands: below its button, or above where there is more room; never beyond the edges. */
export function placeBy(button: HTMLElement, panel: HTMLElement): { left: string; top: string } {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = at.bottom + GAP_PX;
  const isTooLow = below + height > innerHeight - EDGE_PX && at.top > innerHeight - at.bottom;
  const top = isTooLow ? at.top - GAP_PX - height : below;
  const isOnTheRight = at.left + at.width / 2 > innerWidth / 2;
  const left = isOnTheRight ? at.right - width : at.left;
  const within = (value: number, most: number) => `${Math.max(EDGE_PX, Math.min(value, most - EDGE_PX))}px`;
  return { left: within(left, innerWidth - width), top: within(top, innerHeight - height) };
}
