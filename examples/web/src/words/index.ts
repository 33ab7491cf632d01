import { computed, reactive } from "vue";
import { language } from "../settings.js";
import { account } from "./en/account.js";
import { board } from "./en/board.js";
import { card } from "./en/card.js";
import { common } from "./en/common.js";
import { home } from "./en/home.js";
import { me } from "./en/me.js";
import { share } from "./en/share.js";
import { sync } from "./en/sync.js";
import { filters } from "./en/filters.js";
import { history } from "./en/history.js";
import { news } from "./en/news.js";
import { select } from "./en/select.js";
import { shelf } from "./en/shelf.js";
import { transfer } from "./en/transfer.js";
import { checklists } from "./en/checklists.js";
import { comments } from "./en/comments.js";
import { due } from "./en/due.js";
import { labels } from "./en/labels.js";
import { markdown } from "./en/markdown.js";
import { presence } from "./en/presence.js";
import { account as accountJa } from "./ja/account.js";
import { board as boardJa } from "./ja/board.js";
import { card as cardJa } from "./ja/card.js";
import { common as commonJa } from "./ja/common.js";
import { home as homeJa } from "./ja/home.js";
import { me as meJa } from "./ja/me.js";
import { share as shareJa } from "./ja/share.js";
import { sync as syncJa } from "./ja/sync.js";
import { filters as filtersJa } from "./ja/filters.js";
import { history as historyJa } from "./ja/history.js";
import { news as newsJa } from "./ja/news.js";
import { select as selectJa } from "./ja/select.js";
import { shelf as shelfJa } from "./ja/shelf.js";
import { transfer as transferJa } from "./ja/transfer.js";
import { checklists as checklistsJa } from "./ja/checklists.js";
import { comments as commentsJa } from "./ja/comments.js";
import { due as dueJa } from "./ja/due.js";
import { labels as labelsJa } from "./ja/labels.js";
import { markdown as markdownJa } from "./ja/markdown.js";
import { presence as presenceJa } from "./ja/presence.js";

const en = {
  account,
  board,
  card,
  checklists,
  comments,
  common,
  due,
  filters,
  history,
  home,
  labels,
  markdown,
  me,
  news,
  presence,
  select,
  share,
  shelf,
  sync,
  transfer,
};
const ja: typeof en = {
  account: accountJa,
  board: boardJa,
  card: cardJa,
  checklists: checklistsJa,
  comments: commentsJa,
  common: commonJa,
  due: dueJa,
  filters: filtersJa,
  history: historyJa,
  home: homeJa,
  labels: labelsJa,
  markdown: markdownJa,
  me: meJa,
  news: newsJa,
  presence: presenceJa,
  select: selectJa,
  share: shareJa,
  shelf: shelfJa,
  sync: syncJa,
  transfer: transferJa,
};

type Words = typeof en;
type Area = keyof Words;

const dictionaries = { en: frozen(en), ja: frozen(ja) };

/** What is frozen, Vue does not wrap. */
function frozen(words: Words): Words {
  for (const area of Object.values(words)) Object.freeze(area);
  return words;
}

const areaIn = <A extends Area>(area: A) => computed<Words[A]>(() => dictionaries[language.value][area]);

const words = reactive({
  account: areaIn("account"),
  board: areaIn("board"),
  card: areaIn("card"),
  checklists: areaIn("checklists"),
  comments: areaIn("comments"),
  common: areaIn("common"),
  due: areaIn("due"),
  filters: areaIn("filters"),
  history: areaIn("history"),
  home: areaIn("home"),
  labels: areaIn("labels"),
  markdown: areaIn("markdown"),
  me: areaIn("me"),
  news: areaIn("news"),
  presence: areaIn("presence"),
  select: areaIn("select"),
  share: areaIn("share"),
  shelf: areaIn("shelf"),
  sync: areaIn("sync"),
  transfer: areaIn("transfer"),
}) as Readonly<Words>;

/** Every visible word, in the language of the settings: follows when that changes. */
export function useWords(): Readonly<Words> {
  return words;
}
