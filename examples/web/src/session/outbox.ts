// Sends what was done offline, also of boards that nobody opens.

import { watch } from "vue";
import { idIn, myBoards, type Boards } from "./client.js";
import { label } from "./label.js";
import { session } from "./session.js";

const EVERY_MS = 60_000;
const PATIENCE_MS = 30_000;

async function sendWaiting(boards: Boards): Promise<void> {
  if (!navigator.onLine || session.isEnded.value) return;
  const waiting = (await boards.list()).filter(({ pending }) => pending > 0);
  // One after another: each takes memory while it is open.
  for (const { url } of waiting) {
    if (boards !== myBoards.value) return;
    await send(boards, idIn(url));
  }
}

async function send(boards: Boards, id: string): Promise<void> {
  const board = await boards.hold(id);
  try {
    await board.whenSaved({ signal: AbortSignal.timeout(PATIENCE_MS) });
    if (board.view) await label(id, board.view.name);
  } catch {
    // The board goes on trying for as long as it has changes, and its status says why it cannot.
  } finally {
    boards.release(id);
  }
}

export function keepSending(): void {
  const now = () => {
    const boards = myBoards.value;
    if (boards) sendWaiting(boards).catch(reportError);
  };
  watch([myBoards, session.isEnded], now, { immediate: true });
  addEventListener("online", now);
  setInterval(now, EVERY_MS);
}
