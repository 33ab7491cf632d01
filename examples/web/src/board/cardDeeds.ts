// What becomes of cards at one key, of one or of all that are chosen, with a notice that offers to undo it.

import type { Card, CardId, Command } from "kanban-crdt/page";
import { useWords } from "../words/index.js";
import type { BoardContext } from "./context.js";
import { placeOf } from "./places.js";

export function useCardDeeds({ view, carryOutAndOfferUndo }: BoardContext) {
  const words = useWords();

  async function forEach(
    ids: ReadonlySet<CardId>,
    command: (card: CardId) => Command,
    text: (cards: readonly Card[]) => string,
  ): Promise<void> {
    const cards = [...ids].flatMap((id) => placeOf(view.value, id)?.card ?? []);
    if (cards.length > 0) await carryOutAndOfferUndo(cards.map(({ id }) => command(id)), text(cards));
  }

  const told = (one: (title: string) => string, many: (count: number) => string) => (cards: readonly Card[]) => {
    const [card] = cards;
    return cards.length === 1 && card ? one(card.title) : many(cards.length);
  };

  return {
    archiveCards: (ids: ReadonlySet<CardId>) =>
      forEach(ids, (card) => ({ type: "archiveCard", card }), told(words.board.cardArchived, words.select.archived)),
    deleteCards: (ids: ReadonlySet<CardId>) =>
      forEach(ids, (card) => ({ type: "deleteCard", card }), told(words.board.cardDeleted, words.select.deleted)),
  };
}
