// An application of Next.js: a page that the server renders with a board, and a component that has one in the
// browser.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Relay } from "../../../../../tests/interop/support/relay.mjs";
import { app, run } from "../support/app.mjs";
import { makesABoard } from "../support/browser.mjs";

const MODULES = fileURLToPath(new URL("node_modules", import.meta.url));
/** What Next.js is made of, in the directory where the others are too large to be copied. */
const OTHERS = /node_modules\/(@deno|@oven|@cloudflare|deno|bun|workerd|vite-7|@esbuild|rollup|@rollup)(\/|$)/;
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };

for (const bundler of ["turbopack", "webpack"]) {
  test(`Next.js renders a board on the server and has one in the browser (${bundler})`, async (t) => {
    const cwd = await app(t, "next");
    const filter = (path) => !OTHERS.test(path);
    await cp(MODULES, join(cwd, "node_modules"), { recursive: true, filter, verbatimSymlinks: true });
    const next = join(cwd, "node_modules/next/dist/bin/next");
    await run(process.execPath, [next, "build", `--${bundler}`], { cwd, env });
    const address = await serves(t, next, cwd);
    const relay = await Relay.start(t);
    const page = await (await fetch(address)).text();
    assert.match(page, /Of the server.*Rendered/s);
    assert.match(page, /Loading/);
    await makesABoard(t, address, relay);
  });
}

async function serves(t, next, cwd) {
  const server = spawn(process.execPath, [next, "start", "--port", "0"], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  t.after(async () => {
    if (server.exitCode !== null) return;
    const exit = once(server, "exit");
    server.kill();
    await exit;
  });
  for await (const line of createInterface({ input: server.stdout })) {
    const [address] = /http:\/\/localhost:\d+/.exec(line) ?? [];
    if (address) return `${address}/`;
  }
  throw new Error("Next.js has not said where it listens");
}
