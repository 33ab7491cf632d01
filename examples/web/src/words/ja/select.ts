import type { select as en } from "../en/select.js";

export const select: typeof en = {
  choose: "カードを選択",
  bar: "選択中のカード",
  count: (count) => `${count}枚を選択中`,
  hint: "カードをクリックして選択",
  selected: "選択中",
  clear: "選択を終了",
  cleared: "選択を解除しました",
  move: "移動",
  moveTo: "移動先",
  label: "ラベル",
  assign: "担当",
  noLabels: "ラベルはありません",
  noMembers: "メンバーはいません",
  archive: "アーカイブ",
  delete: "削除",
  moved: (count, column) => `カード${count}枚を「${column}」へ移動しました。`,
  labelled: (count, label) => `カード${count}枚にラベル「${label}」を付けました。`,
  assigned: (count, member) => `カード${count}枚の担当に${member}さんを追加しました。`,
  archived: (count) => `カード${count}枚をアーカイブしました。`,
  deleted: (count) => `カード${count}枚を削除しました。`,
};
