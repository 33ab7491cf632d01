// Puts a Brotli copy beside every file of `dist` that gets smaller by it: the relay sends that instead.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const COMPRESSIBLE = /\.(css|html|js|json|svg|wasm|webmanifest)$/;
/** Smaller files fit one packet as they are. */
const BYTES_MIN = 1024;

const files = await readdir(DIST, { recursive: true });
await Promise.all(files.filter((file) => COMPRESSIBLE.test(file)).map(compress));

async function compress(file) {
  const path = join(DIST, file);
  const bytes = await readFile(path);
  if (bytes.length < BYTES_MIN) return;
  const smaller = await promisify(brotliCompress)(bytes);
  if (smaller.length < bytes.length) await writeFile(`${path}.br`, smaller);
}
