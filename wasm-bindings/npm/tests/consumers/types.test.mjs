// The declarations, as those who compile without skipping them see them.

import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { app, run } from "./support/app.mjs";

const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const require = createRequire(import.meta.url);
/** The newest, and the one that the package is compiled with. */
const COMPILERS = [require.resolve("typescript-native/package.json"), join(MODULES, "typescript/package.json")];

let cwd;
const ends = [];
before(async () => {
  cwd = await app({ after: (end) => ends.push(end) }, "types");
  for (const name of ["vue", "@vue", "react", "@types", "csstype", "undici-types"]) {
    await symlink(join(MODULES, name), join(cwd, "node_modules", name));
  }
});
after(() => Promise.all(ends.map((end) => end())));

for (const compiler of COMPILERS) {
  const program = join(dirname(compiler), "bin/tsc");
  const { version } = require(compiler);
  for (const [module, resolution] of [
    ["node16", "node16"],
    ["esnext", "bundler"],
  ]) {
    test(`TypeScript ${version} finds nothing wrong with moduleResolution ${resolution}`, async () => {
      // `fileStore` is there where a program of Node.js is bundled.
      const conditions = resolution === "bundler" ? ["--customConditions", "node"] : [];
      await compiles(program, module, resolution, conditions);
    });
  }
}

async function compiles(program, module, resolution, more) {
  const options = ["--strict", "--noEmit", "--skipLibCheck", "false", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
  const target = ["--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--types", "node"];
  const how = ["--module", module, "--moduleResolution", resolution, "--verbatimModuleSyntax", ...more];
  try {
    await run(process.execPath, [program, ...options, ...target, ...how, "consumer.ts"], { cwd });
  } catch (error) {
    assert.fail(error.stdout || error);
  }
}
