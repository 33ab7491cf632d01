import { computed, reactive } from "vue";
import { language } from "../settings.js";
import { account } from "./en/account.js";
import { board } from "./en/board.js";
import { card } from "./en/card.js";
import { common } from "./en/common.js";
import { home } from "./en/home.js";
import { share } from "./en/share.js";
import { sync } from "./en/sync.js";
import { filters } from "./en/filters.js";
import { history } from "./en/history.js";
import { news } from "./en/news.js";
import { select } from "./en/select.js";
import { shelf } from "./en/shelf.js";
import { transfer } from "./en/transfer.js";
import { account as accountJa } from "./ja/account.js";
import { board as boardJa } from "./ja/board.js";
import { card as cardJa } from "./ja/card.js";
import { common as commonJa } from "./ja/common.js";
import { home as homeJa } from "./ja/home.js";
import { share as shareJa } from "./ja/share.js";
import { sync as syncJa } from "./ja/sync.js";
import { filters as filtersJa } from "./ja/filters.js";
import { history as historyJa } from "./ja/history.js";
import { news as newsJa } from "./ja/news.js";
import { select as selectJa } from "./ja/select.js";
import { shelf as shelfJa } from "./ja/shelf.js";
import { transfer as transferJa } from "./ja/transfer.js";

const en = { account, board, card, common, filters, history, home, news, select, share, shelf, sync, transfer };
const ja: typeof en = {
  account: accountJa,
  board: boardJa,
  card: cardJa,
  common: commonJa,
  filters: filtersJa,
  history: historyJa,
  home: homeJa,
  news: newsJa,
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
  common: areaIn("common"),
  filters: areaIn("filters"),
  history: areaIn("history"),
  home: areaIn("home"),
  news: areaIn("news"),
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
