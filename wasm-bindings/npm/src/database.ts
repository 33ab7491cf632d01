// IndexedDB by promises.

import { KanbanError } from "./errors.js";

/** Opens a database that has these stores. `lost` is told when it cannot be used any more. */
export function openDatabase(name: string, stores: readonly string[], lost: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    let request: IDBOpenDBRequest;
    try {
      request = indexedDB.open(name, 1);
    } catch (error) {
      lost();
      reject(storageError(error));
      return;
    }
    request.onupgradeneeded = () => {
      for (const store of stores) request.result.createObjectStore(store);
    };
    request.onsuccess = () => {
      const database = request.result;
      // A newer version of the page, or a person who clears the data, must not wait for this tab.
      database.onversionchange = () => {
        database.close();
        lost();
      };
      database.onclose = lost;
      resolve(database);
    };
    request.onerror = () => {
      lost();
      reject(storageError(request.error));
    };
  });
}

export function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(storageError(request.error));
  });
}

export function storageError(thrown: unknown): KanbanError {
  const error = thrown instanceof Error ? thrown : undefined;
  const full = error?.name === "QuotaExceededError";
  const words = full
    ? "There is no more space on this device for boards: remove some, or free space."
    : `The browser could not keep the board: ${error?.message ?? "it gave no reason"}`;
  return new KanbanError("storage", words, full ? "full" : undefined, { cause: error });
}
