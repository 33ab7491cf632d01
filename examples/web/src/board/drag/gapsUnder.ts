// Which gap is under the pointer.

import type { CardId, ColumnId } from "kanban-crdt/page";
import type { BoardContext } from "../context.js";
import { gapAt, type Gap } from "../gaps.js";
import type { CardGap } from "../lift.js";
import { columnOf } from "../places.js";

export function cardGapUnder(
  { view, search }: BoardContext,
  section: HTMLElement,
  pointerY: number,
  moving: ReadonlySet<CardId>,
): CardGap | undefined {
  const column = columnOf(view.value, section.dataset["column"] as ColumnId);
  if (!column) return undefined;
  const shown = search.value ? column.cards.filter(search.value.matches) : column.cards;
  const ids = shown.flatMap(({ id }) => (moving.has(id) ? [] : [id]));
  const next = cardBelow(section, pointerY, moving);
  const at = next === undefined ? -1 : ids.indexOf(next);
  return { column: column.id, ...gapAt(ids, at < 0 ? ids.length : at) };
}

/** The first card whose middle is below the pointer, of those that are drawn. */
export function cardBelow(section: HTMLElement, pointerY: number, moving: ReadonlySet<CardId>): CardId | undefined {
  const below = [...section.querySelectorAll<HTMLElement>("[data-card]")]
    .map((item) => ({ id: item.dataset["card"] as CardId, box: item.getBoundingClientRect() }))
    .filter(({ id }) => !moving.has(id))
    .filter(({ box }) => pointerY < box.top + box.height / 2);
  return below.sort((one, other) => one.box.top - other.box.top)[0]?.id;
}

export function columnGapUnder({ view }: BoardContext, row: HTMLElement, pointerX: number, moving: ColumnId): Gap<ColumnId> {
  const others = [...row.querySelectorAll<HTMLElement>("[data-column]")].filter(
    (section) => section.dataset["column"] !== moving,
  );
  const next = others.find((section) => {
    const { left, width } = section.getBoundingClientRect();
    return pointerX < left + width / 2;
  });
  const ids = view.value.columns.flatMap(({ id }) => (id === moving ? [] : [id]));
  const at = next ? ids.indexOf(next.dataset["column"] as ColumnId) : -1;
  return gapAt(ids, at < 0 ? ids.length : at);
}
