// The examples of the README run, and of a board only the card is drawn again that has changed.

import assert from "node:assert/strict";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { compile } from "svelte/compiler";
import { eventually } from "../../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../../tests/interop/support/relay.mjs";
import { app } from "./support/app.mjs";
import { visit } from "./support/browser.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const README = await readFile(path("../../README.md"), "utf8");
const FRAMEWORKS = ["react", "vue", "svelte"];

/** The one example that names this, in this language. */
function example(language, text) {
  const all = [...README.matchAll(/```(\w+)\n(.*?)```/gs)].filter(([, found, code]) => found === language && code.includes(text));
  assert.equal(all.length, 1, `examples in ${language} with ${text}`);
  return all[0][2];
}

test("the first example makes a board, and a relay has it", async (t) => {
  const root = await app(t, "readme");
  const relay = await Relay.start(t);
  const code = example("ts", "new KanbanClient").replace("wss://boards.example/sync", relay.socketUrl);
  await writeFile(join(root, "main.ts"), code);
  await built(root, "main.ts");
  const said = [];
  const { page } = await visit(t, "about:blank");
  page.on("console", (message) => said.push(message.text()));
  const site = await Relay.start(t, { webDir: join(root, "dist") });
  await page.goto(site.pageUrl);
  await eventually(() => assert.match(said.at(-1) ?? "", /others open it with client.open\("automerge:\w+"\)/));
  assert.ok(said.includes("[To do]"), said.join("; "));
});

test("each framework shows a board, and draws the card again that has changed and no other", async (t) => {
  const root = await app(t, "readme");
  await writeFile(join(root, "example_react.tsx"), example("tsx", "kanban-crdt/react"));
  await writeFile(join(root, "example_vue.ts"), example("ts", "kanban-crdt/vue"));
  await writeFile(join(root, "Example.svelte"), example("svelte", "kanban-crdt/svelte"));
  await built(root, "main.js");
  const relay = await Relay.start(t, { webDir: join(root, "dist") });
  const { page, errors } = await visit(t, relay.pageUrl);
  const shows = (wanted) =>
    eventually(async () => {
      const text = async (id) => (await page.locator(`#${id}`).textContent()).replace(/\s/g, "");
      assert.deepEqual(errors, []);
      assert.equal(await page.evaluate(() => document.body.dataset.failed), undefined);
      assert.deepEqual(await Promise.all(FRAMEWORKS.map(text)), FRAMEWORKS.map(() => wanted.board));
      assert.deepEqual(await Promise.all(FRAMEWORKS.map((id) => text(`${id}-cards`))), FRAMEWORKS.map(() => wanted.cards));
    });
  const drawn = () => page.evaluate(() => globalThis.example.drawn);
  const each = (counts) => Object.fromEntries(FRAMEWORKS.map((name) => [name, counts]));

  await shows({ board: "localTodo", cards: "DocsShip" });
  assert.deepEqual(await drawn(), each({ docs: 1, ship: 1 }));
  await page.evaluate(() => globalThis.example.renameCard("Write docs"));
  await shows({ board: "localTodo", cards: "WritedocsShip" });
  assert.deepEqual(await drawn(), each({ docs: 2, ship: 1 }));
  await page.evaluate(() => globalThis.example.renameColumn("Later"));
  await shows({ board: "localLater", cards: "WritedocsShip" });
  assert.deepEqual(await drawn(), each({ docs: 2, ship: 1 }), "another column's name is none of theirs");
});

async function built(root, entry) {
  const outdir = join(root, "dist");
  await esbuild.build({
    entryPoints: { main: join(root, entry) },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    nodePaths: [path("node_modules"), path("../../node_modules")],
    plugins: [svelte],
    logLevel: "error",
  });
  await copyFile(join(root, "index.html"), join(outdir, "index.html"));
  await copyFile(join(root, "node_modules/kanban-crdt/dist/kanban_bg.wasm"), join(outdir, "kanban_bg.wasm"));
}

const svelte = {
  name: "svelte",
  setup(build) {
    build.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js, warnings } = compile(await readFile(path, "utf8"), { filename: path, generate: "client" });
      assert.deepEqual(warnings.map(({ message }) => message), []);
      return { contents: js.code, loader: "js" };
    });
  },
};
