// What is published: what is in it, and what those who check packages say of it.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { app, contents, run, TARBALL } from "./support/app.mjs";

const MB = 1_000_000;
/** Written by wasm-bindgen or by `cargo xtask npm`, not compiled. */
const GENERATED = ["kanban", "inline"];

test("the tarball has the program, its declarations, source maps and licences, and nothing else", async () => {
  const { files, size, unpackedSize } = await contents();
  const names = files.map((file) => file.path);
  const modules = names.filter((name) => /^dist\/\w+\.js$/.test(name)).map((name) => basename(name, ".js"));
  const maps = modules.filter((name) => !GENERATED.includes(name));
  const wanted = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "THIRD-PARTY-LICENSES",
    "package.json",
    "dist/kanban_bg.wasm",
    ...modules.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]),
    ...maps.map((name) => `dist/${name}.js.map`),
  ];
  assert.deepEqual(names.toSorted(), wanted.toSorted());
  for (const entry of ["browser", "node", "workerd", "slim", "page", "vue", "react", "svelte"]) {
    assert.ok(modules.includes(entry), entry);
  }
  assert.ok(size < 3.5 * MB, `${size} bytes packed`);
  assert.ok(unpackedSize < 7 * MB, `${unpackedSize} bytes unpacked`);
});

test("no file names a directory of the machine that made it", async (t) => {
  const root = fileURLToPath(new URL("../../../..", import.meta.url));
  const here = [homedir(), root, join(tmpdir(), "kanban"), process.env.CARGO_HOME].filter((it) => it && it !== "/");
  for (const [name, bytes] of await packedFiles(t)) {
    for (const directory of here) assert.ok(!bytes.includes(directory), `${name} names ${directory}`);
    // Where a registry keeps its sources depends on its address.
    assert.ok(!/registry\/src\/|\.cargo\//.test(bytes.toString("latin1")), name);
  }
});

test("every source map has its source inside", async (t) => {
  for (const [name, bytes] of await packedFiles(t)) {
    if (!name.endsWith(".map")) continue;
    const { sources, sourcesContent } = JSON.parse(bytes);
    assert.equal(sources.length, 1, name);
    assert.equal(typeof sourcesContent?.[0], "string", name);
  }
});

test("the copy of the program in the code is the program", async (t) => {
  const directory = join(await app(t, "node"), "node_modules/kanban-crdt/dist");
  const { bytes } = await import(join(directory, "inline.js"));
  assert.ok(Buffer.from(await bytes()).equals(await readFile(join(directory, "kanban_bg.wasm"))));
});

test("nothing waits at the top of a module", async (t) => {
  for (const [name, bytes] of await packedFiles(t)) {
    if (name.endsWith(".js")) assert.ok(!/^(const .*= |export .*= )?await /m.test(bytes.toString()), name);
  }
});

test("whoever wrote a part of the program is named, with the licence", async (t) => {
  const all = new Map(await packedFiles(t));
  const text = all.get("THIRD-PARTY-LICENSES").toString();
  for (const wanted of ["automerge 0.12", "serde_json 1", "wasm-bindgen 0.2", "Permission is hereby granted", "BlueOak"]) {
    assert.ok(text.includes(wanted), wanted);
  }
  assert.equal(JSON.parse(all.get("package.json")).dependencies, undefined, "nothing else is installed with it");
});

test("publint has nothing to say", async () => {
  const tarball = await readFile(TARBALL);
  const { messages, pkg } = await publint({
    pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) },
    strict: true,
  });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg, { color: false })), []);
});

test("attw finds the types of every entry right", async () => {
  const require = createRequire(import.meta.url);
  const program = join(dirname(require.resolve("@arethetypeswrong/cli/package.json")), "dist/index.js");
  // The program itself is no module with types.
  const options = ["--profile", "esm-only", "--exclude-entrypoints", "kanban.wasm", "--format", "json"];
  const { stdout } = await run(process.execPath, [program, TARBALL, ...options], { maxBuffer: 64 * MB }).catch((failed) => failed);
  const { analysis } = JSON.parse(stdout);
  assert.equal(Object.keys(analysis.entrypoints).length, 7);
  const problems = analysis.problems.filter((it) => !["node10", "node16-cjs"].includes(it.resolutionKind));
  assert.deepEqual(problems, []);
});

async function packedFiles(t) {
  const directory = join(await app(t, "node"), "node_modules/kanban-crdt");
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return Promise.all(files.map(async (file) => [file.slice(directory.length + 1), await readFile(file)]));
}
