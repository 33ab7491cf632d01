// Deeds in words, as they follow the name of whoever did them.

import type { Activity, CardAct, CardId, ColumnAct, Deed, Mention, PartAct } from "kanban-crdt/page";
import type { history } from "../../words/en/history.js";

type Words = typeof history;

/** What is told of one deed at most, of a change that did many. */
const TOLD_MAX = 3;

export function toldInWords(deeds: readonly Deed[], words: Words): string {
  const told = deeds.slice(0, TOLD_MAX).map((deed) => deedTold(deed, words));
  return told.join(words.and) + (deeds.length > TOLD_MAX ? "…" : "");
}

function deedTold(deed: Deed, words: Words): string {
  const { did } = words;
  const nameOf = (mention: Mention<unknown>) => mention.name ?? words.goneForGood;
  switch (deed.type) {
    case "undid":
      return did.undid(toldInWords(deed.deeds, words));
    case "redid":
      return did.redid(toldInWords(deed.deeds, words));
    case "imported":
      return did.imported(deed.cards.length);
    case "board":
      if (deed.act.type === "created") return did.boardCreated;
      if (deed.act.type === "renamed") return did.renamed(deed.act.from, deed.act.to);
      return deed.act.type === "described" ? did.boardDescribed : did.boardEdited;
    case "column":
      return columnTold(nameOf(deed.column), deed.act, words);
    case "sortedColumns":
      return did.sortedColumns;
    case "card":
      return cardTold(nameOf(deed.card), deed.act, words);
    case "cards":
      return cardsTold(deed.cards.length, deed.act, words);
    case "label":
      return partTold(nameOf(deed.label), deed.act, { added: did.labelAdded, deleted: did.labelDeleted, edited: did.labelEdited });
    case "member":
      return partTold(nameOf(deed.member), deed.act, { added: did.memberAdded, deleted: did.memberDeleted, edited: did.memberEdited });
    case "other":
      return did.other;
  }
}

type Tell = (name: string) => string;

function partTold(name: string, act: PartAct, tell: { added: Tell; deleted: Tell; edited: Tell }): string {
  if (act.type === "added" || act.type === "deleted") return tell[act.type](name);
  return tell.edited(name);
}

function columnTold(name: string, act: ColumnAct, { did }: Words): string {
  switch (act.type) {
    case "created":
      return did.columnCreated(name);
    case "moved":
      return did.columnMoved(name);
    case "deleted":
      return did.columnDeleted(name);
    case "renamed":
      return did.renamed(act.from, act.to);
    case "limitSet":
      return did.columnLimit(name, act.to);
    case "colourSet":
      return did.columnColour(name);
    default:
      return did[act.type](name);
  }
}

function cardTold(name: string, act: CardAct, words: Words): string {
  const { did } = words;
  const nameOf = (mention: Mention<unknown>) => mention.name ?? "";
  switch (act.type) {
    case "created":
    case "settled":
      return did[act.type](name, nameOf(act.column));
    case "moved":
      return act.from?.name ? did.movedFrom(name, act.from.name, nameOf(act.to)) : did.moved(name, nameOf(act.to));
    case "reordered":
    case "sorted":
      return did.reordered(name);
    case "renamed":
      return did.renamed(act.from, act.to);
    case "labelled":
    case "unlabelled":
      return did[act.type](name, nameOf(act.label));
    case "assigned":
    case "unassigned":
      return did[act.type](name, nameOf(act.member));
    case "startSet":
    case "dueSet":
      return did[act.type](name, act.to);
    case "done":
      return did.done(name, act.done);
    case "checklist":
      return act.act.type === "added" ? did.checklistAdded(name, nameOf(act.checklist)) : did.checklist(name, nameOf(act.checklist));
    case "item":
      return act.act.type === "added" ? did.itemAdded(name, nameOf(act.item)) : did.item(name, nameOf(act.item));
    case "ticked":
      return did.ticked(name, nameOf(act.item), act.done);
    case "comment":
      return partTold(name, act.act, { added: did.commented, deleted: did.commentDeleted, edited: did.comment });
    case "link":
      return act.act.type === "added" ? did.linkAdded(name) : did.link(name);
    default:
      return did[act.type](name);
  }
}

function cardsTold(count: number, act: CardAct, { did }: Words): string {
  switch (act.type) {
    case "created":
      return did.cardsCreated(count);
    case "moved":
      return did.cardsMoved(count, act.to.name ?? "");
    case "sorted":
    case "reordered":
      return did.cardsSorted(count);
    case "archived":
      return did.cardsArchived(count);
    case "deleted":
      return did.cardsDeleted(count);
    case "restored":
    case "unarchived":
      return did.cardsRestored(count);
    default:
      return did.cardsEdited(count);
  }
}

/** The cards that an activity is about. */
export function cardsIn({ deeds }: Activity): readonly CardId[] {
  const about = (deed: Deed): readonly CardId[] => {
    if (deed.type === "card") return [deed.card.id];
    if (deed.type === "cards") return deed.cards;
    return deed.type === "undid" || deed.type === "redid" ? deed.deeds.flatMap(about) : [];
  };
  return deeds.flatMap(about);
}
