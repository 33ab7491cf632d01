// For pages that have their boards in a worker: without the program inside, which only the worker loads.

export type { AnyBoard } from "./any.js";
export { KanbanError, type KanbanErrorCode } from "./errors.js";
export { idOf, newId, type AnyId } from "./ids.js";
export type { Token, TokenSource } from "./link.js";
export type { Port } from "./messages.js";
export type * from "./model.js";
export type { BoardChange } from "./parts.js";
export type { Json, Peer, Presence } from "./presence.js";
export type { Status } from "./status.js";
export type { StoredEntry } from "./store.js";
export type { KeptView, Views } from "./views.js";
export type { WorkerBoard as Board } from "./worker_board.js";
export { WorkerClient, type WorkerClientOptions } from "./worker_client.js";
