// Boards in IndexedDB: a record for each chunk, so that a change costs one small write.

import { answer, openDatabase, storageError } from "./database.js";
import { KanbanError } from "./errors.js";
import { entry, type Chunk, type Meta, type Store } from "./store.js";
import { indexedDBViews } from "./views.js";

const CHUNKS = "chunks";
const BOARDS = "boards";

/** Keeps boards in the browser, in a database of this name; other accounts have others. */
export function indexedDBStore(name = "kanban-crdt"): Store {
  let opening: Promise<IDBDatabase> | undefined;
  const database = () => (opening ??= openDatabase(name, [CHUNKS, BOARDS], () => (opening = undefined)));
  const views = indexedDBViews(name);

  /** Runs `work` in one transaction; resolves when that is on the disk. */
  async function within<T>(mode: IDBTransactionMode, work: (of: Stores) => Promise<T> | T): Promise<T> {
    const begin = async () => (await database()).transaction([CHUNKS, BOARDS], mode, { durability: "strict" });
    const transaction = await begin().catch((error: unknown) => {
      if (error instanceof KanbanError) throw error;
      // The connection is gone: some browsers end it while a device sleeps, and do not say so.
      opening = undefined;
      return begin().catch((error: unknown) => {
        throw error instanceof KanbanError ? error : storageError(error);
      });
    });
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(storageError(transaction.error));
    });
    done.catch(() => {});
    const stores = { chunks: transaction.objectStore(CHUNKS), boards: transaction.objectStore(BOARDS) };
    try {
      const result = await work(stores);
      await done;
      return result;
    } catch (error) {
      throw error instanceof KanbanError ? error : storageError(error);
    }
  }

  return {
    channel: name,
    views,
    load: (url) =>
      within("readonly", async ({ chunks, boards }) => {
        const [keys, values, meta] = await Promise.all([
          answer(chunks.getAllKeys(of(url))),
          answer(chunks.getAll(of(url)) as IDBRequest<Uint8Array<ArrayBuffer>[]>),
          answer(boards.get(url) as IDBRequest<Meta | undefined>),
        ]);
        if (keys.length === 0) return undefined;
        const key = (index: number) => (keys[index] as [string, string])[1];
        const stored: Chunk[] = values.map((bytes, index) => ({ key: key(index), bytes }));
        return { chunks: stored, ...(meta && { meta }) };
      }),
    append: (url, added, meta) =>
      within("readwrite", ({ chunks, boards }) => {
        for (const { key, bytes } of added) chunks.put(bytes, [url, key]);
        if (meta) boards.put(meta, url);
      }),
    replace: (url, by, keys) =>
      within("readwrite", ({ chunks }) => {
        for (const key of keys) chunks.delete([url, key]);
        chunks.put(by.bytes, [url, by.key]);
      }),
    list: () =>
      within("readonly", async ({ boards }) => {
        const [urls, metas] = await Promise.all([
          answer(boards.getAllKeys() as IDBRequest<string[]>),
          answer(boards.getAll() as IDBRequest<Meta[]>),
        ]);
        return urls.map((url, index) => entry(url, metas[index]));
      }),
    async remove(url) {
      await within("readwrite", ({ chunks, boards }) => {
        chunks.delete(of(url));
        boards.delete(url);
      });
      await views.remove(url);
    },
    async close() {
      const opened = opening;
      opening = undefined;
      (await opened?.catch(() => undefined))?.close();
      await views.close();
    },
  };
}

interface Stores {
  chunks: IDBObjectStore;
  boards: IDBObjectStore;
}

/** All chunks of a board: arrays sort behind texts. */
function of(url: string): IDBKeyRange {
  return IDBKeyRange.bound([url], [url, []]);
}
