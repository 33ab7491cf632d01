// How a board is about to look. A board in a worker answers some milliseconds after a drop; shown as it was until
// then, what was dropped would jump back, and a step that is asked for twice would be made once.

import type { BoardView, Card, CardId, ChecklistItem, Command } from "kanban-crdt/page";
import { computed, shallowRef, watch, type Ref } from "vue";
import { but, changedEach, marked, placed } from "./aheadParts.js";
import { columnOf, placeOf, type ColumnView } from "./places.js";

type Give<Type extends Command["type"]> = Extract<Command, { type: Type }>;

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
    case "moveColumn":
      return but(view, "columns", placed(view.columns, command.column, command.to));
    default:
      return "card" in command ? cardEdited(view, command.card, (card) => edited(card, command)) : view;
  }
}

function cardMoved(view: BoardView, { card: id, column: to, to: slot }: Give<"moveCard">): BoardView {
  const from = placeOf(view, id);
  const there = columnOf(view, to);
  if (!from || !there) return view;
  const card = but(from.card, "column", to);
  const others = there.cards.filter((it) => it.id !== id);
  const cards = from.column === there ? placed(there.cards, id, slot) : placed([...others, card], id, slot);
  return withCards(view, (column) => {
    if (column === there) return cards;
    return column === from.column ? column.cards.filter((it) => it.id !== id) : column.cards;
  });
}

/** A card on the board or in the archive. */
function cardEdited(view: BoardView, id: CardId, edit: (card: Card) => Card): BoardView {
  const place = placeOf(view, id);
  const editIt = (card: Card) => (card.id === id ? edit(card) : card);
  if (!place) return but(view, "archivedCards", changedEach(view.archivedCards, editIt));
  return withCards(view, ({ cards }) => (cards === place.column.cards ? changedEach(cards, editIt) : cards));
}

function withCards(view: BoardView, cardsOf: (column: ColumnView) => readonly Card[]): BoardView {
  return but(view, "columns", changedEach(view.columns, (column) => but(column, "cards", cardsOf(column))));
}

function edited(card: Card, command: Command): Card {
  switch (command.type) {
    case "assign":
    case "unassign":
      return but(card, "assignees", marked(card.assignees, command.member, command.type === "assign"));
    case "addLabel":
    case "removeLabel":
      return but(card, "labels", marked(card.labels, command.label, command.type === "addLabel"));
    case "moveChecklist":
      return but(card, "checklists", placed(card.checklists, command.checklist, command.to));
    case "moveItem":
      return itemMoved(card, command);
    case "addItem": {
      const { item, text, at } = command;
      return but(card, "checklists", changedEach(card.checklists, (list) => {
        const isIt = list.id === command.checklist && list.items.every(({ id }) => id !== item);
        return isIt ? but(list, "items", placed([...list.items, { id: item, text, done: false }], item, at)) : list;
      }));
    }
    case "setItemDone": {
      const tick = (item: ChecklistItem) => (item.id === command.item ? but(item, "done", command.done) : item);
      return but(card, "checklists", changedEach(card.checklists, (list) => but(list, "items", changedEach(list.items, tick))));
    }
    case "setDone":
      return but(card, "done", command.done);
    case "renameCard":
      return but(card, "title", command.title);
    default:
      return card;
  }
}

function itemMoved(card: Card, { item: id, checklist, to }: Give<"moveItem">): Card {
  const item = card.checklists.flatMap(({ items }) => items).find((it) => it.id === id);
  if (!item) return card;
  const checklists = changedEach(card.checklists, (list) => {
    const isHere = list.items.includes(item);
    if (list.id === checklist) return but(list, "items", placed(isHere ? list.items : [...list.items, item], id, to));
    return isHere ? { ...list, items: list.items.filter((it) => it !== item) } : list;
  });
  return but(card, "checklists", checklists);
}
