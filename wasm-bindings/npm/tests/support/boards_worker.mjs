// A worker of a page in a thread of its own.

import { workerData } from "node:worker_threads";
import { fileStore, serveBoards } from "kanban-crdt";
import WebSocket from "ws";

const { port, directory } = workerData;
serveBoards({ port, WebSocket, ...(directory && { store: () => fileStore(directory) }) });
