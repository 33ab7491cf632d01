// Removes the boards of an account from this device.

import { Boards, idIn, myBoards } from "./client.js";
import { boardList } from "./list.js";
import { untilKept } from "./keeping.js";
import type { Person } from "./session.js";
import { untilNoTabHolds } from "./tabs.js";

export interface Clearing {
  /** Boards with changes that no relay has go too. */
  readonly evenUnsaved?: boolean;
}

/** Removes them once every tab has closed them. Returns how many stay, because the relay does not have all of them. */
export function clearBoards(person: Person, { evenUnsaved = false }: Clearing = {}): Promise<number> {
  return untilKept(async () => {
    await myBoards.value?.close();
    await untilNoTabHolds(person.name);
    const staying = await removeStored(person, evenUnsaved);
    boardList.dropAllBut(staying);
    return staying.size;
  });
}

async function removeStored(person: Person, evenUnsaved: boolean): Promise<ReadonlySet<string>> {
  const boards = Boards.of(person);
  try {
    const stored = await boards.client.list();
    const goes = (pending: number) => evenUnsaved || pending === 0;
    for (const { url, pending } of stored) if (goes(pending)) await boards.client.remove(url, { evenUnsaved });
    return new Set(stored.filter(({ pending }) => !goes(pending)).map(({ url }) => idIn(url)));
  } finally {
    await boards.close();
  }
}
