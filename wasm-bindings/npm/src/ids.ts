import type { CardId, ChecklistId, ColumnId, CommentId, ItemId, LabelId, LinkId, MemberId } from "./model.js";

/** The id of anything on a board. */
export type AnyId = CardId | ChecklistId | ColumnId | CommentId | ItemId | LabelId | LinkId | MemberId;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62 to this power are more than anybody ever makes. */
const LENGTH = 12;

/** A new id: `newId<CardId>()`. */
export function newId<Id extends AnyId>(): Id {
  let id = "";
  while (id.length < LENGTH) {
    // Six bits of each byte; what is beyond the digits is drawn again.
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH))) id += DIGITS[byte & 63] ?? "";
  }
  return id.slice(0, LENGTH) as Id;
}

/** A text that is an id, as in `idOf<ColumnId>("todo")`: 1 to 64 of `A-Z a-z 0-9 _ -`. */
export function idOf<Id extends AnyId>(text: string): Id {
  return text as Id;
}
