import type { presence as en } from "../en/presence.js";

export const presence: typeof en = {
  guest: "ゲスト",
  here: (count) => `ほかに${count}人が開いています`,
  hereTitle: "ほかに開いている人",
  onBoard: "ボードを閲覧中",
  looking: (name) => `${name}さんがこのカードを開いています`,
  editing: (name) => `${name}さんがこのカードを編集中です`,
  dragging: (name) => `${name}さんがこのカードを移動中です`,
  writing: {
    title: (name) => `${name}さんがタイトルを変更中です`,
    description: (name) => `${name}さんが説明を入力中です`,
    comment: (name) => `${name}さんがコメントを入力中です`,
  },
  at: { looking: (card) => `「${card}」を閲覧中`, editing: (card) => `「${card}」を編集中`, dragging: (card) => `「${card}」を移動中` },
};
