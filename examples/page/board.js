// Shows a board and turns what people do with it into commands.
//
// Elements are kept by id and changed in place, so that a change from elsewhere disturbs neither
// the focus, nor a text half typed, nor a drag. Texts of people are only ever text nodes.

import { makeDraggable } from "./drag.js";
import { newId } from "./kanban-crdt/browser.js";

export class BoardScreen {
  #root;
  #name;
  #carryOut;
  #say;
  #drag;
  #view;
  #columns = new Map();
  #cards = new Map();
  #addColumn;
  /** Elements that move lose the focus for a moment; that is nobody's decision to stop typing. */
  #isArranging = false;

  /** `carryOut(command, undo)` resolves with whether it was taken; `say(card)` tells its place. */
  constructor(root, name, { carryOut, say }) {
    this.#root = root;
    this.#name = name;
    this.#carryOut = carryOut;
    this.#say = say;
    this.#addColumn = addForm("Add a column", (name) =>
      carryOut({ type: "createColumn", column: newId(), name, at: "last" }),
    );
    this.#addColumn.classList.add("add-column");
    this.#drag = makeDraggable(root, (card, column, before) => {
      const to = before === undefined ? "last" : { before };
      void this.#move({ type: "moveCard", card, column, to });
    });
    this.#renames(
      name,
      name,
      () => this.#view?.name,
      (name) => ({ type: "renameBoard", name }),
    );
    root.addEventListener("keydown", (event) => this.#onKey(event));
  }

  show(view) {
    this.#view = view;
    this.#keepingFocus(() => {
      setText(this.#name, view.name);
      document.title = view.name;
      const columns = view.columns.map((column) => this.#showColumn(column));
      arrange(this.#root, [...columns, this.#addColumn]);
    });
    this.#drag.refresh();
  }

  showNothing(text) {
    this.#root.replaceChildren(make("p", "nothing", text));
  }

  #showColumn(column) {
    const parts = remembered(this.#columns, column.id, () => this.#makeColumn(column.id));
    setText(parts.name, column.name);
    setText(parts.count, String(column.cards.length));
    parts.cards.setAttribute("aria-label", column.name);
    const note = column.recovered || column.deletedConcurrently;
    setText(parts.note, note ? "Deleted meanwhile, and shown because a card stands here." : "");
    arrange(
      parts.cards,
      column.cards.map((card) => this.#showCard(card)),
    );
    return parts.element;
  }

  #makeColumn(id) {
    const parts = {
      element: make("section", "column"),
      name: make("h2", "name"),
      count: make("span", "count"),
      note: make("p", "note"),
      cards: make("ol", "cards"),
    };
    parts.element.dataset.column = id;
    const top = make("header", "column-top");
    top.append(parts.name, parts.count);
    const add = addForm("Add a card", (title) => {
      const card = { card: newId(), column: id, at: "last", title, description: "" };
      return this.#carryOut({ type: "createCard", ...card });
    });
    parts.element.append(top, parts.note, parts.cards, add);
    this.#renames(
      parts.name,
      parts.name,
      () => this.#view.columns.find((column) => column.id === id)?.name,
      (name) => ({ type: "renameColumn", column: id, name }),
    );
    return parts;
  }

  #showCard(card) {
    const parts = remembered(this.#cards, card.id, () => this.#makeCard(card.id));
    setText(parts.title, card.title);
    const columns = card.otherPlacements.map((placement) => this.#columnName(placement.column));
    const { otherPlacements, otherTitles, deletedConcurrently } = card;
    const notes = JSON.stringify([otherPlacements, columns, otherTitles, deletedConcurrently]);
    // A button that is replaced between press and release is not clicked.
    if (notes !== parts.shownNotes) {
      parts.shownNotes = notes;
      parts.notes.replaceChildren(...this.#notes(card));
    }
    return parts.element;
  }

  #makeCard(id) {
    const parts = {
      element: make("li", "card"),
      grip: make("span", "grip", "⠿"),
      title: make("span", "title"),
      delete: button("×", () => this.#delete(id)),
      notes: make("div", "notes"),
    };
    parts.element.dataset.card = id;
    parts.element.tabIndex = 0;
    parts.grip.ariaHidden = "true";
    parts.delete.ariaLabel = "Delete";
    parts.delete.className = "delete";
    parts.delete.tabIndex = -1;
    parts.element.append(parts.grip, parts.title, parts.delete, parts.notes);
    this.#renames(
      parts.title,
      parts.element,
      () => this.#placeOf(id)?.card.title,
      (title) => ({ type: "renameCard", card: id, title }),
    );
    return parts;
  }

  /** What people did at the same time, and how to settle it. */
  #notes(card) {
    const notes = [];
    const settle = (label, command) => button(label, () => this.#carryOut(command));
    const note = (text, ...buttons) => {
      const box = make("div", "note", text);
      const choices = make("div", "choices");
      choices.append(...buttons);
      box.append(choices);
      notes.push(box);
    };
    for (const placement of card.otherPlacements) {
      note(
        `Also moved to “${this.#columnName(placement.column)}” at the same time.`,
        settle("Move it there", { type: "pickCardPlacement", card: card.id, placement }),
        settle("Keep it here", { type: "keepCardPlacement", card: card.id }),
      );
    }
    for (const title of card.otherTitles) {
      note(
        `Also renamed to “${title}” at the same time.`,
        settle("Use that", { type: "renameCard", card: card.id, title }),
      );
    }
    if (card.deletedConcurrently) {
      note(
        "Somebody deleted this card at the same time.",
        settle("Keep it", { type: "keepCard", card: card.id }),
        button("Delete it", () => this.#delete(card.id)),
      );
    }
    return notes;
  }

  #columnName(id) {
    const { columns, archivedColumns, deletedColumns } = this.#view;
    const all = [...columns, ...archivedColumns, ...deletedColumns];
    return all.find((column) => column.id === id)?.name ?? "a column that is gone";
  }

  #placeOf(id) {
    for (const [columnIndex, column] of this.#view.columns.entries()) {
      const index = column.cards.findIndex((card) => card.id === id);
      if (index >= 0) return { columnIndex, index, card: column.cards[index] };
    }
    return undefined;
  }

  #delete(id) {
    const card = this.#placeOf(id)?.card;
    const command = { type: "restoreCard", card: id };
    const text = `“${card?.title}” is deleted.`;
    this.#carryOut({ type: "deleteCard", card: id }, { text, command });
  }

  #onKey(event) {
    const id = event.target.dataset?.card;
    if (id === undefined) return;
    if (event.key === "Delete") {
      this.#delete(id);
    } else if (event.altKey && event.key.startsWith("Arrow")) {
      const move = this.#neighbouring(id, event.key.slice("Arrow".length));
      if (move) void this.#move({ type: "moveCard", card: id, ...move });
    } else {
      return;
    }
    // Alt with an arrow key also leaves the page.
    event.preventDefault();
  }

  async #move(command) {
    if (await this.#carryOut(command)) this.#say(command.card);
  }

  /** Where an arrow key takes a card; `undefined` at the edge of the board. */
  #neighbouring(id, direction) {
    const { columnIndex, index } = this.#placeOf(id);
    const { columns } = this.#view;
    const here = columns[columnIndex];
    if (direction === "Up" || direction === "Down") {
      const neighbour = here.cards[direction === "Up" ? index - 1 : index + 1]?.id;
      if (neighbour === undefined) return undefined;
      return {
        column: here.id,
        to: direction === "Up" ? { before: neighbour } : { after: neighbour },
      };
    }
    const there = columns[direction === "Left" ? columnIndex - 1 : columnIndex + 1];
    if (!there) return undefined;
    const before = there.cards[index]?.id;
    return { column: there.id, to: before === undefined ? "last" : { before } };
  }

  /** Lets people rename by a double click on `text`, or Enter while `focusable` has the focus. */
  #renames(text, focusable, current, command) {
    focusable.tabIndex = 0;
    const edit = () => {
      const before = current();
      if (before === undefined || text.hidden) return;
      const input = make("input", `edit ${text.className}`);
      input.value = before;
      input.ariaLabel = "New name";
      let isDone = false;
      const finish = (isWanted) => {
        // Removing the field takes its focus, which finishes again.
        if (isDone) return;
        isDone = true;
        const hadFocus = document.activeElement === input;
        const name = input.value.trim();
        text.hidden = false;
        input.remove();
        if (hadFocus) focusable.focus();
        if (isWanted && name !== "" && name !== before) this.#carryOut(command(name));
      };
      input.addEventListener("keydown", (event) => {
        event.stopPropagation();
        if (event.key === "Enter" || event.key === "Escape") finish(event.key === "Enter");
      });
      input.addEventListener("blur", () => this.#isArranging || finish(true));
      text.hidden = true;
      text.after(input);
      input.focus();
      input.select();
    };
    text.addEventListener("dblclick", edit);
    focusable.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== focusable) return;
      event.preventDefault();
      edit();
    });
  }

  #keepingFocus(change) {
    const focused = document.activeElement;
    const { selectionStart, selectionEnd } = focused ?? {};
    this.#isArranging = true;
    change();
    if (focused !== document.activeElement && focused?.isConnected) {
      focused.focus({ preventScroll: true });
      if (typeof selectionStart === "number")
        focused.setSelectionRange(selectionStart, selectionEnd);
    }
    this.#isArranging = false;
  }
}

/** Makes `parent` hold these children in this order, and moves only those that are elsewhere. */
function arrange(parent, children) {
  let next = parent.firstChild;
  for (const child of children) {
    if (child === next) next = next.nextSibling;
    else parent.insertBefore(child, next);
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

function addForm(label, add) {
  const form = make("form", "add");
  const input = make("input");
  input.placeholder = label;
  input.ariaLabel = label;
  input.maxLength = 500;
  const submit = make("button", "quiet", "Add");
  form.append(input, submit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === "") return;
    input.value = "";
    // What is refused is there again, unless the next is being typed.
    void add(text).then((isTaken) => isTaken || input.value !== "" || (input.value = text));
  });
  return form;
}

function button(label, onClick) {
  const made = make("button", "", label);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

function make(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function remembered(map, id, make) {
  if (!map.has(id)) map.set(id, make());
  return map.get(id);
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
