// Undo and redo, and what they did or why they do not, in words.

import { KanbanError, type Deed, type Undone } from "kanban-crdt/page";
import { useNotices } from "../ui/notices.js";
import { useWords } from "../words/index.js";
import type { BoardContext } from "./context.js";
import { deedInWords } from "./deeds.js";
import { problemInWords } from "./problems.js";

export function useUndo({ board }: Pick<BoardContext, "board">) {
  const words = useWords();
  const { tell } = useNotices();

  /** The history begins with what was just done: taking something back. */
  async function takenBack({ change }: Undone): Promise<string | undefined> {
    const [latest] = await board.ask({ type: "activities", query: { limit: 1 } });
    if (latest?.change !== change) return undefined;
    const deed = latest.deeds.find((it) => it.type === "undid" || it.type === "redid");
    return deed && "deeds" in deed ? innermost(deed.deeds).map((it) => deedInWords(it, words.board)).join(", ") : undefined;
  }

  async function carryOut(what: "undo" | "redo"): Promise<void> {
    try {
      const undone = await board[what]();
      const deeds = (await takenBack(undone)) || words.board.aChange;
      const left = undone.left.length > 0 ? ` ${words.board.undoneInPart}` : "";
      tell((what === "undo" ? words.board.undone(deeds) : words.board.redone(deeds)) + left);
    } catch (thrown) {
      refused(KanbanError.of(thrown));
    }
  }

  function refused(error: KanbanError): void {
    if (error.reason === "nothingToUndo") tell(words.board.nothingToUndo);
    else if (error.reason === "nothingToRedo") tell(words.board.nothingToRedo);
    else if (error.reason === "superseded") tell(words.board.undoSuperseded, { tone: "problem" });
    else tell(problemInWords(error, words.board), { tone: "problem" });
  }

  return { undo: () => void carryOut("undo"), redo: () => void carryOut("redo") };
}

/** An undo that was redone tells of the undo; people think of what that was about. */
function innermost(deeds: readonly Deed[]): readonly Deed[] {
  return deeds.flatMap((deed) => (deed.type === "undid" || deed.type === "redid" ? innermost(deed.deeds) : [deed]));
}
