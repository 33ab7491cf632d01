// Programs of Node.js.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { app, run } from "./support/app.mjs";

const output = { stdout: "To do: Write docs\n", stderr: "" };

for (const [name, loads] of [
  ["module.mjs", "by import"],
  ["common.cjs", "by require"],
  ["thread.mjs", "in a thread"],
]) {
  test(`Node.js loads the package ${loads}, and warns of nothing`, async (t) => {
    const cwd = await app(t, "node");
    const { stdout, stderr } = await run(process.execPath, [name], { cwd });
    assert.deepEqual({ stdout, stderr }, output);
  });
}

test("where the file of the program was left out, its copy is loaded", async (t) => {
  const cwd = await app(t, "node");
  await rm(join(cwd, "node_modules/kanban-crdt/dist/kanban_bg.wasm"));
  const { stdout, stderr } = await run(process.execPath, ["module.mjs"], { cwd });
  assert.deepEqual({ stdout, stderr }, output);
});

test("nothing of the program is loaded before the first board", async (t) => {
  const cwd = await app(t, "node");
  const script = `
    WebAssembly.instantiate = () => { throw new Error("too early"); };
    const { KanbanClient } = await import("kanban-crdt");
    new KanbanClient();`;
  await run(process.execPath, ["--input-type=module", "--eval", script], { cwd });
});
