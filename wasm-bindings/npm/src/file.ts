// Boards in a directory: a file for each chunk, written whole or not at all.

import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { KanbanError } from "./errors.js";
import { entry, type Chunk, type Meta, type Store } from "./store.js";

const META = "meta.json";
const CHUNK = ".chunk";
const PART = ".part";

/** Keeps boards in a directory. One program at a time may use it. */
export function fileStore(directory: string): Store {
  const place = (url: string) => join(directory, encodeURIComponent(url));

  async function write(url: string, name: string, bytes: Uint8Array): Promise<void> {
    const path = join(place(url), name);
    const file = await open(path + PART, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(path + PART, path);
  }

  /** A new name is there for good only when its directory is. */
  async function sync(path: string): Promise<void> {
    if (process.platform === "win32") return;
    const file = await open(path, "r");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async function append(url: string, chunks: readonly Chunk[], meta?: Meta): Promise<void> {
    await mkdir(place(url), { recursive: true });
    for (const { key, bytes } of chunks) await write(url, key + CHUNK, bytes);
    if (meta) await write(url, META, Buffer.from(textOf(meta)));
    await sync(place(url));
    await sync(directory);
  }

  async function names(path: string): Promise<string[]> {
    return readdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
  }

  async function metaOf(url: string): Promise<Meta | undefined> {
    try {
      return metaIn(await readFile(join(place(url), META), "utf8"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  return inWords({
    async load(url) {
      const files = (await names(place(url))).filter((name) => name.endsWith(CHUNK));
      if (files.length === 0) return undefined;
      const chunks = await Promise.all(
        files.map(async (name) => ({
          key: name.slice(0, -CHUNK.length),
          bytes: new Uint8Array(await readFile(join(place(url), name))),
        })),
      );
      const meta = await metaOf(url);
      return { chunks, ...(meta && { meta }) };
    },
    append,
    async replace(url, by, keys) {
      // What a crash leaves is both, which is the same board.
      await append(url, [by]);
      await Promise.all(keys.map((key) => rm(join(place(url), key + CHUNK), { force: true })));
    },
    async list() {
      const urls = (await names(directory)).map(decodeURIComponent);
      return Promise.all(urls.map(async (url) => entry(url, await metaOf(url))));
    },
    remove: (url) => rm(place(url), { recursive: true, force: true }),
    async close() {},
  });
}

function textOf({ resume, ...meta }: Meta): string {
  return JSON.stringify({ ...meta, ...(resume && { resume: Buffer.from(resume).toString("base64") }) });
}

function metaIn(text: string): Meta {
  const { resume, ...meta } = JSON.parse(text) as Omit<Meta, "resume"> & { resume?: string };
  return { ...meta, ...(resume !== undefined && { resume: new Uint8Array(Buffer.from(resume, "base64")) }) };
}

/** Failures of the disk as errors of this package. */
function inWords(store: Store): Store {
  const worded = <Args extends unknown[], T>(method: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      try {
        return await method(...args);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        const words =
          code === "ENOSPC" ? "There is no more space on the disk for boards: free some." : `A board could not be kept: ${message}`;
        throw new KanbanError("storage", words, code === "ENOSPC" ? "full" : undefined, { cause: error });
      }
    };
  };
  return {
    load: worded(store.load),
    append: worded(store.append),
    replace: worded(store.replace),
    list: worded(store.list),
    remove: worded(store.remove),
    close: worded(store.close),
  };
}
