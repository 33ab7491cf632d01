// Programs of other runtimes than Node.js.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import WebSocket from "ws";
import { KanbanClient } from "../../../dist/node.js";
import { Relay } from "../../../../../tests/interop/support/relay.mjs";
import { app, run } from "../support/app.mjs";

const MODULES = fileURLToPath(new URL("node_modules", import.meta.url));

test("Deno runs a program with a board", async (t) => {
  const cwd = await app(t, "node");
  const { stdout } = await run(await programIn("@deno", "deno"), ["run", "--no-remote", "--allow-all", "module.mjs"], { cwd });
  assert.equal(stdout, "To do: Write docs\n");
});

test("Bun runs a program with a board", async (t) => {
  const cwd = await app(t, "node");
  const { stdout } = await run(await programIn("@oven", "bin/bun"), ["module.mjs"], { cwd });
  assert.equal(stdout, "To do: Write docs\n");
});

test("a Cloudflare Worker makes a board and saves it at the relay", async (t) => {
  const cwd = await app(t, "workerd");
  assert.ok((await built(cwd)) < 200_000, "the program is a module of its own");
  const worker = spawn(await programIn("@cloudflare", "bin/workerd"), ["serve", "config.capnp", "--control-fd=1"], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(async () => {
    const exit = once(worker, "exit");
    worker.kill();
    await exit;
  });
  const [line] = await once(createInterface({ input: worker.stdout }), "line");
  const { port } = JSON.parse(line);
  const relay = await Relay.start(t);
  const answer = await fetch(`http://127.0.0.1:${port}/?relay=${encodeURIComponent(relay.socketUrl)}`);
  const { url, text } = await answer.json();
  assert.equal(text, "To do: Write docs");
  const client = new KanbanClient({ relay: relay.socketUrl, WebSocket });
  t.after(() => client.close());
  const view = await (await client.open(url)).whenReady({ signal: AbortSignal.timeout(10_000) });
  assert.equal(view.columns[0].cards[0].title, "Write docs");
});

/** As wrangler does: with the condition for workers, and the program beside. Returns how large it is. */
async function built(root) {
  const { metafile } = await esbuild.build({
    entryPoints: [join(root, "worker.js")],
    outfile: join(root, "dist/worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    plugins: [{
      name: "wasm modules",
      setup: (build) => build.onResolve({ filter: /\.wasm$/ }, () => ({ path: "kanban_bg.wasm", external: true })),
    }],
    metafile: true,
  });
  return metafile.outputs[Object.keys(metafile.outputs)[0]].bytes;
}

/** The program that npm has brought for this machine. */
async function programIn(scope, path) {
  for (const name of await readdir(join(MODULES, scope))) {
    const program = join(MODULES, scope, name, path);
    if (existsSync(program)) return program;
  }
  throw new Error(`${scope} has no program for this machine: run npm ci in tests/consumers/wide`);
}
