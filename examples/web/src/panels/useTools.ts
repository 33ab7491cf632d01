// What the menu of a board offers beside the board itself.

import type { Board } from "kanban-crdt/page";
import { computed, type Ref } from "vue";
import { IconArchive } from "../board/icons.js";
import { inWords } from "../session/problem.js";
import { IconBoard, IconCopy, IconPeople } from "../ui/icons/index.js";
import type { MenuItem } from "../ui/menu.js";
import { useNotices } from "../ui/notices.js";
import { useWords } from "../words/index.js";
import type { Grouping } from "./filters/filters.js";
import { IconActivity, IconDownload, IconSelect, IconTag } from "./icons.js";
import { download, type Format } from "./transfer/download.js";

export type Panel = "activity" | "shelf";

interface Tools {
  readonly items: Readonly<Ref<readonly MenuItem[]>>;
  /** Whether the item is one of these. */
  readonly choose: (id: string) => boolean;
}

interface Actions {
  readonly board: Board;
  readonly name: () => string;
  readonly isReadOnly: () => boolean;
  readonly canCopy: () => boolean;
  readonly grouping: Ref<Grouping | undefined>;
  readonly show: (panel: Panel) => void;
  readonly select: () => void;
  readonly copy: () => void;
}

export function useTools({ board, name, isReadOnly, canCopy, grouping, show, select, copy }: Actions): Tools {
  const words = useWords();
  const { tell } = useNotices();

  const items = computed<readonly MenuItem[]>(() => [
    { id: "activity", label: words.history.activity, icon: IconActivity },
    { id: "shelf", label: words.shelf.title, icon: IconArchive },
    ...(isReadOnly() ? [] : [{ id: "select", label: words.select.choose, icon: IconSelect }]),
    { id: "group", label: words.filters.groupNone, icon: IconBoard, isChecked: grouping.value === undefined, heading: words.filters.groupBy },
    { id: "group assignee", label: words.filters.groupAssignee, icon: IconPeople, isChecked: grouping.value === "assignee" },
    { id: "group label", label: words.filters.groupLabel, icon: IconTag, isChecked: grouping.value === "label" },
    { id: "export json", label: words.transfer.exportJson, icon: IconDownload, heading: words.transfer.export },
    { id: "export csv", label: words.transfer.exportCsv, icon: IconDownload },
    { id: "export markdown", label: words.transfer.exportMarkdown, icon: IconDownload },
    ...(canCopy() ? [{ id: "copy", label: words.transfer.copyBoard, icon: IconCopy, isApart: true }] : []),
  ]);

  async function exportAs(format: Format): Promise<void> {
    try {
      tell(words.transfer.exported(await download(board, name(), format)));
    } catch (error) {
      tell(words.transfer.exportFailed(inWords(error)), { tone: "problem" });
    }
  }

  const actions: Readonly<Record<string, () => void>> = {
    activity: () => show("activity"),
    shelf: () => show("shelf"),
    select,
    group: () => (grouping.value = undefined),
    "group assignee": () => (grouping.value = "assignee"),
    "group label": () => (grouping.value = "label"),
    "export json": () => void exportAs("json"),
    "export csv": () => void exportAs("csv"),
    "export markdown": () => void exportAs("markdown"),
    copy,
  };

  return {
    items,
    choose: (id) => {
      const action = actions[id];
      action?.();
      return action !== undefined;
    },
  };
}
