// Moves of checklists and their items, step by step and by the neighbours' ids.

import type { Card, Checklist, ChecklistItem, Slot } from "kanban-crdt/page";
import { useBoardContext } from "../../board/context.js";
import { announce } from "../../ui/announcer.js";
import { useWords } from "../../words/index.js";

/** Where something goes that passes its neighbour; none at the end. */
function stepped<Id>(ids: readonly Id[], id: Id, by: -1 | 1): Slot<Id> | undefined {
  const neighbour = ids[ids.indexOf(id) + by];
  if (neighbour === undefined) return undefined;
  return by < 0 ? { before: neighbour } : { after: neighbour };
}

export function useItemMoves(card: () => Card) {
  const { carryOut } = useBoardContext();
  const words = useWords();

  async function stepItem(checklist: Checklist, item: ChecklistItem, by: -1 | 1): Promise<void> {
    const ids = checklist.items.map(({ id }) => id);
    const to = stepped(ids, item.id, by);
    if (to === undefined) return;
    const isDone = await carryOut({ type: "moveItem", card: card().id, item: item.id, checklist: checklist.id, to });
    if (isDone) announce(words.checklists.itemMoved(item.text, ids.indexOf(item.id) + by + 1, ids.length));
  }

  async function moveItemTo(checklist: Checklist, item: ChecklistItem): Promise<void> {
    const count = checklist.items.length + 1;
    const isDone = await carryOut({ type: "moveItem", card: card().id, item: item.id, checklist: checklist.id, to: "last" });
    if (isDone) announce(words.checklists.itemMoved(item.text, count, count));
  }

  async function stepChecklist(checklist: Checklist, by: -1 | 1): Promise<void> {
    const ids = card().checklists.map(({ id }) => id);
    const to = stepped(ids, checklist.id, by);
    if (to === undefined) return;
    const isDone = await carryOut({ type: "moveChecklist", card: card().id, checklist: checklist.id, to });
    if (isDone) announce(words.checklists.itemMoved(checklist.name, ids.indexOf(checklist.id) + by + 1, ids.length));
  }

  return { stepItem, moveItemTo, stepChecklist };
}
