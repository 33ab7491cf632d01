import type { news as en } from "../en/news.js";

export const news: typeof en = {
  title: "前回からの変更",
  since: (when) => `${when}以降:`,
  mentions: (count) => `あなたへのメンション${count}件`,
  moves: (count) => `移動${count}件`,
  comments: (count) => `コメント${count}件`,
  added: (count) => `新しいカード${count}枚`,
  others: (count) => `その他の変更${count}件`,
  decisions: (count) => `あなたのカードの要確認${count}件`,
  dueSoon: (count) => `期限間近のあなたのカード${count}枚`,
  comma: "、",
  show: "表示",
  seen: "すべて既読にする",
  unread: "前回から変更あり",
};
