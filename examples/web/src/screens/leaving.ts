// Logging out and deleting one's account, and what of it stays on this device.

import { clearBoards } from "../session/clearing.js";
import { myBoards } from "../session/client.js";
import { session } from "../session/session.js";
import { forgetVisits } from "../panels/news/visits.js";
import { useNotices } from "../ui/notices.js";
import { useWords } from "../words/index.js";

const words = useWords();
const { tell } = useNotices();

/** How many changes on this device no relay has. */
export async function unsentChanges(): Promise<number> {
  const boards = (await myBoards.value?.list()) ?? [];
  return boards.reduce((sum, { pending }) => sum + pending, 0);
}

/** Logs out, and forgets the boards here if that is wanted and the relay has all of them. */
export async function logOut(isClearing: boolean): Promise<void> {
  const person = session.person.value;
  if (!isClearing || person === undefined) return session.logOut();
  await session.logOut(async () => {
    const { loggedOutRemoved, loggedOutStayed, removeFailed } = words.account;
    try {
      const staying = await clearBoards(person);
      forgetVisits(person.name);
      tell(staying === 0 ? loggedOutRemoved : loggedOutStayed(staying));
    } catch (error) {
      tell(removeFailed(messageOf(error)), { tone: "problem", stays: true });
    }
  });
}

/** Deletes the account, and its boards here: nobody can send anything of them any more. */
export async function deleteAccount(password: string, heir: string | undefined): Promise<void> {
  const person = session.person.value;
  if (person === undefined) return;
  await session.deleteAccount(password, heir, async () => {
    try {
      await clearBoards(person, { evenUnsaved: true });
      forgetVisits(person.name);
      tell(words.me.deleted(person.name));
    } catch (error) {
      tell(words.me.deletedButHere(messageOf(error)), { tone: "problem", stays: true });
    }
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
