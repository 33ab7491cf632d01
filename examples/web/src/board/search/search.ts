// Search over all that is written on cards, as one types.

import type { Card } from "kanban-crdt/page";

export type CardTest = (card: Card) => boolean;

export interface Search {
  readonly matches: CardTest;
  readonly pieces: (text: string) => readonly Piece[];
}

export interface Piece {
  readonly text: string;
  readonly isHit: boolean;
}

/** A card that did not change is the same object, and is read once. */
const texts = new WeakMap<Card, string>();

/** Letters as people mean them: not by case, nor by how wide they are. */
export function plain(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

function written({ title, description, checklists, comments, links }: Card): readonly string[] {
  const items = checklists.flatMap((list) => [list.name, ...list.items.map((item) => item.text)]);
  return [title, description, ...items, ...comments.map(({ text }) => text), ...links.map(({ name, url }) => `${name} ${url}`)];
}

function textOf(card: Card): string {
  let text = texts.get(card);
  if (text === undefined) {
    text = plain(written(card).join("\n"));
    texts.set(card, text);
  }
  return text;
}

/** Of several words each must occur somewhere, in a card that passes the test. */
export function searchFor(query: string, passes?: CardTest): Search | undefined {
  const words = query.trim().split(/\s+/u).filter((word) => word !== "");
  if (words.length === 0) return passes && { matches: passes, pieces: (text) => [{ text, isHit: false }] };
  const wanted = words.map(plain);
  const hits = new RegExp(`(${words.map(escaped).join("|")})`, "giu");
  return {
    matches: (card) => {
      if (passes && !passes(card)) return false;
      const text = textOf(card);
      return wanted.every((word) => text.includes(word));
    },
    pieces: (text) =>
      text.split(hits).flatMap((piece, index) => (piece === "" ? [] : [{ text: piece, isHit: index % 2 === 1 }])),
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
