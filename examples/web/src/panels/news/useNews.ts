// What has changed since somebody was here: told once they are back, and forgotten once they have seen it.

import type { Board, Heads } from "kanban-crdt/page";
import { onScopeDispose, shallowRef, watch, type ShallowRef } from "vue";
import { session } from "../../session/session.js";
import { whileOpen } from "../whileOpen.js";
import type { Since } from "../history/since.js";
import { hasNews, isDueNews, newsFor, type News } from "./news.js";
import type { Unread } from "./unread.js";
import { lastVisit, noteVisit } from "./visits.js";

/** More are not counted: to tell them takes longer than anybody would read them. */
const TOLD_MAX = 300;
/** What arrives within this time after coming back was done while away. */
const CATCHING_UP_MS = 6_000;
const ASKED_AFTER_MS = 250;
/** Whoever looks at another tab for a minute was not away. */
const AWAY_MS = 5 * 60_000;

export interface NewsOfBoard {
  readonly news: ShallowRef<News | undefined>;
  readonly since: ShallowRef<Since | undefined>;
  readonly dismiss: () => void;
}

export function useNews(board: Board, boardId: string, unread: Unread): NewsOfBoard {
  const account = session.person.value?.name ?? "";
  const news = shallowRef<News>();
  const since = shallowRef(lastVisit(account, boardId));
  let until = Date.now() + CATCHING_UP_MS;
  let hiddenAt: number | undefined;
  let asking: ReturnType<typeof setTimeout> | undefined;
  const seen = new Set<string>();

  /** The version that this person has seen, as far as it is known: who leaves cannot wait for an answer. */
  let heads: Heads | undefined;
  let isSeeing = false;
  let isSeen = false;

  async function ask(): Promise<void> {
    if (!since.value || !board.view || account === "") return;
    const query = { since: since.value.heads, limit: TOLD_MAX };
    const activities = await whileOpen(() => board.ask({ type: "activities", query }));
    const { view } = board;
    if (!activities || !view || Date.now() > until + ASKED_AFTER_MS) return;
    const found = newsFor(account, activities, view, Date.now());
    news.value = hasNews(found) || isDueNews(found, since.value.at, Date.now()) ? found : undefined;
    unread.ids.value = new Set([...found.cards].filter((id) => !seen.has(id)));
  }

  async function see(): Promise<void> {
    isSeen = false;
    if (isSeeing || account === "" || !board.view) return;
    isSeeing = true;
    try {
      while (!isSeen) {
        isSeen = true;
        heads = (await whileOpen(() => board.ask({ type: "heads" }))) ?? heads;
      }
    } finally {
      isSeeing = false;
    }
  }

  function changed(): void {
    see().catch(reportError);
    askSoon();
  }

  function askSoon(): void {
    if (Date.now() > until) return;
    clearTimeout(asking);
    asking = setTimeout(() => ask().catch(reportError), ASKED_AFTER_MS);
  }

  function note(): void {
    if (heads) noteVisit(account, boardId, { heads, at: Math.floor(Date.now() / 1000) });
  }

  function dismiss(): void {
    until = 0;
    news.value = undefined;
    unread.ids.value = new Set();
  }

  function visibilityChanged(): void {
    if (document.visibilityState === "hidden") {
      hiddenAt = Date.now();
      note();
    } else if (hiddenAt !== undefined && Date.now() - hiddenAt > AWAY_MS) {
      since.value = lastVisit(account, boardId);
      until = Date.now() + CATCHING_UP_MS;
      seen.clear();
      askSoon();
    }
  }

  watch(unread.ids, (now, before) => {
    for (const id of before) if (!now.has(id)) seen.add(id);
  });
  changed();
  const stop = board.subscribe(changed);
  document.addEventListener("visibilitychange", visibilityChanged);
  addEventListener("pagehide", note);
  onScopeDispose(() => {
    note();
    stop();
    clearTimeout(asking);
    document.removeEventListener("visibilitychange", visibilityChanged);
    removeEventListener("pagehide", note);
  });
  return { news, since, dismiss };
}
