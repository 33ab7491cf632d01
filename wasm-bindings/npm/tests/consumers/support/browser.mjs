// One Chromium for all tests of a file, and what applications in it have shown.

import assert from "node:assert/strict";
import { after } from "node:test";
import WebSocket from "ws";
import { KanbanClient } from "../../../dist/node.js";
import { eventually } from "../../../../../tests/interop/support/eventually.mjs";
import { startBrowser } from "../../../../../tests/interop/support/browser.mjs";

let starting;
after(async () => (await starting)?.close());

/** A new page of a browser that keeps nothing, with what it loads and what fails in it. */
export async function visit(t, address) {
  const browser = await (starting ??= startBrowser());
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const visited = { page, loaded: [], errors: [] };
  page.on("request", (request) => visited.loaded.push(new URL(request.url()).pathname));
  page.on("pageerror", (error) => visited.errors.push(String(error)));
  await page.goto(address);
  return visited;
}

/** Waits until the application says that its board is saved at the relay, and looks at it there. */
export async function makesABoard(t, address, relay, cards = ["Write docs"]) {
  const visited = await visit(t, `${address}?relay=${encodeURIComponent(relay.socketUrl)}`);
  const { page, errors } = visited;
  const text = `To do: ${cards.join(", ")}`;
  await eventually(async () => {
    const { failed, saved } = await page.evaluate(() => ({ ...document.body.dataset }));
    assert.equal(failed, undefined);
    assert.deepEqual(errors, []);
    assert.ok(saved, "the application has not said that the board is saved");
    assert.equal(await page.locator("main").textContent(), text);
  });
  const url = await page.evaluate(() => document.body.dataset.saved);
  const client = new KanbanClient({ relay: relay.socketUrl, WebSocket });
  t.after(() => client.close());
  const view = await (await client.open(url)).whenReady({ signal: AbortSignal.timeout(10_000) });
  assert.deepEqual(view.columns.map((column) => column.cards.map((card) => card.title)), [cards]);
  return visited;
}

/** Whether the program came as the file that it is, or as the copy in the code. */
export function programOf({ loaded }) {
  if (loaded.some((path) => /inline[^/]*\.js$/.test(path))) return "copy";
  return loaded.some((path) => path.endsWith(".wasm")) ? "file" : "nothing";
}
