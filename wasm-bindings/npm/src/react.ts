import { useCallback, useSyncExternalStore } from "react";
import type { AnyBoard } from "./any.js";
import type { BoardView } from "./model.js";
import type { Peer } from "./presence.js";
import type { Status } from "./status.js";

/** A board in a component, which is drawn again whenever the board looks different. */
export function useBoard(board: AnyBoard): BoardView | undefined {
  const view = useCallback(() => board.view, [board]);
  return useSyncExternalStore(board.subscribe, view, view);
}

/**
 * A part of a board, as in `useBoardPart(board, (view) => view?.columns[0])`: the component is drawn again
 * only when that is another object. What did not change is the same one.
 */
export function useBoardPart<T>(board: AnyBoard, part: (view: BoardView | undefined) => T): T {
  const snapshot = () => part(board.view);
  return useSyncExternalStore(board.subscribe, snapshot, snapshot);
}

/** Who else has the board open and shows it. */
export function useBoardOthers(board: AnyBoard): readonly Peer[] {
  const others = useCallback(() => board.others, [board]);
  return useSyncExternalStore(board.onOthers, others, others);
}

/** How things stand with the relay. */
export function useBoardStatus(board: AnyBoard): Status {
  const status = useCallback(() => board.status, [board]);
  return useSyncExternalStore(board.onStatus, status, status);
}
