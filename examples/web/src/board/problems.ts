// Why something could not be done, in words.

import type { KanbanError } from "kanban-crdt/page";
import type { board } from "../words/en/board.js";

const DECIDED = new Set(["noSuchChoice", "nothingToKeep", "noSuchValue"]);
const CARD_GONE = new Set(["unknownCard", "cardDeleted"]);
const COLUMN_GONE = new Set(["unknownColumn", "columnHidden", "columnAnchorHidden"]);

export function problemInWords({ code, reason = "", message }: KanbanError, words: typeof board): string {
  if (code === "storage") return words.notKeptHere;
  if (DECIDED.has(reason)) return words.decidedAlready;
  if (CARD_GONE.has(reason)) return words.cardGoneMeanwhile;
  if (COLUMN_GONE.has(reason)) return words.columnGoneMeanwhile;
  if (reason === "tooLong") return words.tooLong;
  return words.notDone(message);
}
