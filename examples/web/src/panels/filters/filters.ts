// What cards to show, as a value that also stands in the page's address.

import type { BoardView, Card, LabelId, MemberId } from "kanban-crdt/page";
import { isUndecided } from "../../board/decisions/undecided.js";
import type { CardTest } from "../../board/search/search.js";
import { endOf } from "../../board/when.js";

export type DueFilter = "overdue" | "today" | "week" | "none";
export type Grouping = "assignee" | "label";

/** Of each kind one has to hold; kinds that name nothing hold always. */
export interface Filters {
  readonly labels: readonly (LabelId | "none")[];
  readonly members: readonly (MemberId | "none")[];
  readonly due: readonly DueFilter[];
  readonly done: boolean | undefined;
  readonly isConflicted: boolean;
}

export const NO_FILTERS: Filters = { labels: [], members: [], due: [], done: undefined, isConflicted: false };
export const DUE_FILTERS: readonly DueFilter[] = ["overdue", "today", "week", "none"];

const DAY_MS = 86_400_000;

export function countOf({ labels, members, due, done, isConflicted }: Filters): number {
  return labels.length + members.length + due.length + (done === undefined ? 0 : 1) + (isConflicted ? 1 : 0);
}

/** The same test for the same filters, so that columns are filtered anew only when they have to be. */
export function testFor(filters: Filters, view: Pick<BoardView, "labels" | "members">, now: number): CardTest | undefined {
  if (countOf(filters) === 0) return undefined;
  const tests = [
    oneOf(filters.labels, view.labels.map(({ id }) => id), (card) => card.labels),
    oneOf(filters.members, view.members.map(({ id }) => id), (card) => card.assignees),
    dueIn(filters.due, now),
    filters.done === undefined ? undefined : (card: Card) => card.done === filters.done,
    filters.isConflicted ? isUndecided : undefined,
  ].filter((test) => test !== undefined);
  return (card) => tests.every((test) => test(card));
}

/** Labels and people that the board does not list are on no card, as in the package's own filter. */
function oneOf<Id extends string>(
  wanted: readonly (Id | "none")[],
  listed: readonly Id[],
  of: (card: Card) => readonly Id[],
): CardTest | undefined {
  if (wanted.length === 0) return undefined;
  const isListed = new Set<string>(listed);
  const isWanted = new Set<string>(wanted);
  return (card) => {
    const own = of(card).filter((id) => isListed.has(id));
    return own.length === 0 ? isWanted.has("none") : own.some((id) => isWanted.has(id));
  };
}

function dueIn(wanted: readonly DueFilter[], now: number): CardTest | undefined {
  if (wanted.length === 0) return undefined;
  const today = new Date(now);
  const midnight = new Date(today.getFullYear(), today.getMonth(), today.getDate() + 1).getTime();
  const holds: Readonly<Record<DueFilter, (end: number, card: Card) => boolean>> = {
    overdue: (end, card) => end < now && !card.done,
    today: (end) => end >= midnight - DAY_MS && end < midnight,
    week: (end) => end >= now && end < midnight + 7 * DAY_MS,
    none: () => false,
  };
  return (card) => {
    if (card.due === null) return wanted.includes("none");
    const end = endOf(card.due);
    return wanted.some((one) => holds[one](end, card));
  };
}

type Query = Readonly<Record<string, string | null | undefined | readonly (string | null)[]>>;

const all = (query: Query, name: string): string[] =>
  [query[name]].flat().filter((value): value is string => typeof value === "string" && value !== "");

export function filtersIn(query: Query): Filters {
  const done = all(query, "done")[0];
  return {
    labels: all(query, "label") as LabelId[],
    members: all(query, "member") as MemberId[],
    due: DUE_FILTERS.filter((one) => all(query, "due").includes(one)),
    done: done === "yes" ? true : done === "no" ? false : undefined,
    isConflicted: all(query, "decide").includes("yes"),
  };
}

export const groupingIn = (query: Query): Grouping | undefined =>
  (["assignee", "label"] as const).find((one) => all(query, "group").includes(one));

export const textIn = (query: Query): string => all(query, "q")[0] ?? "";

export function queryFor(filters: Filters, text: string, grouping: Grouping | undefined): Record<string, string | string[]> {
  const { labels, members, due, done, isConflicted } = filters;
  return {
    ...(text.trim() !== "" && { q: text }),
    ...(labels.length > 0 && { label: [...labels] }),
    ...(members.length > 0 && { member: [...members] }),
    ...(due.length > 0 && { due: [...due] }),
    ...(done !== undefined && { done: done ? "yes" : "no" }),
    ...(isConflicted && { decide: "yes" }),
    ...(grouping && { group: grouping }),
  };
}

/** With one more, or without it. */
export function toggled<T>(all: readonly T[], one: T): readonly T[] {
  return all.includes(one) ? all.filter((it) => it !== one) : [...all, one];
}
