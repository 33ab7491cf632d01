import { api } from "./api.js";
import type { Colour } from "./colours.js";
import { boardList } from "./list.js";
import { isKind } from "./problem.js";
import { session } from "./session.js";

/** Longer ones the relay does not take. */
const TITLE_MAX = 200;

/**
 * Tells the relay how lists call a board, which it cannot see for itself. What cannot be told now is told
 * when the board is open the next time.
 */
export async function label(boardId: string, name: string, colour?: Colour): Promise<void> {
  const known = boardList.entryOf(boardId);
  if (session.person.value?.mode === "open" || session.isEnded.value || known?.role === "reader") return;
  const title = [...name].slice(0, TITLE_MAX).join("");
  const told = { title, ...(colour && { colour }) };
  try {
    boardList.update(await api.label(boardId, told).catch((error: unknown) => claimed(error, boardId, told)));
  } catch (error) {
    const isLater = ["unreachable", "not-signed-in", "not-found", "forbidden", "conflict", "too-often", "busy"];
    if (!isLater.some((kind) => isKind(error, kind))) throw error;
  }
}

/** A new board, of which the relay has not heard. */
function claimed(error: unknown, boardId: string, told: { title: string; colour?: Colour }) {
  const isNew = isKind(error, "not-found") && boardList.entryOf(boardId)?.role === undefined;
  if (!isNew) throw error;
  return api.claim(boardId, told);
}
