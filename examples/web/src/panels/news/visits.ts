// What a board was when this person was here last, kept on this device.

import type { ChangeHash } from "kanban-crdt/page";
import type { Since } from "../history/since.js";

const keyOf = (account: string, boardId: string) => `kanban.seen.${account}.${boardId}`;

const isSince = (value: unknown): value is { heads: ChangeHash[]; at: number } =>
  typeof value === "object" &&
  value !== null &&
  "heads" in value &&
  Array.isArray(value.heads) &&
  value.heads.every((head) => typeof head === "string") &&
  "at" in value &&
  typeof value.at === "number";

/** None if they never were, or if what is kept is damaged: then nothing is new. */
export function lastVisit(account: string, boardId: string): Since | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(account, boardId)) ?? "null");
    return isSince(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets all visits of an account. */
export function forgetVisits(account: string): void {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(keyOf(account, "")));
    for (const key of keys) localStorage.removeItem(key);
  } catch {
    // Where nothing can be kept, nothing is to be forgotten.
  }
}

export function noteVisit(account: string, boardId: string, visit: Since): void {
  try {
    localStorage.setItem(keyOf(account, boardId), JSON.stringify(visit));
  } catch {
    // Where nothing can be kept, the next visit tells no news.
  }
}
