import { removalOf, removeBoard, type Removal } from "../session/boards.js";
import { boardList } from "../session/list.js";
import { inWords, isKind } from "../session/problem.js";
import { session } from "../session/session.js";
import { confirm } from "../ui/confirm.js";
import { useNotices } from "../ui/notices.js";
import { useWords } from "../words/index.js";

const words = useWords();
const { tell } = useNotices();

export function removalLabel(boardId: string): string {
  const { deleteBoard, leaveBoard, forgetBoard } = words.home;
  return { delete: deleteBoard, leave: leaveBoard, forget: forgetBoard }[removalOf(boardId)];
}

/** Deletes, leaves or forgets a board, after a question that says what that means. Returns whether it did. */
export async function removeAfterAsking(boardId: string, name: string): Promise<boolean> {
  const removal = removalOf(boardId);
  if (!(await isMeant(removal, boardId, name))) return false;
  try {
    await removeBoard(boardId, removal);
  } catch (error) {
    const why = isKind(error, "unreachable") ? words.home.deleteNeedsRelay : inWords(error);
    tell(words.home.deleteFailed(why), { tone: "problem" });
    return false;
  }
  const { deleted, left, forgotten } = words.home;
  tell({ delete: deleted, leave: left, forget: forgotten }[removal](name));
  return true;
}

function isMeant(removal: Removal, boardId: string, name: string): Promise<boolean> {
  const { home } = words;
  const asked = {
    delete: { title: home.deleteTitle(name), text: home.deleteText, action: words.common.delete },
    leave: { title: home.leaveTitle(name), text: home.leaveText, action: home.leave },
    forget: { title: home.forgetTitle(name), text: forgetText(), action: home.forget },
  }[removal];
  const pending = boardList.entryOf(boardId)?.pending ?? 0;
  const text = pending > 0 ? `${asked.text}\n\n${home.unsentText(pending)}` : asked.text;
  return confirm({ ...asked, text, danger: true });
}

function forgetText(): string {
  return session.person.value?.mode === "open" ? words.home.forgetText : words.home.forgetGoneText;
}
