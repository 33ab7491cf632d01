import { api } from "./api.js";
import type { Colour } from "./colours.js";
import { boardList } from "./list.js";
import { isKind } from "./problem.js";
import { session } from "./session.js";

/** Longer ones the relay does not take. */
const TITLE_MAX = 200;

/**
 * Tells the relay how lists call a board that it has, which it cannot see for itself. What cannot be told now
 * is told when the board is open the next time.
 */
export async function label(boardId: string, name: string, chosen?: Colour): Promise<void> {
  const known = boardList.entryOf(boardId);
  if (session.person.value?.mode === "open" || session.isEnded.value || known?.role === "reader") return;
  const title = [...name].slice(0, TITLE_MAX).join("");
  const colour = chosen ?? boardList.chosenColour(boardId);
  try {
    boardList.update(await api.label(boardId, { title, ...(colour && { colour }) }));
  } catch (error) {
    const isLater = ["unreachable", "not-signed-in", "not-found", "forbidden", "too-often", "busy"];
    if (!isLater.some((kind) => isKind(error, kind))) throw error;
  }
}
