import { computed, reactive } from "vue";
import { language } from "../settings.js";
import { account } from "./en/account.js";
import { board } from "./en/board.js";
import { card } from "./en/card.js";
import { common } from "./en/common.js";
import { home } from "./en/home.js";
import { share } from "./en/share.js";
import { sync } from "./en/sync.js";
import { account as accountJa } from "./ja/account.js";
import { board as boardJa } from "./ja/board.js";
import { card as cardJa } from "./ja/card.js";
import { common as commonJa } from "./ja/common.js";
import { home as homeJa } from "./ja/home.js";
import { share as shareJa } from "./ja/share.js";
import { sync as syncJa } from "./ja/sync.js";

const en = { account, board, card, common, home, share, sync };
const ja: typeof en = {
  account: accountJa,
  board: boardJa,
  card: cardJa,
  common: commonJa,
  home: homeJa,
  share: shareJa,
  sync: syncJa,
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
  home: areaIn("home"),
  share: areaIn("share"),
  sync: areaIn("sync"),
}) as Readonly<Words>;

/** Every visible word, in the language of the settings: follows when that changes. */
export function useWords(): Readonly<Words> {
  return words;
}
