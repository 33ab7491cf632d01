// Each thing to decide, in words, with the commands that settle it.

import type { BoardView, Card, Command, Conflict, Field, FieldChoice, Stamp } from "kanban-crdt/page";
import type { board as boardWords } from "../../words/en/board.js";
import type { card as cardWords } from "../../words/en/card.js";
import { authorOf, type Who } from "../authors.js";
import { columnNameOf, type ColumnView } from "../places.js";

export interface Choice {
  readonly label: string;
  readonly command: Command;
  readonly isDanger?: boolean;
}

export interface Decision {
  readonly id: string;
  /** As it reads with the time since then, if that is known. */
  readonly text: (when: string | undefined) => string;
  /** Seconds since 1970. */
  readonly at?: number | undefined;
  readonly choices: readonly Choice[];
}

export interface Wording {
  readonly board: typeof boardWords;
  readonly card: typeof cardWords;
  readonly me: string | undefined;
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const latest = (stamps: readonly Stamp[]) => [...stamps].sort((one, other) => other.at - one.at)[0];

export function decisionsAbout(conflicts: readonly Conflict[], view: BoardView, card: Card, words: Wording): readonly Decision[] {
  return conflicts.flatMap((conflict) => cardDecisions(conflict, view, card, words));
}

function cardDecisions(conflict: Conflict, view: BoardView, card: Card, words: Wording): readonly Decision[] {
  const { id } = card;
  if (conflict.type === "cardPlacement") return placements(conflict, view, card, words);
  if (conflict.type === "cardDeleted") {
    const who = latest(conflict.deleted);
    const text = (when?: string) => words.board.deletedBy(authorOf(who?.author ?? null, words.me), when);
    const keep: Choice = { label: words.board.keepCard, command: { type: "keepCard", card: id } };
    const remove: Choice = { label: words.board.deleteCard, command: { type: "deleteCard", card: id }, isDanger: true };
    return [{ id: "deleted", text, at: who?.at, choices: [keep, remove] }];
  }
  return conflict.type === "field" ? fields(conflict, words) : [];
}

type OfType<T extends Conflict["type"]> = Extract<Conflict, { type: T }>;

function placements(
  { choices }: OfType<"cardPlacement">,
  view: BoardView,
  { id, otherPlacements, column }: Card,
  words: Wording,
): readonly Decision[] {
  const here = columnNameOf(view, column) ?? words.board.goneColumn;
  return otherPlacements.map((placement) => {
    const by = choices.find((choice) => isSame(choice.placement, placement));
    const there = columnNameOf(view, placement.column) ?? words.board.goneColumn;
    return {
      id: `place ${placement.column} ${placement.position}`,
      text: (when) => words.board.movedBy(authorOf(by?.author ?? null, words.me), there, when),
      at: by?.at,
      choices: [
        { label: words.board.keepIn(here), command: { type: "keepCardPlacement", card: id } },
        { label: words.board.moveTo(there), command: { type: "pickCardPlacement", card: id, placement } },
      ],
    };
  });
}

function fields({ field, choices }: { field: Field; choices: readonly FieldChoice[] }, words: Wording): readonly Decision[] {
  const name = words.card.fieldName[field.field];
  const shown = choices.find((choice) => choice.shown);
  const inWords = ({ value }: FieldChoice) => words.card.fieldValue(value);
  return choices.flatMap((choice) =>
    choice.shown
      ? []
      : [
          {
            id: `field ${JSON.stringify(field)} ${String(choice.value)}`,
            text: (when) => words.board.setBy(authorOf(choice.author, words.me), name, inWords(choice), when),
            at: choice.at,
            choices: [
              { label: shown ? words.board.keepValue(inWords(shown)) : words.board.keepShown, command: { type: "keepField", field } },
              { label: words.board.useValue(inWords(choice)), command: { type: "pickField", field, value: choice.value } },
            ],
          } satisfies Decision,
        ],
  );
}

export function decisionsAboutColumn(
  conflicts: readonly Conflict[],
  view: BoardView,
  column: ColumnView,
  words: Wording,
): readonly Decision[] {
  return conflicts.flatMap((conflict) => columnDecisions(conflict, view, column, words));
}

function columnDecisions(conflict: Conflict, view: BoardView, column: ColumnView, words: Wording): readonly Decision[] {
  const { id } = column;
  if (conflict.type === "field") {
    const isOurs = "column" in conflict.field && conflict.field.column === id;
    return isOurs ? fields(conflict, words) : [];
  }
  if (!("column" in conflict) || conflict.column !== id) return [];
  if (conflict.type === "columnPosition") {
    return column.otherPositions.map((position) => {
      const by = conflict.choices.find((choice) => choice.position === position)?.by;
      return {
        id: `position ${position}`,
        text: (when) => words.board.columnMovedBy(authorOf(by?.author ?? null, words.me), when),
        at: by?.at,
        choices: [
          { label: words.board.keepHere, command: { type: "keepColumnPosition", column: id } },
          { label: words.board.moveThere, command: { type: "pickColumnPosition", column: id, position } },
        ],
      };
    });
  }
  const who = latest(conflict.deleted);
  const author = authorOf(who?.author ?? null, words.me);
  if (conflict.type === "columnRecovered") return [recovered(column, view, { author, at: who?.at }, words)];
  const other = view.columns.find((it) => it.id !== id);
  const cards = column.cards.length === 0 ? null : other ? { moveTo: other.id } : ("delete" as const);
  return [
    {
      id: "deleted",
      text: (when) => words.board.columnDeletedBy(author, when),
      at: who?.at,
      choices: [
        { label: words.board.keepColumn, command: { type: "keepColumn", column: id } },
        {
          label: other && column.cards.length > 0 ? words.board.deleteAndMove(other.name) : words.board.deleteColumn,
          command: { type: "deleteColumn", column: id, cards },
          isDanger: true,
        },
      ],
    },
  ];
}

/** Shown for the sake of the cards that stand in it. */
function recovered(
  { id, life, cards }: ColumnView,
  view: BoardView,
  who: { author: Who; at: number | undefined },
  words: Wording,
): Decision {
  const isArchived = life === "archived";
  const other = view.columns.find((it) => it.id !== id && !it.recovered);
  const bringBack: Command = { type: isArchived ? "unarchiveColumn" : "restoreColumn", column: id };
  const letGo: readonly Choice[] = other
    ? [{ label: words.board.moveCardsInto(other.name), command: { type: "moveAllCards", column: id, to: other.id } }]
    : [];
  return {
    id: "recovered",
    text: (when) =>
      isArchived
        ? words.board.recoveredFromArchive(cards.length)
        : words.board.recovered(who.author, cards.length, when),
    at: isArchived ? undefined : who.at,
    choices: [{ label: words.board.keepColumn, command: bringBack }, ...letGo],
  };
}
