// Where something is about to be dropped: between two neighbours, by their ids, so that the place stays the
// same one while other people add, move and delete around it.

import type { Slot } from "kanban-crdt/page";

export interface Gap<Id> {
  readonly after: Id | undefined;
  readonly before: Id | undefined;
}

/** The gap in front of what stands at `index`; `ids` are without what is being moved. */
export function gapAt<Id>(ids: readonly Id[], index: number): Gap<Id> {
  return { after: ids[index - 1], before: ids[index] };
}

/** In front of what a gap is now; if both neighbours have left, the end. */
export function indexOfGap<Id>(ids: readonly Id[], { after, before }: Gap<Id>): number {
  const next = before === undefined ? -1 : ids.indexOf(before);
  if (next >= 0) return next;
  const previous = after === undefined ? -1 : ids.indexOf(after);
  if (previous >= 0) return previous + 1;
  return after === undefined && before !== undefined ? 0 : ids.length;
}

/** The gap in the board's words. */
export function slotOf<Id>(ids: readonly Id[], gap: Gap<Id>): Slot<Id> {
  const index = indexOfGap(ids, gap);
  const { after, before } = gapAt(ids, index);
  if (before !== undefined) return { before };
  return after === undefined ? "last" : { after };
}

export function isSameGap<Id>(one: Gap<Id> | undefined, other: Gap<Id> | undefined): boolean {
  return one?.after === other?.after && one?.before === other?.before;
}
