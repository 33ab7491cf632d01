// For browsers, their workers, and what bundlers make for them.

import { keepIn } from "./client.js";
import { indexedDBStore } from "./indexeddb.js";
import { memoryStore } from "./store.js";
import { loadBy } from "./wasm.js";

export * from "./index.js";

// Where pages are rendered ahead there is no IndexedDB, and nothing to keep.
keepIn((account) => (typeof indexedDB === "undefined" ? memoryStore() : indexedDBStore(database(account))));

loadBy(async () => {
  try {
    const answer = await fetch(new URL("./kanban_bg.wasm", import.meta.url));
    const type = answer.headers.get("content-type") ?? "";
    // Servers that know no such file send a page.
    if (answer.ok && !type.startsWith("text/")) return answer;
  } catch {
    // As below.
  }
  // A copy in the code, for bundlers and servers that do not pass the file on.
  const { bytes } = await import("./inline.js");
  return bytes();
});

function database(account: string): string {
  return account === "" ? "kanban-crdt" : `kanban-crdt ${account}`;
}
