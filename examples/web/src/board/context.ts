// What every part of one open board shares.

import { computed, inject, provide, shallowRef, type InjectionKey, type Ref, type ShallowRef } from "vue";
import type { Board, BoardView, CardId, ColumnId, Label, Member } from "kanban-crdt/page";
import { providePresence } from "../card/presence/usePresence.js";
import { session } from "../session/session.js";
import { useSelection, type Selection } from "../panels/select/selection.js";
import { useMarquee, type Marquee } from "../panels/select/useMarquee.js";
import { useCommands, type Commands } from "./commands.js";
import { useFocus, type Focus, type Focused } from "./keyboard/focus.js";
import { laneAt, useLift, type By, type Lift, type Lifting } from "./lift.js";
import { columnOf, placeOf } from "./places.js";
import { searchFor, type CardTest, type Search } from "./search/search.js";
import { useAhead } from "./useAhead.js";

/** A name that is being edited in place. It is kept here, as what shows it may be drawn anew elsewhere. */
export interface Naming {
  readonly what: "card" | "column";
  readonly id: CardId | ColumnId;
  readonly draft: string;
  readonly selection: readonly [number, number];
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

export interface BoardContext extends Commands {
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
  readonly selection: Selection | undefined;
  readonly marquee: Marquee;
  /** What moves if this is taken: with a chosen card all that are chosen. */
  readonly lifted: (what: Focused, by: By, element: Element | null) => Lift;
  readonly focus: Focus;
  readonly naming: ShallowRef<Naming | undefined>;
  readonly adding: ShallowRef<Adding | undefined>;
  /** What a dialog asks about a column: what becomes of its cards, or how many it should hold. */
  readonly asking: ShallowRef<Asking | undefined>;
  readonly openCard: (id: CardId) => void;
  readonly addressOf: (id: CardId) => string;
}

/** To edit all of it. */
export function namingOf(view: BoardView, at: Focused): Naming | undefined {
  const text = at.what === "card" ? placeOf(view, at.id)?.card.title : columnOf(view, at.id)?.name;
  return text === undefined ? undefined : { ...at, draft: text, selection: [0, text.length] };
}

/** In the column that has the focus, else in the first. */
export function addingAt(view: BoardView, at: Focused | undefined): Adding | undefined {
  const own = at?.what === "card" ? placeOf(view, at.id)?.column.id : at?.id;
  const column = own ?? view.columns[0]?.id;
  return column === undefined ? undefined : { column, at: "last" };
}

const KEY: InjectionKey<BoardContext> = Symbol("board");

export interface BoardInputs {
  readonly board: Board;
  readonly view: Readonly<Ref<BoardView>>;
  readonly filter: Readonly<Ref<string>>;
  /** Which cards to show, beside what is searched for. */
  readonly narrowing?: Readonly<Ref<CardTest | undefined>>;
  readonly isReadOnly: Readonly<Ref<boolean>>;
  readonly root: Readonly<Ref<HTMLElement | null>>;
  readonly openCard: (id: CardId) => void;
}

export function provideBoard({ board, view: now, filter, narrowing, isReadOnly, root, openCard }: BoardInputs): BoardContext {
  const search = computed(() => searchFor(filter.value, narrowing?.value));
  const selection = useSelection();
  const { view, during } = useAhead(now);
  const documentId = board.url.replace(/^automerge:/, "");

  const context: BoardContext = {
    board,
    view,
    me: computed(() => session.person.value?.name),
    labels: computed(() => view.value.labels),
    members: computed(() => view.value.members),
    isReadOnly,
    search,
    lift: useLift(),
    selection,
    marquee: useMarquee(root, selection),
    lifted: (what, by, element) => {
      if (what.what === "column") return { ...what, by };
      const ids = selection?.has(what.id) ? selection.cards.value.map(({ id }) => id) : [];
      return { ...what, by, ids: new Set(ids.length > 1 ? ids : [what.id]), lane: laneAt(element) };
    },
    focus: useFocus(root, view),
    naming: shallowRef(),
    adding: shallowRef(),
    asking: shallowRef(),
    openCard,
    addressOf: (id) => `/board/${documentId}/card/${id}`,
    ...useCommands(board, during),
  };
  provide(KEY, context);
  providePresence(context);
  return context;
}

export function useBoardContext(): BoardContext {
  const context = inject(KEY);
  if (!context) throw new Error("this is no part of a board");
  return context;
}
