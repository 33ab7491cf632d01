// For Cloudflare Workers, which compile no bytes while they run: the program is a module there.

import program from "./kanban_bg.wasm";
import { loadBy } from "./wasm.js";

export * from "./index.js";

loadBy(async () => program);
