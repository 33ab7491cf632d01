// What somebody did, in a few words.

import type { Deed, Mention } from "kanban-crdt/page";
import type { board } from "../words/en/board.js";

type Words = typeof board;

const nameOf = (mention: Mention<unknown>, words: Words) => mention.name || words.nameless;

export function deedInWords(deed: Deed, words: Words): string {
  switch (deed.type) {
    case "card":
      return cardDeed(deed, words);
    case "cards":
      return words.deed.cards(deed.cards.length);
    case "column":
      return columnDeed(deed, words);
    case "label":
      return words.deed.edited(nameOf(deed.label, words));
    case "member":
      return words.deed.edited(nameOf(deed.member, words));
    case "board":
      return deed.act.type === "renamed" ? words.deed.renamed(deed.act.to) : words.deed.board;
    default:
      return words.aChange;
  }
}

function cardDeed({ card, act }: Extract<Deed, { type: "card" }>, words: Words): string {
  const name = nameOf(card, words);
  switch (act.type) {
    case "created":
    case "deleted":
    case "restored":
    case "archived":
    case "unarchived":
    case "described":
      return words.deed[act.type](name);
    case "moved":
    case "settled":
      return words.deed.moved(name, nameOf("to" in act ? act.to : act.column, words));
    case "reordered":
      return words.deed.reordered(name);
    case "renamed":
      return words.deed.renamed(act.to);
    default:
      return words.deed.edited(name);
  }
}

function columnDeed({ column, act }: Extract<Deed, { type: "column" }>, words: Words): string {
  const name = nameOf(column, words);
  switch (act.type) {
    case "created":
    case "deleted":
    case "restored":
    case "archived":
    case "unarchived":
      return words.deed[act.type](name);
    case "moved":
      return words.deed.reordered(name);
    case "renamed":
      return words.deed.renamed(act.to);
    default:
      return words.deed.edited(name);
  }
}
