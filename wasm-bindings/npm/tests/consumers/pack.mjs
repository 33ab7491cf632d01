// Packs the package as it would be published, for all tests beside this.

import { PACKED, TARBALL } from "./support/app.mjs";
import { execFile } from "node:child_process";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const cwd = fileURLToPath(new URL("../..", import.meta.url));
await rm(PACKED, { recursive: true, force: true });
await mkdir(PACKED, { recursive: true });
const { stdout } = await promisify(execFile)("npm", ["pack", "--json", "--pack-destination", PACKED], { cwd });
const [packed] = JSON.parse(stdout);
await rename(join(PACKED, packed.filename), TARBALL);
await writeFile(join(PACKED, "contents.json"), JSON.stringify(packed));
