// A page and a worker in one process, with a channel between them.

import { memoryStore, serveBoards } from "kanban-crdt";
import { WorkerClient } from "kanban-crdt/page";

/** A disk: boards and how they looked, which outlive the clients that keep them. */
export class Disk {
  views = new Map();
  #stores = new Map();

  /** What a worker keeps an account's boards in. */
  store = (account) => {
    const store = this.#stores.get(account) ?? memoryStore();
    this.#stores.set(account, store);
    const views = this.viewsOf(account);
    const remove = async (url) => {
      await store.remove(url);
      await views.remove(url);
    };
    return { ...store, views, remove, close: async () => {} };
  };

  viewsOf(account) {
    const key = (url) => `${account} ${url}`;
    return {
      load: async (url) => structuredClone(this.views.get(key(url))),
      save: async (url, view) => void this.views.set(key(url), structuredClone(view)),
      remove: async (url) => void this.views.delete(key(url)),
      close: async () => {},
    };
  }
}

/** A page whose worker begins to serve when `serve` is called; at once, unless it is `held`. */
export function pageOf(t, { disk = new Disk(), account = "ana", isHeld = false, WebSocket, ...options } = {}) {
  const { port1, port2 } = new MessageChannel();
  const client = new WorkerClient({ worker: port1, account, views: disk.viewsOf(account), ...options });
  let isServed = false;
  const serve = () => {
    isServed = true;
    serveBoards({ port: port2, store: disk.store, ...(WebSocket && { WebSocket }) });
  };
  if (!isHeld) serve();
  t.after(async () => {
    if (isServed) await client.close().catch(() => {});
    port1.close();
    port2.close();
  });
  return { client, disk, serve, inside: port2 };
}
