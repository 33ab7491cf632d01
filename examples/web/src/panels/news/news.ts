// What others did while somebody was away, counted.

import type { Activity, BoardView, CardId, Deed } from "kanban-crdt/page";
import { isUndecided } from "../../board/decisions/undecided.js";
import { placeOf } from "../../board/places.js";
import { endOf } from "../../board/when.js";
import { isMentioned } from "../../card/comments/mentions.js";
import type { news as newsWords } from "../../words/en/news.js";
import { cardsIn } from "../history/told.js";

const SOON_MS = 2 * 86_400_000;

export interface News {
  /** Comments in which somebody else names me, of those counted. */
  readonly mentions: number;
  readonly moves: number;
  readonly comments: number;
  readonly added: number;
  readonly others: number;
  readonly decisions: number;
  readonly dueSoon: number;
  readonly cards: ReadonlySet<CardId>;
}

type Kind = "moves" | "comments" | "added" | "others";

function kindOf(deed: Deed): Kind {
  if (deed.type !== "card" && deed.type !== "cards") return "others";
  if (deed.act.type === "moved") return "moves";
  if (deed.act.type === "created") return "added";
  return deed.act.type === "comment" && deed.act.act.type === "added" ? "comments" : "others";
}

/** People's names on a board and of accounts are alike, or they are not known to each other. */
export function newsFor(me: string, activities: readonly Activity[], view: BoardView, now: number): News {
  const theirs = activities.filter(({ author }) => author !== me);
  const counts: Record<Kind, number> = { moves: 0, comments: 0, added: 0, others: 0 };
  for (const deed of theirs.flatMap(({ deeds }) => deeds)) {
    counts[kindOf(deed)] += deed.type === "cards" ? deed.cards.length : 1;
  }
  const cards = new Set(theirs.flatMap(cardsIn));
  const mentions = mentionsIn(theirs, view).filter((text) => isMentioned(text, me)).length;
  const mine = view.members.filter(({ name }) => name.toLowerCase() === me.toLowerCase()).map(({ id }) => id);
  const own = mine.length === 0 ? [] : view.columns.flatMap((it) => it.cards.filter((card) => mine.some((id) => card.assignees.includes(id))));
  return {
    ...counts,
    mentions,
    decisions: own.filter((card) => cards.has(card.id) && isUndecided(card)).length,
    dueSoon: own.filter((card) => card.due !== null && !card.done && endOf(card.due) < now + SOON_MS).length,
    cards,
  };
}

/** What the new comments say, as far as they are still there. */
function mentionsIn(activities: readonly Activity[], view: BoardView): readonly string[] {
  const added = activities.flatMap(({ deeds }) =>
    deeds.flatMap((deed) => {
      if (deed.type !== "card" || deed.act.type !== "comment" || deed.act.act.type !== "added") return [];
      return [{ card: deed.card.id, comment: deed.act.comment }];
    }),
  );
  return added.flatMap(({ card, comment }) => {
    const comments = placeOf(view, card)?.card.comments ?? [];
    return comments.filter(({ id }) => id === comment).map(({ text }) => text);
  });
}

/** None of what is nothing. */
export function newsInWords(news: News, words: typeof newsWords): string {
  const kinds = ["mentions", "moves", "comments", "added", "others", "decisions", "dueSoon"] as const;
  return kinds.flatMap((kind) => (news[kind] > 0 ? [words[kind](news[kind])] : [])).join(words.comma);
}

export function hasNews({ moves, comments, added, others }: News): boolean {
  return moves + comments + added + others > 0;
}

/** That something is due is no news to whoever was here today. */
export function isDueNews({ dueSoon }: News, since: number, now: number): boolean {
  return dueSoon > 0 && new Date(since * 1000).toDateString() !== new Date(now).toDateString();
}
