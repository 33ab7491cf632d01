import { getCurrentScope, onScopeDispose, readonly, shallowRef, type Ref, type ShallowRef } from "vue";
import type { AnyBoard } from "./any.js";
import type { BoardView } from "./model.js";
import type { Peer } from "./presence.js";
import type { Status } from "./status.js";

/**
 * A board in a component: its view, its status and who else is here as refs, for as long as the component, or the effect scope,
 * lives. Cards that do not change are the same objects, so give each its component and pass it the card.
 */
export function useBoard(board: AnyBoard): {
  view: Readonly<ShallowRef<BoardView | undefined>>;
  status: Readonly<Ref<Status>>;
  others: Readonly<ShallowRef<readonly Peer[]>>;
} {
  const view = shallowRef(board.view);
  const status = shallowRef(board.status);
  const others = shallowRef(board.others);
  const stops = [
    board.subscribe((change) => (view.value = change.view)),
    board.onStatus((next) => (status.value = next)),
    board.onOthers((next) => (others.value = next)),
  ];
  if (getCurrentScope()) onScopeDispose(() => stops.forEach((stop) => stop()));
  return { view, status: readonly(status) as Readonly<Ref<Status>>, others };
}
