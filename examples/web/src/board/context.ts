// What every part of one open board shares.

import { computed, inject, provide, shallowRef, type InjectionKey, type Ref, type ShallowRef } from "vue";
import { KanbanError, type Board, type BoardView, type CardId, type ChangeHash, type ColumnId, type Command, type Label, type Member } from "kanban-crdt";
import { session } from "../session/session.js";
import { useNotices } from "../ui/notices.js";
import { useWords } from "../words/index.js";
import { useFocus, type Focus } from "./keyboard/focus.js";
import { useLift, type Lifting } from "./lift.js";
import { problemInWords } from "./problems.js";
import { searchFor, type Search } from "./search/search.js";

/** A name that is being edited in place. It is kept here, as what shows it may be drawn anew elsewhere. */
export interface Naming {
  readonly what: "card" | "column";
  readonly id: CardId | ColumnId;
  readonly draft: string;
  readonly selection: readonly [number, number];
}

interface Changed {
  readonly change: ChangeHash | null;
}

interface Outcome {
  readonly isDone: boolean;
  readonly change?: ChangeHash | undefined;
}

/** Where cards are being added. */
export interface Adding {
  readonly column: ColumnId;
  readonly at: "first" | "last";
}

export interface Asking {
  readonly about: "deletion" | "limit";
  readonly column: ColumnId;
}

export interface BoardContext {
  readonly board: Board;
  readonly view: Readonly<Ref<BoardView>>;
  /** Whoever is here, as the board knows them. */
  readonly me: Readonly<Ref<string | undefined>>;
  /** The same objects until somebody changes them, unlike the view. */
  readonly labels: Readonly<Ref<readonly Label[]>>;
  readonly members: Readonly<Ref<readonly Member[]>>;
  readonly isReadOnly: Readonly<Ref<boolean>>;
  readonly search: Readonly<Ref<Search | undefined>>;
  readonly lift: Lifting;
  readonly focus: Focus;
  readonly naming: ShallowRef<Naming | undefined>;
  readonly adding: ShallowRef<Adding | undefined>;
  /** What a dialog asks about a column: what becomes of its cards, or how many it should hold. */
  readonly asking: ShallowRef<Asking | undefined>;
  /** Resolves with whether it is on the board now; why not is told. */
  readonly carryOut: (command: Command) => Promise<boolean>;
  /** The same for several, with a notice that offers to take them back. */
  readonly carryOutAndOfferUndo: (commands: readonly Command[], text: string) => Promise<boolean>;
  readonly openCard: (id: CardId) => void;
  readonly addressOf: (id: CardId) => string;
}

const KEY: InjectionKey<BoardContext> = Symbol("board");

export interface BoardInputs {
  readonly board: Board;
  readonly view: Readonly<Ref<BoardView>>;
  readonly filter: Readonly<Ref<string>>;
  readonly isReadOnly: Readonly<Ref<boolean>>;
  readonly root: Readonly<Ref<HTMLElement | null>>;
  readonly openCard: (id: CardId) => void;
}

export function provideBoard({ board, view, filter, isReadOnly, root, openCard }: BoardInputs): BoardContext {
  const words = useWords();
  const { tell } = useNotices();
  const search = computed(() => searchFor(filter.value));
  const documentId = board.url.replace(/^automerge:/, "");

  /** The change that it made, if it made one. */
  async function changing(change: () => Promise<Changed>): Promise<Outcome> {
    try {
      return { isDone: true, change: (await change()).change ?? undefined };
    } catch (thrown) {
      const error = KanbanError.of(thrown);
      tell(problemInWords(error, words.board), { tone: "problem" });
      return { isDone: error.code === "storage" };
    }
  }

  async function carryOutAndOfferUndo(commands: readonly Command[], text: string): Promise<boolean> {
    const changes: ChangeHash[] = [];
    for (const command of commands) {
      const { isDone, change } = await changing(() => board.apply(command));
      if (!isDone) return false;
      if (change) changes.unshift(change);
    }
    const undo = async () => {
      for (const change of changes) await changing(() => board.undoChange(change));
    };
    tell(text, changes.length > 0 ? { action: { label: words.board.undo, run: () => void undo() } } : {});
    return true;
  }

  const context: BoardContext = {
    board,
    view,
    me: computed(() => session.person.value?.name),
    labels: computed(() => view.value.labels),
    members: computed(() => view.value.members),
    isReadOnly,
    search,
    lift: useLift(),
    focus: useFocus(root, view),
    naming: shallowRef(),
    adding: shallowRef(),
    asking: shallowRef(),
    openCard,
    addressOf: (id) => `/board/${documentId}/card/${id}`,
    carryOut: async (command) => (await changing(() => board.apply(command))).isDone,
    carryOutAndOfferUndo,
  };
  provide(KEY, context);
  return context;
}

export function useBoardContext(): BoardContext {
  const context = inject(KEY);
  if (!context) throw new Error("this is no part of a board");
  return context;
}
