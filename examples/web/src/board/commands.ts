// Carries commands out, and tells what came of it.

import { KanbanError, type Board, type ChangeHash, type Command } from "kanban-crdt/page";
import { untilKept } from "../session/keeping.js";
import { useNotices } from "../ui/notices.js";
import { useWords } from "../words/index.js";
import { problemInWords } from "./problems.js";

interface Changed {
  readonly change: ChangeHash | null;
}

interface Outcome {
  readonly isDone: boolean;
  readonly change?: ChangeHash | undefined;
}

interface Outcomes {
  readonly isDone: boolean;
  /** The latest first. */
  readonly changes: readonly ChangeHash[];
}

export interface Commands {
  /** As one change, if any. Resolves with whether all of it is on the board now; why not is told. */
  readonly carryOut: (...commands: readonly Command[]) => Promise<boolean>;
  /** The same for several, with a notice that offers to take them back. */
  readonly carryOutAndOfferUndo: (commands: readonly Command[], text: string) => Promise<boolean>;
  /** The same for whatever else makes a change. */
  readonly changeAndOfferUndo: (change: () => Promise<Changed>, text: string) => Promise<boolean>;
}

/** What one change takes. */
const COMMANDS_MAX = 1_000;

/** All of them as one change, which is undone as one; thousands as a few. */
function inChanges(commands: readonly Command[]): readonly Command[] {
  if (commands.length <= 1) return commands;
  const parts = Array.from({ length: Math.ceil(commands.length / COMMANDS_MAX) }, (_, at) =>
    commands.slice(at * COMMANDS_MAX, (at + 1) * COMMANDS_MAX),
  );
  return parts.map((part) => ({ type: "batch", commands: part }));
}

/** The same without a word about it; what they changed, the latest first. */
export async function applyAll(board: Board, commands: readonly Command[]): Promise<readonly ChangeHash[]> {
  const changes: ChangeHash[] = [];
  for (const command of inChanges(commands)) {
    const { change: hash } = await board.apply(command);
    if (hash !== null) changes.unshift(hash);
  }
  return changes;
}

/** Shows what is going to be while a command is carried out. */
type During = <T>(command: Command, change: () => Promise<T>) => Promise<T>;

export function useCommands(board: Board, during: During = (_, change) => change()): Commands {
  const words = useWords();
  const { tell } = useNotices();

  /** The change that it made, if it made one. */
  async function changing(change: () => Promise<Changed>): Promise<Outcome> {
    try {
      return { isDone: true, change: (await untilKept(change)).change ?? undefined };
    } catch (thrown) {
      const error = KanbanError.of(thrown);
      tell(problemInWords(error, words.board), { tone: "problem" });
      return { isDone: error.code === "storage" };
    }
  }

  /** One after another, until one cannot be. */
  async function inOrder(all: readonly (() => Promise<Changed>)[]): Promise<Outcomes> {
    const changes: ChangeHash[] = [];
    for (const one of all) {
      const { isDone, change } = await changing(one);
      if (!isDone) return { isDone, changes };
      if (change) changes.unshift(change);
    }
    return { isDone: true, changes };
  }

  async function allAndOfferUndo(all: readonly (() => Promise<Changed>)[], text: string): Promise<boolean> {
    const { isDone, changes } = await inOrder(all);
    if (!isDone) return false;
    // Each by itself: what cannot be taken back any more keeps nothing else.
    const undo = async () => {
      for (const change of changes) await changing(() => board.undoChange(change));
    };
    tell(text, changes.length > 0 ? { action: { label: words.board.undo, run: () => void undo() } } : {});
    return true;
  }

  const applying = (command: Command) => () => during(command, () => board.apply(command));

  return {
    carryOut: async (...commands) => (await inOrder(inChanges(commands).map(applying))).isDone,
    carryOutAndOfferUndo: (commands, text) => allAndOfferUndo(inChanges(commands).map(applying), text),
    changeAndOfferUndo: (change, text) => allAndOfferUndo([change], text),
  };
}
