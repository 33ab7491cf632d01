// What the keys do on a board, wherever no text is being typed.

import { onBeforeUnmount, onMounted } from "vue";
import type { ColumnId } from "kanban-crdt/page";
import { announce, announceStep } from "../../ui/announcer.js";
import { useWords } from "../../words/index.js";
import { useCardDeeds } from "../cardDeeds.js";
import type { BoardContext } from "../context.js";
import type { Lift } from "../lift.js";
import type { Moves } from "../moves.js";
import { placeOf } from "../places.js";
import type { Focused } from "./focus.js";
import type { Arrow } from "./neighbours.js";

export interface Actions {
  readonly undo: () => void;
  readonly redo: () => void;
  readonly showShortcuts: () => void;
  readonly nextDecision: () => void;
  /** Brings the focus there; the answer is where it is now, if it went. */
  readonly go: (at: Focused | undefined, arrow: Arrow) => Focused | undefined;
  readonly edit: (at: Focused) => void;
  readonly add: (at: Focused | undefined) => void;
}

const DIRECTIONS: Readonly<Record<string, Arrow>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Home: "first",
  End: "last",
};

const isTyping = (element: Element | null) =>
  element?.closest("input, textarea, select, [contenteditable], [role=menu], dialog") != null;

export function useKeys(context: BoardContext, moves: Moves, actions: Actions): void {
  const { view, focus, lift, lifted, selection, asking, isReadOnly } = context;
  const { archiveCards, deleteCards } = useCardDeeds(context);
  const words = useWords();

  /** Also handed to whoever has just opened the board, and has nothing in focus. */
  function focused(): Focused | undefined {
    const active = document.activeElement;
    if (active === document.body) return focus.current.value;
    const mark = active?.closest<HTMLElement>("[data-focus]");
    return mark || active?.closest("[data-card]") ? focus.current.value : undefined;
  }

  function go(at: Focused | undefined, arrow: Arrow, isChoosing: boolean): void {
    const next = actions.go(at, arrow);
    if (isChoosing && at?.what === "card" && next?.what === "card") selection?.reach(at.id, next.id);
  }

  function pickUp(at: Focused): void {
    const place = at.what === "card" ? placeOf(view.value, at.id)?.card.title : nameOf(at.id);
    if (place === undefined) return;
    const now = lifted(at, "keys", document.activeElement);
    lift.value = now;
    if (now.what === "column") announce(words.board.pickedUpColumn(place));
    else announce(now.ids.size > 1 ? words.board.pickedUpCards(now.ids.size) : words.board.pickedUp(place));
  }

  const nameOf = (id: ColumnId) => view.value.columns.find((column) => column.id === id)?.name;

  /** While something is lifted, the keys are about that alone. */
  function carry(key: string): boolean {
    const now = lift.value;
    if (now?.by !== "keys") return false;
    const arrow = DIRECTIONS[key];
    if (key === "Escape") {
      lift.value = undefined;
      announce(words.board.putBack);
    } else if (key === " " || key === "Enter") {
      lift.value = undefined;
      if (now.gap) void moves.drop(now);
      else announce(words.board.putBack);
    } else if (arrow !== undefined && arrow !== "first" && arrow !== "last") {
      const next = moves.stepped(now, arrow);
      if (next) carryOn(next);
    } else {
      return key === "Tab";
    }
    return true;
  }

  function carryOn(next: Lift): void {
    lift.value = next;
    announceStep(moves.placeInWords(next));
    if (next.what === "card" && next.gap) showGap(next.gap.column);
  }

  function showGap(column: ColumnId): void {
    const section = document.querySelector(`[data-column="${CSS.escape(column)}"]`);
    section?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function moveAtOnce(at: Focused, arrow: Arrow): void {
    const next = arrow === "first" || arrow === "last" ? undefined : moves.stepped(lifted(at, "keys", document.activeElement), arrow);
    if (next) void moves.drop(next);
  }

  function remove(at: Focused): void {
    const now = lifted(at, "keys", document.activeElement);
    if (now.what === "card") void deleteCards(now.ids);
    else if (nameOf(now.id) !== undefined) asking.value = { about: "deletion", column: now.id };
  }

  function archive(at: Focused): void {
    const now = lifted(at, "keys", document.activeElement);
    if (now.what === "card") void archiveCards(now.ids);
  }

  function act(event: KeyboardEvent, at: Focused | undefined): boolean {
    const { key } = event;
    const arrow = DIRECTIONS[key];
    const isInside = document.activeElement?.closest("[data-focus]") != null;
    if (arrow !== undefined && !event.altKey) {
      if (!at && document.activeElement !== document.body) return false;
      go(at, arrow, event.shiftKey);
    } else if (key === "?") actions.showShortcuts();
    else if (key === "d" || key === "D") actions.nextDecision();
    else if (isReadOnly.value) return false;
    else if (key === "n" || key === "N") actions.add(at);
    else if (!at || !isInside) return false;
    else if (arrow !== undefined) moveAtOnce(at, arrow);
    else if (key === " ") pickUp(at);
    else if (key === "Delete" || (key === "Backspace" && event.metaKey)) remove(at);
    else if (key === "e" || key === "E" || key === "F2" || (key === "Enter" && at.what === "column")) actions.edit(at);
    else if (key === "a" || key === "A") archive(at);
    else return false;
    return true;
  }

  function pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || isTyping(document.activeElement)) return;
    if (document.querySelector("dialog[open]")) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && !event.altKey && event.key.toLowerCase() === "z" && !isReadOnly.value) {
      (event.shiftKey ? actions.redo : actions.undo)();
    } else if (isCommand && event.key.toLowerCase() === "y" && !isReadOnly.value) {
      actions.redo();
    } else if (isCommand && event.key !== "Backspace") {
      return;
    } else if (!carry(event.key) && !act(event, focused())) {
      return;
    }
    event.preventDefault();
  }

  onMounted(() => document.addEventListener("keydown", pressed));
  onBeforeUnmount(() => document.removeEventListener("keydown", pressed));
}

