import { myBoards } from "../session/client.js";
import { inWords } from "../session/problem.js";
import { session } from "../session/session.js";
import { confirm } from "../ui/confirm.js";
import { useNotices } from "../ui/notices.js";
import { useWords } from "../words/index.js";

const words = useWords();
const { tell } = useNotices();

/** Logs out, after a question if there are changes that were not sent. Returns whether it did. */
export async function logOutAfterAsking(): Promise<boolean> {
  try {
    const boards = (await myBoards.value?.list()) ?? [];
    const changes = boards.reduce((sum, { pending }) => sum + pending, 0);
    if (changes > 0 && !(await isMeant(changes))) return false;
    await session.logOut();
    return true;
  } catch (error) {
    tell(inWords(error), { tone: "problem" });
    return false;
  }
}

function isMeant(changes: number): Promise<boolean> {
  return confirm({
    title: words.account.logOutTitle,
    text: words.account.logOutText(changes),
    action: words.account.logOutAnyway,
    cancel: words.account.stayHere,
  });
}
