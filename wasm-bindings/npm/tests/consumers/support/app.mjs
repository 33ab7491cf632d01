// Small applications that install the package from its tarball, in directories of their own.

import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

export const run = promisify(execFile);

/** Where `pack.mjs` leaves the tarball. */
export const PACKED = path("../.packed");
export const TARBALL = join(PACKED, "kanban-crdt.tgz");

/** What npm says of the tarball. */
export const contents = async () => JSON.parse(await readFile(join(PACKED, "contents.json"), "utf8"));

/** A copy of an application in `apps`, with the package installed and nothing configured. */
export async function app(t, name) {
  const directory = await realpath(await mkdtemp(join(tmpdir(), `kanban-${name}-`)));
  t.after(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
  await cp(path(`../apps/${name}`), directory, { recursive: true });
  const own = await readFile(join(directory, "package.json"), "utf8").catch(() => '{ "type": "module" }');
  await writeFile(join(directory, "package.json"), own);
  const quietly = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  await run("npm", ["install", ...quietly, TARBALL], { cwd: directory });
  return directory;
}
