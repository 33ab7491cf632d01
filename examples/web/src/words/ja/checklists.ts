import type { checklists as en } from "../en/checklists.js";

export const checklists: typeof en = {
  add: "チェックリストを追加",
  firstName: "チェックリスト",
  name: "チェックリスト名",
  menu: (name) => `チェックリスト「${name}」のメニュー`,
  itemMenu: (text) => `項目「${text}」のメニュー`,
  progress: (name, done, all) => `${name}: ${all}項目中${done}項目が完了`,
  percent: (share) => `${share}%`,
  addItem: "項目を追加",
  newItem: "新しい項目",
  itemText: "項目",
  tick: (text) => `完了: ${text}`,
  moveUp: "上へ移動",
  moveDown: "下へ移動",
  moveTo: (name) => `「${name}」へ移動`,
  itemMoved: (text, place, count) => `${text}: ${count}項目中${place}番目`,
  hideDone: "完了した項目を隠す",
  showDone: (count) => `完了した${count}項目を表示`,
  deleted: (name) => `チェックリスト「${name}」を削除しました。`,
  itemDeleted: (text) => `「${text}」を削除しました。`,
  itemKeys: "Enterで次の項目を追加、Alt+矢印キーで移動できます。",
};
