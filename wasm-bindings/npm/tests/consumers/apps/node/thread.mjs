import { isMainThread, parentPort, Worker } from "node:worker_threads";

if (isMainThread) {
  new Worker(new URL(import.meta.url)).on("message", (text) => console.log(text));
} else {
  const { makeABoard } = await import("./board.mjs");
  parentPort.postMessage(await makeABoard(await import("kanban-crdt")));
}
