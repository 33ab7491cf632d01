// Who else has the board open, and where they are on it. Others may show anything, so each part is checked.

import { computed, onScopeDispose, shallowRef, type ComputedRef } from "vue";
import type { Board, CardId, Peer, Presence } from "kanban-crdt/page";

export type Doing = "looking" | "editing" | "dragging";
/** What of a card somebody writes in. */
export type Part = "title" | "description" | "comment";

/** Somebody at a card; without a name it is a guest. */
export interface AtCard {
  readonly name: string;
  readonly doing: Doing;
  readonly part?: Part | undefined;
}

/** One person, in however many windows. */
export interface Companion {
  readonly name: string;
  readonly places: readonly { readonly card: CardId; readonly doing: Doing; readonly part?: Part | undefined }[];
}

export interface Company {
  readonly people: ComputedRef<readonly Companion[]>;
  readonly at: (card: CardId) => readonly AtCard[];
}

const NAME_MAX = 80;
const NOBODY: readonly AtCard[] = [];
/** Who drags or edits is of more interest than who looks. */
const RANK: Readonly<Record<Doing, number>> = { dragging: 0, editing: 1, looking: 2 };

function nameIn({ name }: Presence): string {
  const said: unknown = name;
  return typeof said === "string" ? said.trim().slice(0, NAME_MAX) : "";
}

/** The part of that name; something else is written in otherwise. */
export function partOf(name: string | undefined): Part | "other" {
  return name === "title" || name === "description" || name === "comment" ? name : "other";
}

function placeIn({ card, doing, part }: Presence): Companion["places"][number] | undefined {
  const id: unknown = card;
  if (typeof id !== "string" || id === "") return undefined;
  const isKnown = doing === "editing" || doing === "dragging";
  const isPart = part === "title" || part === "description" || part === "comment";
  return { card: id as CardId, doing: isKnown ? doing : "looking", part: isPart ? part : undefined };
}

/** By name; windows of whoever reads it are left out. */
export function companions(peers: readonly Peer[], me: string | undefined): readonly Companion[] {
  const byName = new Map<string, Companion["places"][number][]>();
  for (const { presence } of peers) {
    const name = nameIn(presence);
    if (me !== undefined && name === me) continue;
    const places = byName.get(name) ?? [];
    const place = placeIn(presence);
    if (place) places.push(place);
    byName.set(name, places);
  }
  return [...byName].map(([name, places]) => ({ name, places })).sort((one, other) => one.name.localeCompare(other.name));
}

/** Lists that say the same stay the same, so that only cards with somebody else at them are drawn again. */
export function atCards(people: readonly Companion[], before?: ReadonlyMap<CardId, readonly AtCard[]>): ReadonlyMap<CardId, readonly AtCard[]> {
  const found = new Map<CardId, AtCard[]>();
  for (const { name, places } of people) {
    for (const { card, doing, part } of places) found.set(card, [...(found.get(card) ?? []), { name, doing, part }]);
  }
  const settled = [...found].map(([card, all]) => {
    const sorted = all.sort((one, other) => RANK[one.doing] - RANK[other.doing]);
    const once = sorted.filter(({ name }, index) => sorted.findIndex((it) => it.name === name) === index);
    const known = before?.get(card);
    return [card, known && JSON.stringify(known) === JSON.stringify(once) ? known : once] as const;
  });
  return new Map(settled);
}

export function useCompany(board: Board, me: () => string | undefined): Company {
  const peers = shallowRef(board.others);
  onScopeDispose(board.onOthers((others) => (peers.value = others)));
  const people = computed(() => companions(peers.value, me()));
  const byCard = computed<ReadonlyMap<CardId, readonly AtCard[]>>((before) => atCards(people.value, before));
  return { people, at: (card) => byCard.value.get(card) ?? NOBODY };
}
