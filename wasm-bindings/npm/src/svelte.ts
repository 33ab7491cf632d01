import type { AnyBoard } from "./any.js";
import type { BoardView } from "./model.js";
import type { Peer } from "./presence.js";
import type { Status } from "./status.js";

/** What Svelte calls a store: `$view` in a component is its value. */
export interface Readable<T> {
  subscribe(run: (value: T) => void): () => void;
}

/** A board's view as a store. */
export function boardView(board: AnyBoard): Readable<BoardView | undefined> {
  return {
    subscribe(run) {
      const stop = board.subscribe((change) => run(change.view));
      run(board.view);
      return stop;
    },
  };
}

/** A board's status as a store. */
export function boardStatus(board: AnyBoard): Readable<Status> {
  return {
    subscribe(run) {
      const stop = board.onStatus(run);
      run(board.status);
      return stop;
    },
  };
}

/** Who else has the board open, as a store. */
export function boardOthers(board: AnyBoard): Readable<readonly Peer[]> {
  return {
    subscribe(run) {
      const stop = board.onOthers(run);
      run(board.others);
      return stop;
    },
  };
}
