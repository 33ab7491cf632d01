// Where the arrow keys go from a card in rows.

import type { CardId, ColumnId } from "kanban-crdt/page";
import type { Arrow } from "../../board/keyboard/neighbours.js";
import type { Lane } from "./lanes.js";

export interface InRow {
  readonly lane: string;
  readonly id: CardId;
}

interface Drawn {
  readonly lanes: readonly Lane[];
  readonly columns: readonly ColumnId[];
  /** The cards of a cell that are on the page. */
  readonly drawn: (lane: Lane, column: ColumnId) => readonly { readonly id: CardId }[];
}

export function neighbourInRows({ lanes, columns, drawn }: Drawn, at: InRow | undefined, arrow: Arrow): InRow | undefined {
  const found = at && placeOf({ lanes, columns, drawn }, at);
  if (!found) return lanes.flatMap((lane) => columns.map((column) => cardAt(lane, drawn(lane, column), 0))).find((it) => it);
  const { lane, column, index } = found;
  const cell = drawn(lane, column);
  if (arrow === "first") return cardAt(lane, cell, 0);
  if (arrow === "last") return cardAt(lane, cell, cell.length - 1);
  if (arrow === "left" || arrow === "right") {
    const at = columns.indexOf(column);
    const beyond = arrow === "left" ? columns.slice(0, at).reverse() : columns.slice(at + 1);
    const next = beyond.map((it) => drawn(lane, it)).find((cards) => cards.length > 0);
    return next && cardAt(lane, next, Math.min(index, next.length - 1));
  }
  const here = cardAt(lane, cell, index + (arrow === "up" ? -1 : 1));
  if (here) return here;
  const rows = arrow === "up" ? lanes.slice(0, lanes.indexOf(lane)).reverse() : lanes.slice(lanes.indexOf(lane) + 1);
  const next = rows.find((it) => drawn(it, column).length > 0);
  if (!next) return undefined;
  const cards = drawn(next, column);
  return cardAt(next, cards, arrow === "up" ? cards.length - 1 : 0);
}

function cardAt(lane: Lane, cards: readonly { readonly id: CardId }[], index: number): InRow | undefined {
  const card = cards[index];
  return card && { lane: lane.key, id: card.id };
}

function placeOf({ lanes, columns, drawn }: Drawn, { lane: key, id }: InRow) {
  const lane = lanes.find((it) => it.key === key);
  if (!lane) return undefined;
  for (const column of columns) {
    const index = drawn(lane, column).findIndex((card) => card.id === id);
    if (index >= 0) return { lane, column, index };
  }
  return undefined;
}
