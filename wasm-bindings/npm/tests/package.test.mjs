// The package as npm packs it: that its README is true, and that older programs load it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";

const run = promisify(execFile);
const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

let project;
before(async () => {
  project = await mkdtemp(join(tmpdir(), "kanban-crdt-packed-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: PACKAGE });
  const [packed] = JSON.parse(stdout);
  const modules = join(project, "node_modules");
  await mkdir(join(modules, "kanban-crdt"), { recursive: true });
  const unpack = ["-xzf", join(project, packed.filename), "-C", join(modules, "kanban-crdt"), "--strip-components=1"];
  await run("tar", unpack);
  for (const name of ["vue", "@vue", "react", "@types", "csstype", "undici-types"]) {
    await symlink(join(PACKAGE, "node_modules", name), join(modules, name));
  }
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
});
after(() => rm(project, { recursive: true, force: true }));

test("the examples of the README are what the declarations say", async () => {
  const readme = await readFile(join(PACKAGE, "README.md"), "utf8");
  const examples = [...readme.matchAll(/```(tsx?)\n(.*?)```/gs)];
  // That of Svelte runs in `consumers/readme.test.mjs`, as these do.
  assert.equal(examples.length, 5);
  const names = await Promise.all(
    examples.map(async ([, kind, code], number) => {
      const name = join(project, `example${number}.${kind}`);
      await writeFile(name, `${code}\nexport {};\n`);
      return name;
    }),
  );
  const wrong = join(project, "wrong.ts");
  await writeFile(wrong, 'import { newId, type CardId, type ColumnId } from "kanban-crdt";\nexport const id: CardId = newId<ColumnId>();\n');
  const messages = (roots) => {
    const program = ts.createProgram(roots, {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      jsx: ts.JsxEmit.ReactJSX,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      strict: true,
      noEmit: true,
      types: [],
    });
    const all = ts.getPreEmitDiagnostics(program);
    return all.map((it) => `${it.file?.fileName}: ${ts.flattenDiagnosticMessageText(it.messageText, "\n")}`);
  };
  assert.deepEqual(messages(names), []);
  assert.equal(messages([wrong]).length, 1, "a column's id is no card's");
});

test("the first example runs, from the package and by require", async () => {
  const script = (load) => `${load}
    const client = new KanbanClient();
    client.create("Release").then(async (board) => {
      await board.apply({ type: "createColumn", column: newId(), name: "To do", at: "last" });
      await board.whenSaved();
      console.log(board.view.columns[0].name);
      await client.close();
    });`;
  const cases = [
    ["module.mjs", 'import { KanbanClient, newId } from "kanban-crdt";'],
    ["common.cjs", 'const { KanbanClient, newId } = require("kanban-crdt");'],
  ];
  for (const [name, load] of cases) {
    await writeFile(join(project, name), script(load));
    const { stdout } = await run(process.execPath, [join(project, name)]);
    assert.equal(stdout, "To do\n", name);
  }
  // Without its file the program is in the code.
  await rm(join(project, "node_modules/kanban-crdt/dist/kanban_bg.wasm"));
  const { stdout } = await run(process.execPath, [join(project, "module.mjs")]);
  assert.equal(stdout, "To do\n");
  assert.ok(createRequire(import.meta.url).resolve("kanban-crdt").endsWith("dist/node.js"));
});
