// What others did while somebody was away, counted.

import type { Activity, BoardView, CardId, Deed } from "kanban-crdt";
import { isUndecided } from "../../board/decisions/undecided.js";
import { endOf } from "../../board/when.js";
import type { news as newsWords } from "../../words/en/news.js";
import { cardsIn } from "../history/told.js";

const SOON_MS = 2 * 86_400_000;

export interface News {
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
  const mine = view.members.filter(({ name }) => name.toLowerCase() === me.toLowerCase()).map(({ id }) => id);
  const own = mine.length === 0 ? [] : view.columns.flatMap((it) => it.cards.filter((card) => mine.some((id) => card.assignees.includes(id))));
  return {
    ...counts,
    decisions: own.filter((card) => cards.has(card.id) && isUndecided(card)).length,
    dueSoon: own.filter((card) => card.due !== null && !card.done && endOf(card.due) < now + SOON_MS).length,
    cards,
  };
}

/** None of what is nothing. */
export function newsInWords(news: News, words: typeof newsWords): string {
  const kinds = ["moves", "comments", "added", "others", "decisions", "dueSoon"] as const;
  return kinds.flatMap((kind) => (news[kind] > 0 ? [words[kind](news[kind])] : [])).join(words.comma);
}

export function hasNews({ moves, comments, added, others }: News): boolean {
  return moves + comments + added + others > 0;
}
