// Hocuspocus: PORT, and a directory if it is to keep documents.
import { Server } from "@hocuspocus/server";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as Y from "yjs";

const [port, directory] = process.argv.slice(2);
const file = (name) => join(directory, encodeURIComponent(name));
const keeping = directory && {
  async onLoadDocument({ documentName, document }) {
    const stored = await readFile(file(documentName)).catch((error) => {
      if (error.code !== "ENOENT") throw error;
    });
    if (stored) Y.applyUpdate(document, stored);
    return document;
  },
  async onStoreDocument({ documentName, document }) {
    await writeFile(file(documentName), Y.encodeStateAsUpdate(document));
  },
};
if (directory) await mkdir(directory, { recursive: true });
const server = new Server({ port: Number(port), address: "127.0.0.1", quiet: true, ...keeping });
await server.listen();
console.log("listening");
