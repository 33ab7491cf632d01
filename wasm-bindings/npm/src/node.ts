// For Node.js, Deno and Bun: modules and, by `require`, older programs.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadBy } from "./wasm.js";

export * from "./index.js";
export { fileStore } from "./file.js";

// Not by `new URL(…, import.meta.url)`: bundlers rewrite that.
loadBy(async () => {
  try {
    return await readFile(join(dirname(fileURLToPath(import.meta.url)), "kanban_bg.wasm"));
  } catch {
    const { bytes } = await import("./inline.js");
    return bytes();
  }
});
