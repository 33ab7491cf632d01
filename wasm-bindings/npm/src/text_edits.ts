// Edits of texts count places in what the page showed when they were made. The worker may have more by then.

import type { BoardView, Command, Edit } from "./model.js";

/** A page that is further behind has not drawn for seconds. */
const VIEWS_MAX = 64;

/** The views that the page has been told of, as far as it may still be at one of them. */
export class ToldViews {
  readonly #views: BoardView[] = [];
  /** The number of the first. */
  #first = 1;

  /** What it shows before it is told of any. */
  begin(view: BoardView): void {
    this.#views.push(view);
    this.#first = 0;
  }

  /** The page is told of another; the first is number one. */
  add(view: BoardView): void {
    this.#views.push(view);
    if (this.#views.length > VIEWS_MAX) this.#drop(1);
  }

  /** An edit as it is meant by whoever had seen this many, for the last of them. */
  rebased(edit: Edit, seen: number): Edit {
    this.#drop(seen - this.#first);
    if (this.#views.length < 2 || !("command" in edit)) return edit;
    const { command } = edit;
    if (command?.type !== "editDescription" && command?.type !== "editBoardDescription") return edit;
    const texts = this.#views.map((view) => textIn(view, command));
    return { ...edit, command: texts.reduce((moved, text, index) => rebased(moved, texts[index - 1] ?? text, text), command) };
  }

  #drop(count: number): void {
    const dropped = this.#views.splice(0, Math.min(Math.max(0, count), this.#views.length - 1));
    this.#first += dropped.length;
  }
}

type TextEdit = Extract<Command, { type: "editDescription" | "editBoardDescription" }>;

function textIn(view: BoardView, command: TextEdit): string {
  if (command.type === "editBoardDescription") return view.description;
  const lists = [...view.columns.map(({ cards }) => cards), view.archivedCards, view.deletedCards];
  for (const cards of lists) {
    const card = cards.find(({ id }) => id === command.card);
    if (card) return card.description;
  }
  return "";
}

/** An edit of a text that has become another meanwhile. */
function rebased(edit: TextEdit, before: string, after: string): TextEdit {
  if (before === after) return edit;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let left = 0;
  while (left < shorter - start && before.at(-1 - left) === after.at(-1 - left)) left += 1;
  // Never between the two units of one character.
  if (isSecondUnit(after, after.length - left)) left -= 1;
  if (isSecondUnit(after, start)) start -= 1;
  const end = before.length - left;
  const grown = after.length - before.length;
  const moved = (place: number) => (place <= start ? place : place >= end ? place + grown : end + grown);
  // Who removes from the place on where something was put in means what stands behind that.
  const at = edit.at === start && edit.remove > 0 ? end + grown : moved(edit.at);
  // What was put into the middle of what goes stays, with what stands behind it.
  const isAround = edit.at < start && edit.at + edit.remove > end && end + grown > start;
  const until = isAround ? start : moved(edit.at + edit.remove);
  return { ...edit, at, remove: Math.max(0, until - at) };
}

function isSecondUnit(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit < 0xe000;
}
