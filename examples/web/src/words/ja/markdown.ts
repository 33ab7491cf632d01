import type { markdown as en } from "../en/markdown.js";

export const markdown: typeof en = {
  edit: "説明を編集",
  add: "説明を追加",
  finish: "完了",
  hint: "Markdownが使えます: **太字**、- リスト、- [ ] タスク、`コード`。",
  opensElsewhere: "新しいタブで開きます",
  image: (text) => (text === "" ? "画像" : `画像: ${text}`),
};
