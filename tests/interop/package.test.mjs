// The npm package with other programs on one board, and where a page's own tests do not reach.

import * as Automerge from "@automerge/automerge";
import { Presence, Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import WebSocket from "ws";
import { idOf, KanbanClient } from "../../wasm-bindings/npm/dist/node.js";
import { startBrowser } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";
import { Relay } from "./support/relay.mjs";

const [card, todo, done] = ["docs", "todo", "done"].map(idOf);

/** A directory for a page's files. */
async function emptySite(t) {
  const site = await mkdtemp(join(tmpdir(), "kanban-site-"));
  t.after(() => rm(site, { recursive: true, force: true }));
  return site;
}

/** A client of automerge-repo. */
function repository(t, relay, peerId) {
  const adapter = new WebSocketClientAdapter(relay.socketUrl, 250);
  t.after(() => {
    // For good: a timer of it may still dial.
    adapter.connect = () => {};
    adapter.socket?.close();
  });
  const repo = new Repo({ ...(peerId && { peerId }) });
  repo.networkSubsystem.addNetworkAdapter(adapter);
  return repo;
}

test("people at the package and at automerge-repo's own presence see each other", async (t) => {
  const relay = await Relay.start(t);
  const client = new KanbanClient({ relay: relay.socketUrl, account: "ana", WebSocket });
  t.after(() => client.close());
  const board = await client.create("Release");
  await board.whenSaved();
  board.show({ name: "Ana", card });
  const handle = await repository(t, relay, "theirs").find(board.url);
  const presence = new Presence({ handle });
  t.after(() => presence.stop());
  presence.start({ initialState: { name: "Ben", pointer: { x: 0.25, y: 3 } } });
  const theirs = () => Object.values(presence.getPeerStates().value).map(({ value }) => value);
  await eventually(() => {
    assert.deepEqual(theirs(), [{ name: "Ana", card }]);
    assert.deepEqual(board.others, [{ peer: "theirs", presence: { name: "Ben", pointer: { x: 0.25, y: 3 } } }]);
  });
  presence.broadcast("pointer", undefined);
  board.show({ name: "Ana" });
  await eventually(() => {
    assert.deepEqual(theirs(), [{ name: "Ana", card: undefined }]);
    assert.deepEqual(board.others[0].presence, { name: "Ben" });
  });
  presence.stop();
  await eventually(() => assert.deepEqual(board.others, []));
});

test("the package, plain Automerge and the native client write one board", async (t) => {
  const relay = await Relay.start(t);
  const client = new KanbanClient({ relay: relay.socketUrl, account: "ana", WebSocket });
  t.after(() => client.close());
  const board = await client.create("Release");
  await board.apply({ type: "createColumn", column: todo, name: "To do", at: "last" });
  await board.apply({ type: "createColumn", column: done, name: "Done", at: "last" });
  const description = "設計🙂を書く";
  await board.apply({ type: "createCard", card, column: todo, at: "first", title: "Docs", description });
  await board.whenSaved();

  // A position in a text counts UTF-16 units for both: behind the face is 4.
  const handle = await repository(t, relay).find(board.url);
  handle.change((document) => Automerge.splice(document, ["cards", card, "desc"], 4, 0, "！"));
  await eventually(() => {
    const { description } = board.ask({ type: "card", card });
    assert.equal(description, "設計🙂！を書く");
  });
  await board.apply({ type: "editDescription", card, at: 2, remove: 2, insert: "" });
  await eventually(() => assert.equal(String(handle.doc().cards[card].desc), "設計！を書く"));

  const directory = await mkdtemp(join(tmpdir(), "kanban-native-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const program = join(dirname(relay.program), "examples/terminal_client");
  const native = async (...words) => {
    const options = ["--file", join(directory, "board"), "--relay", relay.socketUrl];
    return (await promisify(execFile)(program, [...options, ...words])).stdout;
  };
  await native("join", board.url);
  await native("move", "Docs", "Done");
  await native("add", "To do", "Ship 🚢");
  await eventually(() => {
    const shown = board.view.columns.map((column) => column.cards.map((it) => it.title));
    assert.deepEqual(shown, [["Ship 🚢"], ["Docs"]]);
  });
  assert.match(await native("list"), /Ship 🚢/);
  await board.whenSaved();
  await eventually(() => {
    assert.deepEqual(Automerge.getHeads(handle.doc()).toSorted(), board.ask({ type: "heads" }).toSorted());
  });
});

test("a worker has boards as a page has, and finds what a page has kept", async (t) => {
  const site = await emptySite(t);
  await cp(new URL("../../wasm-bindings/npm/dist", import.meta.url), join(site, "kanban-crdt"), { recursive: true });
  await writeFile(join(site, "index.html"), "<!doctype html><title>A page</title>");
  const relay = await Relay.start(t, { webDir: site });
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(relay.pageUrl);
  const names = await page.evaluate(async () => {
    const { KanbanClient } = await import("./kanban-crdt/browser.js");
    const url = new URL("./kanban-crdt/browser.js", location.href).href;
    const relay = new URL("sync", location.href.split("#")[0]).href;
    const here = new KanbanClient({ relay, account: "ana" });
    const board = await here.create("Release");
    const script = `
      import { KanbanClient } from "${url}";
      const client = new KanbanClient({ relay: "${relay}", account: "ana" });
      const board = await client.open("${board.url}");
      const before = board.view.name;
      await board.apply({ type: "renameBoard", name: "Launch" });
      await board.whenSaved();
      postMessage(before);`;
    const source = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const worker = new Worker(source, { type: "module" });
    const before = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
    // The worker told this tab what it had stored.
    while (board.view.name !== "Launch") await new Promise((resolve) => board.subscribe(resolve));
    const other = await new KanbanClient({ relay, account: "ben" }).list();
    return [before, board.view.name, other.length];
  });
  assert.deepEqual(names, ["Release", "Launch", 0]);
});

test("an application that a bundler has made keeps its boards in the browser", async (t) => {
  const site = await emptySite(t);
  await build({
    stdin: {
      contents: `
        import { KanbanClient } from "kanban-crdt";
        const client = new KanbanClient();
        const [known] = await client.list();
        const board = known ? await client.open(known.url) : await client.create("Release");
        document.title = (known ? "kept " : "new ") + board.view.name;`,
      resolveDir: fileURLToPath(new URL("../../wasm-bindings/npm", import.meta.url)),
    },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    outdir: site,
  });
  await writeFile(join(site, "index.html"), '<!doctype html><script type="module" src="stdin.js"></script>');
  const relay = await Relay.start(t, { webDir: site });
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  for (const title of ["new Release", "kept Release"]) {
    await page.goto(relay.pageUrl);
    await eventually(async () => assert.equal(await page.title(), title));
  }
});
