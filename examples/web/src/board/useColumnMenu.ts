// What can be done to a column.

import type { Command } from "kanban-crdt/page";
import { announce } from "../ui/announcer.js";
import { useWords } from "../words/index.js";
import type { BoardContext } from "./context.js";
import type { ColumnView } from "./places.js";

export function useColumnMenu(context: BoardContext, column: () => ColumnView) {
  const words = useWords();
  const { carryOut, carryOutAndOfferUndo, view, naming, adding, asking, isReadOnly } = context;

  function rename(): void {
    if (isReadOnly.value) return;
    const { id, name } = column();
    naming.value = { what: "column", id, draft: name, selection: [0, name.length] };
  }

  async function moveBy(step: -1 | 1): Promise<void> {
    const { id, name } = column();
    const { columns } = view.value;
    const at = columns.findIndex((it) => it.id === id);
    const neighbour = columns[at + step];
    if (!neighbour) return;
    const to = step < 0 ? { before: neighbour.id } : { after: neighbour.id };
    if (await carryOut({ type: "moveColumn", column: id, to })) {
      const now = view.value.columns.findIndex((it) => it.id === id);
      announce(words.board.columnMoved(name, now + 1, view.value.columns.length));
    }
  }

  async function archive(): Promise<void> {
    const { id, name, cards } = column();
    const emptying: Command[] = cards.length > 0 ? [{ type: "archiveAllCards", column: id }] : [];
    await carryOutAndOfferUndo([...emptying, { type: "archiveColumn", column: id }], words.board.columnArchived(name));
  }

  async function archiveCards(): Promise<void> {
    const { id, cards } = column();
    await carryOutAndOfferUndo([{ type: "archiveAllCards", column: id }], words.board.cardsArchived(cards.length));
  }

  async function remove(): Promise<void> {
    const { id, name, cards } = column();
    const hasArchived = view.value.archivedCards.some((card) => card.column === id);
    if (cards.length > 0 || hasArchived) asking.value = { about: "deletion", column: id };
    else await carryOutAndOfferUndo([{ type: "deleteColumn", column: id, cards: null }], words.board.columnDeleted(name));
  }

  const actions: Readonly<Record<string, () => void>> = {
    add: () => (adding.value = { column: column().id, at: "first" }),
    rename,
    left: () => void moveBy(-1),
    right: () => void moveBy(1),
    limit: () => (asking.value = { about: "limit", column: column().id }),
    archiveCards: () => void archiveCards(),
    archive: () => void archive(),
    delete: () => void remove(),
  };

  return { rename, choose: (id: string) => actions[id]?.() };
}
