// Applications made with bundlers that nobody has configured, in Chromium, at a relay.

import assert from "node:assert/strict";
import { copyFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import esbuild from "esbuild";
import * as vite from "vite";
import webpack from "webpack";
import { Relay } from "../../../../tests/interop/support/relay.mjs";
import { app } from "./support/app.mjs";
import { makesABoard, programOf } from "./support/browser.mjs";
import { viteServes } from "./support/vite.mjs";

for (const name of ["page", "worker", "served"]) {
  test(`Vite builds a ${name} with a board, and passes the program on as a file`, async (t) => {
    const root = await app(t, name);
    await vite.build({ root, logLevel: "error" });
    const relay = await Relay.start(t, { webDir: join(root, "dist") });
    assert.equal(programOf(await makesABoard(t, relay.pageUrl, relay)), "file");
  });

  test(`Vite serves a ${name} with a board while it is developed`, async (t) => {
    const relay = await Relay.start(t);
    const address = await viteServes(t, vite, await app(t, name));
    assert.equal(programOf(await makesABoard(t, address, relay)), "file");
  });

  test(`webpack builds a ${name} with a board, and passes the program on as a file`, async (t) => {
    const root = await app(t, name);
    const output = { path: join(root, "dist") };
    const stats = await packed({ context: root, entry: "./main.js", mode: "production", output });
    assert.deepEqual(stats.errors, []);
    const complaints = stats.warnings.map(({ message }) => message.split(":")[0]);
    // Of its size alone.
    assert.deepEqual(complaints.filter((it) => !/size limit|lazy load/.test(it)), []);
    await withPage(join(root, "dist"));
    const relay = await Relay.start(t, { webDir: join(root, "dist") });
    assert.equal(programOf(await makesABoard(t, relay.pageUrl, relay)), "file");
  });
}

test("esbuild has a copy of the program in a part that is loaded when there is no file", async (t) => {
  const root = await app(t, "page");
  const outdir = join(root, "dist");
  await esbuilt(root, { splitting: true, outdir });
  assert.ok((await stat(join(outdir, "main.js"))).size < 200_000);
  await copyFile(join(root, "index.html"), join(outdir, "index.html"));
  const relay = await Relay.start(t, { webDir: outdir });
  assert.equal(programOf(await makesABoard(t, relay.pageUrl, relay)), "copy");
  // Whoever puts the file beside has it loaded.
  await copyFile(join(root, "node_modules/kanban-crdt/dist/kanban_bg.wasm"), join(outdir, "kanban_bg.wasm"));
  const visited = await makesABoard(t, relay.pageUrl, relay);
  assert.equal(programOf(visited), "file");
});

test("esbuild makes one file of everything", async (t) => {
  const root = await app(t, "page");
  const outdir = join(root, "dist");
  await esbuilt(root, { outdir });
  await copyFile(join(root, "index.html"), join(outdir, "index.html"));
  const relay = await Relay.start(t, { webDir: outdir });
  await makesABoard(t, relay.pageUrl, relay);
});

test("without the copy an application is small, and says where the program is", async (t) => {
  const root = await app(t, "slim");
  const outdir = join(root, "dist");
  await esbuilt(root, { outdir, loader: { ".wasm": "file" } });
  const sizes = await Promise.all(
    (await readdir(outdir)).map(async (name) => [name.split(/[-.]/).at(-1), (await stat(join(outdir, name))).size]),
  );
  assert.ok(Object.fromEntries(sizes).js < 100_000, String(sizes));
  await copyFile(join(root, "index.html"), join(outdir, "index.html"));
  const relay = await Relay.start(t, { webDir: outdir });
  assert.equal(programOf(await makesABoard(t, relay.pageUrl, relay)), "file");
});

test("what an application does not use is not in it", async (t) => {
  const root = await app(t, "page");
  const sizeOf = async (code) => {
    const stdin = { contents: code, resolveDir: root };
    const { metafile } = await esbuild.build({ stdin, bundle: true, write: false, metafile: true, format: "esm", splitting: true, outdir: root, minify: true });
    return Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
  };
  assert.ok((await sizeOf('import { newId } from "kanban-crdt/slim"; console.log(newId());')) < 60_000);
  await rm(join(root, "node_modules/kanban-crdt/dist/kanban_bg.wasm"));
  const store = 'import { boardView } from "kanban-crdt/svelte"; console.log(boardView);';
  assert.ok((await sizeOf(store)) < 500, "an adapter is no more than itself");
});

function esbuilt(root, options) {
  return esbuild.build({ entryPoints: [join(root, "main.js")], bundle: true, minify: true, format: "esm", logLevel: "error", ...options });
}

async function packed(options) {
  const compiler = webpack(options);
  try {
    const stats = await new Promise((resolve, reject) => {
      compiler.run((error, stats) => (error ? reject(error) : resolve(stats)));
    });
    return stats.toJson({ all: false, errors: true, warnings: true });
  } finally {
    await new Promise((resolve) => compiler.close(resolve));
  }
}

/** webpack makes no page unless it is told to. */
async function withPage(directory) {
  await writeFile(join(directory, "index.html"), '<!doctype html><main></main><script src="main.js"></script>');
}
