// As for browsers, but without the copy of the program in the code: `init` is told where the program is.

import { keepIn } from "./client.js";
import { indexedDBStore } from "./indexeddb.js";
import { memoryStore } from "./store.js";
import { databaseOf } from "./views.js";

export * from "./index.js";

// Where pages are rendered ahead there is no IndexedDB, and nothing to keep.
keepIn((account) => (typeof indexedDB === "undefined" ? memoryStore() : indexedDBStore(databaseOf(account))));
