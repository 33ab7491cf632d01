// What a page and the worker that has its boards say to each other.

import type { Failure } from "./errors.js";
import type { Token } from "./link.js";
import type { BoardEvent, Content, Edit, ImportReport, Question } from "./model.js";
import type { BoardChange } from "./parts.js";
import type { Peer, Presence } from "./presence.js";
import type { Status } from "./status.js";
import type { StoredEntry } from "./store.js";
import type { WindowEvent } from "./window.js";

/** A worker, the inside of one, or one end of a channel. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  /** Channels begin to hear with it. */
  start?(): void;
  /** Ends a channel, or a worker from inside. */
  close?(): void;
  /** Ends a worker. */
  terminate?(): void;
}

/** What a page makes its client with. */
export interface Settings {
  readonly relay?: string | undefined;
  readonly account?: string | undefined;
  readonly author?: string | undefined;
  readonly hasToken: boolean;
}

/** The page calls a board by a number: one that it makes has no address yet. */
interface OfBoard {
  readonly board: number;
}

/** What the page asks to be done: with what, and what comes back. */
export interface Calls {
  start: [Settings, void];
  create: [OfBoard & { readonly content: string | Content }, void];
  /** `viewId`: which kept view the page shows meanwhile. */
  open: [OfBoard & { readonly address: string; readonly viewId?: string | undefined }, void];
  list: [undefined, StoredEntry[]];
  remove: [{ readonly address: string; readonly evenUnsaved?: boolean | undefined }, void];
  end: [undefined, void];
  /** `seen`: how many views of the board the page has been told of, with each change one. */
  edit: [OfBoard & { readonly edit: Edit; readonly seen: number }, unknown];
  ask: [OfBoard & { readonly question: Question }, unknown];
  show: [OfBoard & { readonly presence?: Presence | undefined }, void];
  whenSaved: [OfBoard, void];
  whenReady: [OfBoard, void];
  reconnect: [OfBoard, void];
  close: [OfBoard, void];
}

export type CallName = keyof Calls;

/** From the page. What people hand in crosses as JSON, as it does to the program inside. */
export type FromPage =
  | { readonly type: "call"; readonly id: number; readonly name: CallName; readonly json: string | undefined }
  /** Nobody waits for that any more. */
  | { readonly type: "abort"; readonly id: number }
  | { readonly type: "token"; readonly id: number; readonly token?: Token | string | undefined; readonly failure?: Failure }
  | { readonly type: "window"; readonly what: WindowEvent };

/** What becomes of a board. */
export type BoardNews = OfBoard &
  (
    | { readonly type: "piece"; readonly text: string | undefined }
    /** All pieces since the last view are one; those without text are as they were kept. */
    | { readonly type: "view"; readonly change?: Told | undefined }
    | { readonly type: "change"; readonly change: Told; readonly patch: string }
    | { readonly type: "status"; readonly status: Status }
    | { readonly type: "others"; readonly others: readonly Peer[] }
    | { readonly type: "error"; readonly failure: Failure }
    | { readonly type: "opened"; readonly url: string; readonly status: Status; readonly report?: ImportReport | undefined }
  );

export interface Told {
  readonly origin: BoardChange["origin"];
  readonly events: readonly BoardEvent[];
}

/** From the worker. */
export type FromWorker =
  /** It is there. The lock, where there are any, is free when it is there no more. */
  | { readonly type: "hello"; readonly lock: string | undefined }
  | { readonly type: "answer"; readonly id: number; readonly json?: string | undefined; readonly failure?: Failure }
  | { readonly type: "token"; readonly id: number }
  | { readonly type: "news"; readonly news: BoardNews };

