// For browsers, their workers, and what bundlers make for them.

import { loadBy } from "./wasm.js";

export * from "./slim.js";

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
