// Edits of a text as the board takes them: at a place, so much removed, so much put in. Places count UTF-16
// units, as in strings.

export interface Splice {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const isHalf = (text: string, at: number) => {
  const unit = text.charCodeAt(at - 1);
  return unit >= 0xd800 && unit < 0xdc00;
};

/**
 * What makes one text of another; none if they are the same. Of equal letters, as in "aa|a", the one at `caret`
 * is taken for the new one.
 */
export function spliceBetween(before: string, after: string, caret = after.length): Splice | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let end = 0;
  const endMax = Math.min(shorter, Math.max(0, after.length - caret));
  while (end < endMax && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  let start = 0;
  while (start < shorter - end && before[start] === after[start]) start += 1;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  // Never between the two units of one character.
  if (isHalf(before, start) || isHalf(after, start)) start -= 1;
  if (isHalf(before, before.length - end) || isHalf(after, after.length - end)) end -= 1;
  return { at: start, remove: before.length - end - start, insert: after.slice(start, after.length - end) };
}

export function spliced(text: string, { at, remove, insert }: Splice): string {
  return text.slice(0, at) + insert + text.slice(at + remove);
}

/** Where a place is once somebody else's edit was made; at the same place, theirs comes behind. */
export function placeAfter(place: number, { at, remove, insert }: Splice): number {
  if (place <= at) return place;
  if (place >= at + remove) return place + insert.length - remove;
  return at + insert.length;
}

/** An edit of a text that somebody else has edited meanwhile. What both removed is removed once. */
export function rebased(splice: Splice, over: Splice): Splice {
  const end = splice.at + splice.remove;
  const overEnd = over.at + over.remove;
  const both = Math.max(0, Math.min(end, overEnd) - Math.max(splice.at, over.at));
  const isAround = splice.at < over.at && end > overEnd;
  // What they put into the middle of what goes stays: only what stands before it goes with this edit.
  if (isAround) return { at: splice.at, remove: over.at - splice.at, insert: splice.insert };
  const remove = splice.remove - both;
  // What is left to remove from the same place on stands behind what they put in.
  const at = splice.at === over.at && remove > 0 ? splice.at + over.insert.length : placeAfter(splice.at, over);
  return { at, remove, insert: splice.insert };
}
