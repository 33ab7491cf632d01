// Edits drawn from a seed, such as people make.

import { idOf } from "kanban-crdt";

export class Script {
  #state;
  #made = 0;

  constructor(seed) {
    this.#state = seed;
  }

  /** An edit of a board that looks like this, as a function of a board. */
  next(view) {
    const columns = view.columns.map(({ id }) => id);
    const cards = view.columns.flatMap((column) => column.cards.map(({ id }) => id));
    const [column, card] = [this.#one(columns), this.#one(cards)];
    const id = (what) => idOf(`${what}${(this.#made += 1)}`);
    const at = this.#one(["first", "last"]);
    const command = this.#one([
      () => ({ type: "createCard", card: id("card"), column, at, title: `Card ${this.#made} 🎉`, description: "" }),
      () => ({ type: "createCard", card: id("card"), column, at, title: "カード", description: "Words" }),
      () => ({ type: "createColumn", column: id("column"), name: `Column ${this.#made}`, at }),
      () => ({ type: "moveCard", card, column, to: at }),
      () => ({ type: "moveCard", card, column, to: at }),
      () => ({ type: "moveColumn", column, to: at }),
      () => ({ type: "renameCard", card, title: `Renamed ${this.#draw(100)}` }),
      () => ({ type: "renameColumn", column, name: `Renamed ${this.#draw(100)}` }),
      () => ({ type: "archiveCard", card }),
      () => ({ type: "deleteCard", card }),
      () => ({ type: "deleteCard", card: idOf("nobody") }),
      () => ({ type: "renameBoard", name: `Release ${this.#draw(100)}` }),
      () => "undo",
      () => "redo",
    ])();
    return (board) => (typeof command === "string" ? board[command]() : board.apply(command));
  }

  #one(all) {
    return all[this.#draw(all.length)];
  }

  /** A linear congruential generator is random enough. */
  #draw(below) {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * below);
  }
}
