// How a board is about to look, once a command is carried out.

import type { BoardView, Card, CardId, Checklist, ChecklistItem, Command } from "kanban-crdt/page";
import { but, changedEach, inserted, marked, placed } from "./aheadParts.js";
import { columnOf, placeOf, type ColumnView } from "./places.js";

type Give<Type extends Command["type"]> = Extract<Command, { type: Type }>;

/** The same view if nothing is different then, or if the board will have to say what is. */
export function after(view: BoardView, command: Command): BoardView {
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
  const isHere = from.column === there;
  const cards = isHere ? placed(there.cards, id, slot) : inserted(there.cards, { ...from.card, column: to }, slot);
  if (!cards) return view;
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
    case "addItem":
      return itemAdded(card, command);
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
  const there = card.checklists.find((list) => list.id === checklist);
  if (!item || !there) return card;
  const items = there.items.includes(item) ? placed(there.items, id, to) : inserted(there.items, item, to);
  if (!items) return card;
  const checklists = changedEach(card.checklists, (list) => {
    if (list === there) return but(list, "items", items);
    return list.items.includes(item) ? { ...list, items: list.items.filter((it) => it !== item) } : list;
  });
  return but(card, "checklists", checklists);
}

function itemAdded(card: Card, { item: id, checklist, text, at }: Give<"addItem">): Card {
  const isThere = card.checklists.some(({ items }) => items.some((item) => item.id === id));
  if (isThere) return card;
  const item = { id, text, done: false };
  const added = (list: Checklist) => (list.id === checklist ? but(list, "items", inserted(list.items, item, at) ?? list.items) : list);
  return but(card, "checklists", changedEach(card.checklists, added));
}
