import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Relay } from "../../../tests/interop/support/relay.mjs";
import { BUILT, Visitor, withBrowser } from "./support/app.mjs";

withBrowser();

test("a newer version is offered and not forced", async (t) => {
  const webDir = await mkdtemp(join(tmpdir(), "kanban-web-"));
  t.after(() => rm(webDir, { recursive: true, force: true }));
  await cp(BUILT, webDir, { recursive: true });
  const relay = await Relay.start(t, { webDir, options: ["--metrics", "off"] });
  const ana = await Visitor.isCalled(t, relay, "Ana");
  await ana.page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  const page = join(webDir, "index.html");
  await writeFile(page, (await readFile(page, "utf8")).replace("<head>", '<head><meta name="edition" content="2">'));
  const worker = join(webDir, "service-worker.js");
  await writeFile(worker, (await readFile(worker, "utf8")).replace(/VERSION = "\w/, 'VERSION = "x'));
  await ana.page.reload();
  await ana.sees("A new version is ready.");
  const edition = ana.page.locator('meta[name="edition"]');
  assert.equal(await edition.count(), 0);
  await ana.presses("Reload");
  await edition.waitFor({ state: "attached" });
  await ana.sees("Welcome, Ana");
  await ana.seesNo("A new version is ready.");
  ana.hadNoErrors();
});
