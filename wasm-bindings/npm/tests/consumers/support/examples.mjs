// The examples of a document, and pages made of them.

import assert from "node:assert/strict";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { compile } from "svelte/compiler";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Each example of a document, whose place is said from the directory of the tests. */
export async function examplesIn(document) {
  const text = await readFile(path(`../${document}`), "utf8");
  return [...text.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language, code]) => ({ language, code }));
}

/** Bundles a page of an application, into `dist` beside it. */
export async function built(root, entry) {
  const outdir = join(root, "dist");
  await esbuild.build({
    entryPoints: { main: join(root, entry) },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    nodePaths: [path("../node_modules"), path("../../../node_modules")],
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
