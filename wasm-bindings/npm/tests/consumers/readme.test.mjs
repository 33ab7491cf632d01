// The examples of the README run, and of a board only the card is drawn again that has changed.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import * as vite from "vite";
import { eventually } from "../../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../../tests/interop/support/relay.mjs";
import { app } from "./support/app.mjs";
import { visit } from "./support/browser.mjs";
import { built, examplesIn } from "./support/examples.mjs";

const README = await examplesIn("../../README.md");
const FRAMEWORKS = ["react", "vue", "svelte"];

/** The one example that names this, in this language. */
function example(language, text) {
  const all = README.filter((one) => one.language === language && one.code.includes(text));
  assert.equal(all.length, 1, `examples in ${language} with ${text}`);
  return all[0].code;
}

test("the first example makes a board, and a relay has it", async (t) => {
  const root = await app(t, "readme");
  const relay = await Relay.start(t);
  const code = example("ts", "new KanbanClient").replace("wss://boards.example/sync", relay.socketUrl);
  await writeFile(join(root, "main.ts"), code);
  await built(root, "main.ts");
  const said = [];
  const { page } = await visit(t, "about:blank");
  page.on("console", (message) => said.push(message.text()));
  const site = await Relay.start(t, { webDir: join(root, "dist") });
  await page.goto(site.pageUrl);
  await eventually(() => assert.match(said.at(-1) ?? "", /others open it with client.open\("automerge:\w+"\)/));
  assert.ok(said.includes("[To do]"), said.join("; "));
});

test("the example with a worker makes a board there, and a relay has it", async (t) => {
  const root = await app(t, "readme");
  const relay = await Relay.start(t);
  await writeFile(join(root, "boards.worker.ts"), example("ts", "serveBoards();"));
  const code = example("ts", "new WorkerClient").replace("wss://boards.example/sync", relay.socketUrl);
  await writeFile(join(root, "main.ts"), `${code}\nconsole.log("closed");`);
  await writeFile(join(root, "index.html"), '<!doctype html><script type="module" src="main.ts"></script>');
  await vite.build({ root, logLevel: "error" });
  const said = [];
  const { page, errors } = await visit(t, "about:blank");
  page.on("console", (message) => said.push(message.text()));
  const site = await Relay.start(t, { webDir: join(root, "dist") });
  await page.goto(site.pageUrl);
  await eventually(() => assert.ok(said.includes("closed"), said.join("; ")));
  assert.ok(said.some((it) => it.startsWith("[To do] [")), said.join("; "));
  assert.ok(said.includes("saved"), said.join("; "));
  assert.deepEqual(errors, []);
});

test("each framework shows a board, and draws the card again that has changed and no other", async (t) => {
  const root = await app(t, "readme");
  await writeFile(join(root, "example_react.tsx"), example("tsx", "kanban-crdt/react"));
  await writeFile(join(root, "example_vue.ts"), example("ts", "kanban-crdt/vue"));
  await writeFile(join(root, "Example.svelte"), example("svelte", "kanban-crdt/svelte"));
  await built(root, "main.js");
  const relay = await Relay.start(t, { webDir: join(root, "dist") });
  const { page, errors } = await visit(t, relay.pageUrl);
  const shows = (wanted) =>
    eventually(async () => {
      const text = async (id) => (await page.locator(`#${id}`).textContent()).replace(/\s/g, "");
      assert.deepEqual(errors, []);
      assert.equal(await page.evaluate(() => document.body.dataset.failed), undefined);
      assert.deepEqual(await Promise.all(FRAMEWORKS.map(text)), FRAMEWORKS.map(() => wanted.board));
      assert.deepEqual(await Promise.all(FRAMEWORKS.map((id) => text(`${id}-cards`))), FRAMEWORKS.map(() => wanted.cards));
    });
  const drawn = () => page.evaluate(() => globalThis.example.drawn);
  const each = (counts) => Object.fromEntries(FRAMEWORKS.map((name) => [name, counts]));

  await shows({ board: "localTodo", cards: "DocsShip" });
  assert.deepEqual(await drawn(), each({ docs: 1, ship: 1 }));
  await page.evaluate(() => globalThis.example.renameCard("Write docs"));
  await shows({ board: "localTodo", cards: "WritedocsShip" });
  assert.deepEqual(await drawn(), each({ docs: 2, ship: 1 }));
  await page.evaluate(() => globalThis.example.renameColumn("Later"));
  await shows({ board: "localLater", cards: "WritedocsShip" });
  assert.deepEqual(await drawn(), each({ docs: 2, ship: 1 }), "another column's name is none of theirs");
});
