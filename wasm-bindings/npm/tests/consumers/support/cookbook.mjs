// The recipes of docs/cookbook.md as an application has them: beside each other, with the package installed.

import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import esbuild from "esbuild";
import WebSocket from "ws";
import { app } from "./app.mjs";
import { examplesIn } from "./examples.mjs";

// Node.js has sockets of its own from 22 on.
globalThis.WebSocket ??= WebSocket;

const MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));
const NAME = /^(?:\/\/|<!--) ([\w.]+)/;
/** Recipes for programs without the package, which are tried with those in `tests/interop`. */
const PLAIN = ".mjs";

/** Where the recipes are, what they are, and the package as they see it: once a test runs. */
export const cookbook = {};
export const recipe = (name) => import(pathToFileURL(join(cookbook.root, `${name}.js`)));

export function withCookbook() {
  const ends = [];
  before(async () => {
    const root = await app({ after: (end) => ends.push(end) }, "cookbook");
    for (const name of ["vue", "@vue", "react", "react-dom", "@types", "csstype", "undici-types", "ws"]) {
      await symlink(join(MODULES, name), join(root, "node_modules", name));
    }
    const all = (await examplesIn("../../../../docs/cookbook.md")).map(({ code }) => ({ name: NAME.exec(code)[1], code }));
    const recipes = all.filter(({ name }) => !name.endsWith(PLAIN));
    for (const { name, code } of recipes) await writeFile(join(root, name), code);
    const entryPoints = recipes.filter(({ name }) => /^[a-z_]+\.ts$/.test(name)).map(({ name }) => join(root, name));
    await esbuild.build({ entryPoints, outdir: root, format: "esm" });
    const kanban = await import(pathToFileURL(join(root, "node_modules/kanban-crdt/dist/node.js")));
    Object.assign(cookbook, { root, recipes, kanban });
  });
  after(() => Promise.all(ends.map((end) => end())));
}

/** Somebody at a relay, or without one. */
export function clientOf(t, account, relay) {
  const client = new cookbook.kanban.KanbanClient({ account, ...(relay && { relay: relay.socketUrl, WebSocket }) });
  t.after(() => client.close());
  return client;
}

/** A board of one's own with three columns, and a card in the first. */
export async function boardOf(client) {
  const { openOrCreate } = await recipe("open");
  const { addCard } = await recipe("undo");
  const board = await openOrCreate(client);
  const column = board.view.columns[0].id;
  return { board, column, card: await addCard(board, column, "Docs") };
}

/** The same board for somebody else. */
export async function opens(t, account, relay, board) {
  const opened = await clientOf(t, account, relay).open(board.url);
  await opened.whenReady();
  return opened;
}

export const titles = (view) => view.columns.map(({ cards }) => cards.map(({ title }) => title));
