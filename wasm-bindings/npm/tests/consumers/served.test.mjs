// A page whose boards a worker has, in Chromium.

import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import * as vite from "vite";
import { eventually } from "../../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../../tests/interop/support/relay.mjs";
import { app } from "./support/app.mjs";
import { makesABoard, visit } from "./support/browser.mjs";

const CARDS = "To do: Write docs";

/** The application as Vite builds it, with a relay that serves it. */
async function built(t) {
  const root = await app(t, "served");
  await vite.build({ root, logLevel: "error" });
  const assets = join(root, "dist/assets");
  const file = async (pattern) => join(assets, (await readdir(assets)).find((name) => pattern.test(name)));
  return { relay: await Relay.start(t, { webDir: join(root, "dist") }), file };
}

const saved = (page) => page.evaluate(() => document.body.dataset.saved);
const text = (page) => page.locator("main").textContent();

/** Another page of the same browser, whose worker gets no program until `release` is called. */
async function waitingPage(page, address) {
  const next = await page.context().newPage();
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.context().route(/\.wasm$/, async (route) => {
    await held;
    await route.continue();
  });
  await next.goto(address);
  return { next, release };
}

test("a page whose boards a worker has loads neither the program nor what calls it", async (t) => {
  const { file } = await built(t);
  const page = await readFile(await file(/^index-.*\.js$/), "utf8");
  assert.ok(page.length < 40_000, `${page.length} bytes`);
  assert.ok(!/kanban_bg|WebAssembly/.test(page));
});

test("a board that was open before is shown while its worker loads the program, and what is done then is kept", async (t) => {
  const { relay } = await built(t);
  const { page } = await makesABoard(t, relay.pageUrl, relay);
  const url = await saved(page);
  await page.evaluate(() => globalThis.app.client.close());
  const { next, release } = await waitingPage(page, `${relay.pageUrl}?open=${url}&relay=${relay.socketUrl}`);
  await eventually(async () => assert.equal(await text(next), CARDS));
  const looks = () => next.evaluate(() => ({ ...globalThis.app.board.status }));
  assert.deepEqual([(await looks()).isLoading, (await looks()).isReady], [true, false]);
  await next.evaluate(() => {
    globalThis.app.renamed = globalThis.app.board.apply({ type: "renameBoard", name: "Renamed" });
  });
  assert.equal((await looks()).changes, 1);
  release();
  await next.evaluate(() => globalThis.app.renamed.then(() => globalThis.app.board.whenSaved()));
  assert.equal(await next.evaluate(() => globalThis.app.board.view.name), "Renamed");
  await eventually(async () => assert.equal((await looks()).state, "saved"));
});

test("how a board looked is kept when the page is hidden, by account, and goes with the board", async (t) => {
  const { relay } = await built(t);
  const { page } = await makesABoard(t, relay.pageUrl, relay);
  const url = await saved(page);
  const kept = (database) =>
    page.evaluate(async (name) => {
      if (!(await indexedDB.databases()).some((it) => it.name === name)) return undefined;
      const opening = indexedDB.open(name);
      await new Promise((resolve) => (opening.onsuccess = resolve));
      const asking = opening.result.transaction("views").objectStore("views").getAllKeys();
      await new Promise((resolve) => (asking.onsuccess = resolve));
      opening.result.close();
      return asking.result;
    }, database);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
  await eventually(async () => assert.deepEqual(await kept("kanban-crdt views"), [url]));
  const { next, release } = await waitingPage(page, `${relay.pageUrl}?open=${url}&account=ben&relay=${relay.socketUrl}`);
  await eventually(() => next.evaluate(() => globalThis.app.client !== undefined));
  assert.equal(await text(next), "", "nothing of another account");
  release();
  await eventually(async () => assert.equal(await text(next), CARDS));
  await page.evaluate((url) => globalThis.app.client.remove(url, { evenUnsaved: true }), url);
  assert.deepEqual(await kept("kanban-crdt views"), []);
});

test("a worker that is ended is told of at once, and one that cannot be loaded too", async (t) => {
  const { relay, file } = await built(t);
  const { page } = await makesABoard(t, relay.pageUrl, relay);
  const why = page.evaluate(async () => {
    globalThis.app.worker.terminate();
    return globalThis.app.board.ask({ type: "heads" }).catch(({ code, message }) => [code, message]);
  });
  const [code, message] = await why;
  assert.equal(code, "worker");
  assert.match(message, /has ended/);
  assert.deepEqual(await page.evaluate(() => globalThis.app.errors), ["worker"]);

  const script = await file(/^boards\.worker-.*\.js$/);
  await writeFile(script, "throw new Error('broken');");
  const { page: broken } = await visit(t, relay.pageUrl);
  await eventually(async () => assert.match(await broken.evaluate(() => document.body.dataset.failed ?? ""), /broken/));
  await rm(script);
  const { page: absent } = await visit(t, relay.pageUrl);
  await eventually(async () => assert.match(await absent.evaluate(() => document.body.dataset.failed ?? ""), /could not be loaded/));
});
