// A board as a file.

import type { Board } from "kanban-crdt/page";

export type Format = "json" | "csv" | "markdown";

const KINDS: Readonly<Record<Format, { ending: string; type: string }>> = {
  json: { ending: "json", type: "application/json" },
  csv: { ending: "csv", type: "text/csv" },
  markdown: { ending: "md", type: "text/markdown" },
};

/** The browser needs the address until it has begun to save. */
const SAVING_MS = 60_000;
const NAME_LETTERS_MAX = 80;

function textOf(board: Board, format: Format): Promise<string> {
  if (format === "json") return board.ask({ type: "json" });
  if (format === "markdown") return board.ask({ type: "markdown", options: { descriptions: true, checklists: true, comments: true } });
  // Spreadsheets take it for another encoding without the mark.
  return board.ask({ type: "csv", options: { filter: { scope: "boardAndShelf" }, byteOrderMark: true } });
}

/** What no file system minds. */
function fileName(name: string, ending: string): string {
  const plain = [...name.replace(/[\p{Cc}\p{Cf}\\/:*?"<>|]+/gu, " ").trim()].slice(0, NAME_LETTERS_MAX).join("");
  return `${plain.replace(/^\.+/, "") || "board"}.${ending}`;
}

/** Saves the board, and returns what the file is called. */
export async function download(board: Board, name: string, format: Format): Promise<string> {
  const { ending, type } = KINDS[format];
  const address = URL.createObjectURL(new Blob([await textOf(board, format)], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName(name, ending);
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), SAVING_MS);
  return link.download;
}
