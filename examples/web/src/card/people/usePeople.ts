// The people of a board: its members, and who may become one.

import { computed, shallowRef, type ComputedRef, type Ref } from "vue";
import { idOf, newId, type Board, type Member, type MemberId } from "kanban-crdt/page";
import type { BoardContext } from "../../board/context.js";
import { api } from "../../session/api.js";
import { idIn } from "../../session/client.js";
import { inWords, isKind } from "../../session/problem.js";
import { session } from "../../session/session.js";

const ID_MAX = 64;

/** The same for everybody who lists somebody of this name, so that two who do so at once list one person. */
export function memberIdOf(name: string): MemberId {
  const bytes = new TextEncoder().encode(name.trim().normalize("NFC"));
  return idOf<MemberId>(`m-${encoded(bytes)}`.slice(0, ID_MAX));
}

function encoded(bytes: Uint8Array): string {
  const letters = String.fromCharCode(...bytes);
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export interface People {
  /** The member with this name, listed if there is none yet; none if that was refused. */
  readonly member: (name: string) => Promise<MemberId | undefined>;
}

export function usePeople({ board, members, carryOut }: Pick<BoardContext, "board" | "members" | "carryOut">): People {
  async function member(name: string): Promise<MemberId | undefined> {
    const known = members.value.find((one) => one.name === name);
    if (known) return known.id;
    const usual = memberIdOf(name);
    const removed = (await board.ask({ type: "removedMembers" })).find((one) => one.id === usual);
    const restores = removed?.name === name;
    // Somebody who is called otherwise by now, or was when removed, keeps the id.
    const isTaken = removed !== undefined || members.value.some((one) => one.id === usual);
    const id = isTaken && !restores ? newId<MemberId>() : usual;
    const isDone = await carryOut(restores ? { type: "restoreMember", member: id } : { type: "addMember", member: id, name, colour: "" });
    return isDone ? id : undefined;
  }
  return { member };
}

export interface Candidates {
  readonly names: ComputedRef<readonly string[]>;
  readonly problem: Ref<string | undefined>;
  readonly look: () => Promise<void>;
}

/** Whoever the relay lets at the board, and whoever reads this, as far as they are no members yet. */
export function useCandidates(board: Board, members: Readonly<Ref<readonly Member[]>>, me: Readonly<Ref<string | undefined>>): Candidates {
  const allowed = shallowRef<readonly string[]>([]);
  const problem = shallowRef<string>();

  async function look(): Promise<void> {
    problem.value = undefined;
    if (session.person.value?.mode !== "accounts") return;
    try {
      allowed.value = (await api.members(idIn(board.url))).map(({ name }) => name);
    } catch (error) {
      // A board that was not sent yet has nobody else.
      if (!isKind(error, "not-found")) problem.value = inWords(error);
    }
  }

  const names = computed(() => {
    const known = new Set(members.value.map(({ name }) => name));
    const all = me.value === undefined ? allowed.value : [me.value, ...allowed.value];
    return [...new Set(all)].filter((name) => !known.has(name));
  });
  return { names, problem, look };
}
