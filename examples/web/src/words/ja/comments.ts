import type { comments as en } from "../en/comments.js";

export const comments: typeof en = {
  add: "コメントする",
  field: "コメントを入力",
  hint: "コメントを入力（@でメンション）",
  editField: "コメントを編集",
  menu: "自分のコメントのメニュー",
  change: "編集",
  deleted: "コメントを削除しました。",
  none: "このカードにはまだコメントがありません。",
  sendKeys: "Ctrl+Enterで送信できます。",
  mentions: "メンションするメンバー",
  mentionCount: (count) => `候補${count}件。矢印キーで選び、Enterで確定します`,
  added: "コメントを追加しました",
};
