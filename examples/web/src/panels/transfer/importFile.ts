// Which board a file is.

import type { Content } from "kanban-crdt/page";
import { createBoardFrom, type Made } from "../../session/boards.js";
import { inWords } from "../../session/problem.js";
import type { transfer } from "../../words/en/transfer.js";

const BYTES_MAX = 100 * 1024 * 1024;

class TooLarge extends Error {}
class NotABoard extends Error {}

/** Boards from Trello have lists and cards beside each other; ours say what they are. */
function contentOf(text: string): Content {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new NotABoard("no JSON", { cause: error });
  }
  if (typeof json !== "object" || json === null) throw new NotABoard("no object");
  if ("lists" in json && "cards" in json) return { type: "trello", text };
  if ("format" in json && json.format === "kanban-board") return { type: "json", text };
  throw new NotABoard("of no known form");
}

export async function importFile(file: File): Promise<Made> {
  if (file.size > BYTES_MAX) throw new TooLarge();
  const content = contentOf(await file.text());
  // The page is drawn once more, with what it is doing, before it is busy.
  await new Promise((resolve) => setTimeout(resolve, 30));
  return createBoardFrom(content);
}

export function problemWith(file: string, error: unknown, words: typeof transfer): string {
  if (error instanceof TooLarge) return words.tooLarge(file);
  if (error instanceof NotABoard) return words.notJson(file);
  return words.failed(file, inWords(error));
}
