// What every entry point has.

export type { AnyBoard } from "./any.js";
export { Board } from "./board.js";
export { KanbanClient, type KanbanClientOptions } from "./client.js";
export { KanbanError, type KanbanErrorCode } from "./errors.js";
export { idOf, newId, type AnyId } from "./ids.js";
export { indexedDBStore } from "./indexeddb.js";
export type { Token, TokenSource } from "./link.js";
export type * from "./model.js";
export type { BoardChange } from "./parts.js";
export type { Json, Peer, Presence } from "./presence.js";
export { serveBoards, type ServeOptions } from "./serve.js";
export type { Status } from "./status.js";
export { memoryStore, type Chunk, type Meta, type Store, type StoredBoard, type StoredEntry } from "./store.js";
export type { KeptView, Views } from "./views.js";
export { init, memoryBytes, type WasmSource } from "./wasm.js";
