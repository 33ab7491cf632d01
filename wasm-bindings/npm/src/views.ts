// How boards looked last, kept beside them: what a page shows while they are loaded.

import { answer, openDatabase, storageError } from "./database.js";

/** A view as it was kept. */
export interface KeptView {
  /** Another for each that is kept. */
  readonly id: string;
  /** Of the package that kept it: others may show boards otherwise. */
  readonly version: string;
  /** See `pieces.ts`. */
  readonly pieces: readonly string[];
}

/** Where views are kept. To lose one costs a moment, so nothing waits until it is on the disk. */
export interface Views {
  load(url: string): Promise<KeptView | undefined>;
  save(url: string, view: KeptView): Promise<void>;
  remove(url: string): Promise<void>;
  /** Lets go of what is open. */
  close(): Promise<void>;
}

const VIEWS = "views";

/** What the database is called that has the boards of an account. */
export function databaseOf(account: string): string {
  return account === "" ? "kanban-crdt" : `kanban-crdt ${account}`;
}

/**
 * Keeps views in a database of their own: a tab of an older version, which has that of the boards open, goes on
 * with it.
 */
export function indexedDBViews(boards: string): Views {
  let opening: Promise<IDBDatabase> | undefined;

  async function within<T>(mode: IDBTransactionMode, work: (views: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    opening ??= openDatabase(`${boards} ${VIEWS}`, [VIEWS], () => (opening = undefined));
    const transaction = begun(await opening, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(storageError(transaction.error));
    });
    const [result] = await Promise.all([answer(work(transaction.objectStore(VIEWS))), done]);
    return result;
  }

  function begun(database: IDBDatabase, mode: IDBTransactionMode): IDBTransaction {
    try {
      return database.transaction(VIEWS, mode);
    } catch (error) {
      // Some browsers end the connection while a device sleeps: the next one opens it anew.
      opening = undefined;
      throw storageError(error);
    }
  }

  return {
    load: (url) => within("readonly", (views) => views.get(url) as IDBRequest<KeptView | undefined>),
    save: async (url, view) => void (await within("readwrite", (views) => views.put(view, url))),
    remove: (url) => within("readwrite", (views) => views.delete(url)),
    async close() {
      const opened = opening;
      opening = undefined;
      (await opened?.catch(() => undefined))?.close();
    },
  };
}
