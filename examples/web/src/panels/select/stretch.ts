// The rectangle between where a mouse was pressed and where it is, as each list of cards sees it. Lists scroll on
// their own, so each remembers where the press was in its content.

import type { Ref } from "vue";
import type { CardId } from "kanban-crdt/page";
import type { Point } from "../../board/drag/scrollNear.js";

/** A list of cards. */
export interface Area {
  /** What moves when the list is scrolled. */
  readonly content: Readonly<Ref<HTMLElement | null>>;
  /** Beyond its edges nothing of the list is to be seen. */
  readonly clip: Readonly<Ref<HTMLElement | null>>;
  /** Cards between two heights of the content. */
  readonly between: (top: number, bottom: number) => readonly CardId[];
}

const clamped = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

/** Within what is to be seen of the list, and on which side of it the point is. */
function inContent({ content, clip }: Area, { x, y }: Point): (Point & { readonly side: number }) | undefined {
  const [origin, seen] = [content.value?.getBoundingClientRect(), clip.value?.getBoundingClientRect()];
  if (!origin || !seen) return undefined;
  const side = y < seen.top ? -1 : y > seen.bottom ? 1 : 0;
  return { x: x - origin.left, y: clamped(y, seen.top, seen.bottom) - origin.top, side };
}

/** What the rectangle from `from` touches; asked again for every other end of it. */
export function stretchFrom(from: Point, areas: ReadonlySet<Area>): (to: Point) => readonly CardId[] {
  const anchors = new Map([...areas].map((area) => [area, inContent(area, from)]));

  function touchedIn(area: Area, to: Point): readonly CardId[] {
    const end = inContent(area, to);
    // A list that has come meanwhile was not scrolled yet.
    const anchor = anchors.get(area) ?? inContent(area, from);
    const width = area.content.value?.offsetWidth ?? 0;
    if (!end || !anchor || (end.side === anchor.side && end.side !== 0)) return [];
    if (Math.max(end.x, anchor.x) < 0 || Math.min(end.x, anchor.x) > width) return [];
    return area.between(Math.min(end.y, anchor.y), Math.max(end.y, anchor.y));
  }

  return (to) => [...areas].flatMap((area) => touchedIn(area, to));
}
