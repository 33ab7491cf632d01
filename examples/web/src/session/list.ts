// The list of my boards: what the relay says is mine, and what this device has.

import type { StoredEntry } from "kanban-crdt/page";
import { computed, readonly, ref, shallowRef, watch } from "vue";
import { recalled, remember } from "../settings.js";
import { api, type DocumentRow, type Role } from "./api.js";
import { idIn, myBoards } from "./client.js";
import { colourOf, type Colour } from "./colours.js";
import { session } from "./session.js";

export interface BoardEntry {
  readonly id: string;
  readonly name: string;
  /** How the relay's lists call it. */
  readonly title: string | undefined;
  readonly colour: Colour;
  readonly role: Role | undefined;
  readonly members: number | undefined;
  /** How many changes the relay does not have yet. */
  readonly pending: number;
  /** Whether this device has it, so that it opens offline. */
  readonly isHere: boolean;
  /** The relay does not list it: made here and not sent yet, or not ours any more. */
  readonly isUnlisted: boolean;
}

/** What this device remembers of a board beside the board. */
interface Note {
  readonly openedAt?: number;
  readonly colour?: Colour;
}

const documents = shallowRef<readonly DocumentRow[]>([]);
const stored = shallowRef<readonly StoredEntry[]>([]);
const notes = shallowRef<Readonly<Record<string, Note>>>({});
const problem = shallowRef<unknown>();
const isLoaded = ref(false);

const keyOf = (what: string) => `kanban.${what}.${session.person.value?.mode}.${session.person.value?.name}`;

function recalledAs<T>(what: string, otherwise: T): T {
  try {
    return (JSON.parse(recalled(keyOf(what)) ?? "null") as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function isListed(): boolean {
  const mode = session.person.value?.mode;
  return mode === "accounts" || mode === "jwt";
}

watch(
  session.person,
  () => {
    documents.value = session.person.value ? recalledAs("documents", []) : [];
    notes.value = session.person.value ? recalledAs("notes", {}) : {};
    stored.value = [];
    isLoaded.value = false;
    problem.value = undefined;
  },
  { immediate: true },
);

/** Looks at what this device has. */
async function look(): Promise<void> {
  const boards = myBoards.value;
  if (boards === undefined) return;
  const found = await boards.list();
  if (boards === myBoards.value) stored.value = found;
}

/** Asks the relay too. What went wrong is in `problem`. */
async function refresh(): Promise<void> {
  const boards = myBoards.value;
  problem.value = undefined;
  const failed = (error: unknown) => (problem.value = error);
  await Promise.all([look().catch(failed), isListed() ? ask(boards).catch(failed) : undefined]);
  if (boards === myBoards.value) isLoaded.value = true;
}

async function ask(boards: typeof myBoards.value): Promise<void> {
  const found = await api.documents();
  if (boards !== myBoards.value) return;
  documents.value = found;
  remember(keyOf("documents"), JSON.stringify(found));
}

/** The relay has said something newer of one board. */
function update(row: DocumentRow): void {
  documents.value = [...documents.value.filter(({ id }) => id !== row.id), row];
  remember(keyOf("documents"), JSON.stringify(documents.value));
}

/** The relay has it for us no more. */
function unlist(boardId: string): void {
  if (!documents.value.some(({ id }) => id === boardId)) return;
  documents.value = documents.value.filter(({ id }) => id !== boardId);
  remember(keyOf("documents"), JSON.stringify(documents.value));
}

/** A board is gone from here, and from the relay's list or soon. */
function drop(boardId: string): void {
  unlist(boardId);
  stored.value = stored.value.filter(({ url }) => idIn(url) !== boardId);
  const { [boardId]: _, ...others } = notes.value;
  notes.value = others;
  remember(keyOf("notes"), JSON.stringify(others));
}

/** Nothing is known any more of any board but these. */
function dropAllBut(staying: ReadonlySet<string>): void {
  for (const { id } of entries.value) if (!staying.has(id)) drop(id);
}

function note(boardId: string, more: Note): void {
  notes.value = { ...notes.value, [boardId]: { ...notes.value[boardId], ...more } };
  remember(keyOf("notes"), JSON.stringify(notes.value));
}

const entries = computed<readonly BoardEntry[]>(() => {
  const rows = new Map(documents.value.map((row) => [row.id, row]));
  const here = new Map(stored.value.map((entry) => [idIn(entry.url), entry]));
  const ids = [...new Set([...here.keys(), ...rows.keys()])];
  // What was used last comes first; a board that is new to this device counts from when it was made.
  const lastUsed = (id: string) => notes.value[id]?.openedAt ?? (rows.get(id)?.created_at ?? 0) * 1000;
  return ids
    .map((id) => entryOf(id, rows.get(id), here.get(id)))
    .sort((one, other) => lastUsed(other.id) - lastUsed(one.id) || one.name.localeCompare(other.name));
});

function entryOf(id: string, row: DocumentRow | undefined, here: StoredEntry | undefined): BoardEntry {
  const pending = here?.pending ?? 0;
  // Until a new name is sent, lists elsewhere still have the old one.
  const name = pending > 0 ? here?.name || row?.title : row?.title || here?.name;
  return {
    id,
    name: name ?? "",
    title: row?.title,
    colour: colourOf(id, row?.colour || notes.value[id]?.colour),
    role: row?.role,
    members: row?.members,
    pending,
    isHere: here !== undefined,
    isUnlisted: isListed() && row === undefined,
  };
}

export const boardList = {
  entries,
  /** What kept the list from being up to date. */
  problem: readonly(problem),
  isLoaded: readonly(isLoaded),
  /** The colour that was chosen here, until the relay has another. */
  chosenColour: (boardId: string) => notes.value[boardId]?.colour,
  entryOf: (boardId: string) => entries.value.find(({ id }) => id === boardId),
  look,
  refresh,
  update,
  unlist,
  drop,
  dropAllBut,
  note,
};
