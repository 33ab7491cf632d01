import { KanbanError } from "kanban-crdt/page";
import { useWords } from "../words/index.js";
import { ApiProblem } from "./api.js";

const words = useWords();

/** What went wrong, in the person's language as far as it is known. */
export function inWords(error: unknown): string {
  if (!(error instanceof ApiProblem)) return error instanceof Error ? error.message : String(error);
  const detail = error.detail.replace(/\.$/, "");
  switch (error.kind) {
    case "unreachable":
      return words.account.unreachable;
    case "wrong-password":
      return words.account.wrongPassword;
    case "too-often":
      return words.account.tooOften;
    case "busy":
      return words.account.busy;
    case "not-signed-in":
      return words.account.endedText;
    case "limit":
      return words.account.limit(detail);
    case "forbidden":
      return words.account.notAllowed(detail);
    case "not-found":
      return words.account.missing(detail);
    default:
      return words.account.otherProblem(detail);
  }
}

export function isKind(error: unknown, kind: string): boolean {
  return error instanceof ApiProblem && error.kind === kind;
}

/** The change is on the board and goes to the relay, though this device could not keep it. */
export function isOnlyNotKept(error: unknown): boolean {
  return error instanceof KanbanError && error.code === "storage";
}
