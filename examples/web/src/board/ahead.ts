// How a board is about to look. A board in a worker answers some milliseconds after a drop; shown as it was until
// then, what was dropped would jump back.

import type { BoardView, Card, CardId, Command, Slot } from "kanban-crdt/page";
import { computed, shallowRef, watch, type Ref } from "vue";
import { columnOf, placeOf } from "./places.js";

type Ahead = Extract<Command, { type: "moveCard" | "moveColumn" | "assign" | "unassign" | "addLabel" | "removeLabel" }>;

/** Commands that have been given and are not on the board yet. */
export function useAhead(now: Readonly<Ref<BoardView>>) {
  const underWay = shallowRef<readonly Command[]>([]);

  // What is there is decided: from then on somebody else's next move is shown, even if the answer takes longer.
  watch(now, (view) => {
    if (underWay.value.length > 0) underWay.value = underWay.value.filter((command) => after(view, command) !== view);
  });

  async function during<T>(command: Command, change: () => Promise<T>): Promise<T> {
    underWay.value = [...underWay.value, command];
    try {
      return await change();
    } finally {
      underWay.value = underWay.value.filter((it) => it !== command);
    }
  }

  return { view: computed(() => underWay.value.reduce(after, now.value)), during };
}

/** The same view if nothing is different then, or if the board will have to say what is. */
function after(view: BoardView, command: Command): BoardView {
  switch (command.type) {
    case "batch":
      return command.commands.reduce(after, view);
    case "moveCard":
      return cardMoved(view, command);
    case "moveColumn": {
      const columns = placed(view.columns, command.column, command.to);
      return columns ? { ...view, columns } : view;
    }
    case "assign":
    case "unassign":
      return marked(view, command.card, "assignees", command.member, command.type === "assign");
    case "addLabel":
    case "removeLabel":
      return marked(view, command.card, "labels", command.label, command.type === "addLabel");
    default:
      return view;
  }
}

function cardMoved(view: BoardView, { card: id, column: to, to: slot }: Extract<Ahead, { type: "moveCard" }>): BoardView {
  const from = placeOf(view, id);
  const there = columnOf(view, to);
  if (!from || !there) return view;
  const isSame = from.column === there;
  const card = isSame ? from.card : { ...from.card, column: to };
  const cards = placed(isSame ? there.cards : [...there.cards, card], id, slot);
  if (!cards && isSame) return view;
  return withColumns(view, (column) => {
    if (column === there) return cards ?? [...there.cards, card];
    return column === from.column ? column.cards.filter((it) => it.id !== id) : column.cards;
  });
}

function marked(view: BoardView, id: CardId, field: "assignees" | "labels", mark: string, isOn: boolean): BoardView {
  const place = placeOf(view, id);
  const marks: readonly string[] | undefined = place?.card[field];
  if (!place || !marks || marks.includes(mark) === isOn) return view;
  const next = isOn ? [...marks, mark] : marks.filter((it) => it !== mark);
  const card = { ...place.card, [field]: next } as Card;
  return withColumns(view, ({ cards }) => (cards === place.column.cards ? cards.with(place.index, card) : cards));
}

function withColumns(view: BoardView, cardsOf: (column: BoardView["columns"][number]) => readonly Card[]): BoardView {
  const columns = view.columns.map((column) => {
    const cards = cardsOf(column);
    return cards === column.cards ? column : { ...column, cards };
  });
  return { ...view, columns };
}

/** With one of them in a slot; none if it stands there, or if what it goes next to is not here. */
function placed<It extends { id: string }>(all: readonly It[], id: It["id"], slot: Slot<It["id"]>): readonly It[] | undefined {
  const at = all.findIndex((it) => it.id === id);
  const it = all[at];
  if (!it) return undefined;
  const others = all.toSpliced(at, 1);
  const to = indexOfSlot(others, slot);
  return to < 0 || to === at ? undefined : others.toSpliced(to, 0, it);
}

function indexOfSlot<It extends { id: string }>(others: readonly It[], slot: Slot<It["id"]>): number {
  if (slot === "first") return 0;
  if (slot === "last") return others.length;
  if ("before" in slot) return others.findIndex(({ id }) => id === slot.before);
  const at = others.findIndex(({ id }) => id === slot.after);
  return at < 0 ? -1 : at + 1;
}
