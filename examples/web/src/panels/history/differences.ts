// In which fields a card is another than it was.

import type { BoardView, Card } from "kanban-crdt/page";
import type { history } from "../../words/en/history.js";

type Words = typeof history;
type FieldName = keyof Words["field"];

const FIELDS: readonly FieldName[] = [
  "title",
  "description",
  "labels",
  "assignees",
  "start",
  "due",
  "done",
  "cover",
  "checklists",
  "links",
];

/** Labels and people are sets; in what order they come says nothing. */
const valueOf = (card: Card, field: FieldName): string =>
  JSON.stringify(field === "labels" || field === "assignees" ? [...card[field]].sort() : card[field]);

export function differences(then: Card, now: Card, view: BoardView, words: Words): readonly string[] {
  return FIELDS.filter((field) => valueOf(then, field) !== valueOf(now, field)).map((field) =>
    words.nowField(words.field[field], inWords(now, field, view, words)),
  );
}

function inWords(card: Card, field: FieldName, view: BoardView, words: Words): string {
  switch (field) {
    case "title":
      return words.quoted(card.title);
    case "start":
    case "due":
    case "cover":
      return card[field] ?? words.nothing;
    case "done":
      return card.done ? words.field.done : words.nothing;
    case "labels":
      return named(view.labels.filter(({ id }) => card.labels.includes(id)), words);
    case "assignees":
      return named(view.members.filter(({ id }) => card.assignees.includes(id)), words);
    default:
      return words.isDifferent;
  }
}

function named(all: readonly { readonly name: string }[], words: Words): string {
  return all.map(({ name }) => name).join(words.and) || words.nothing;
}
