// Bundlers of the years before.

import { join } from "node:path";
import { test } from "node:test";
import * as vite from "vite-7";
import { Relay } from "../../../../../tests/interop/support/relay.mjs";
import { app } from "../support/app.mjs";
import { makesABoard } from "../support/browser.mjs";
import { viteServes } from "../support/vite.mjs";

for (const name of ["page", "worker"]) {
  // It serves a page where the program should be: what is loaded then is the copy.
  test(`Vite 7 serves a ${name} with a board while it is developed`, async (t) => {
    const relay = await Relay.start(t);
    await makesABoard(t, await viteServes(t, vite, await app(t, name)), relay);
  });
}

test("Vite 7 builds a page with a board", async (t) => {
  const root = await app(t, "page");
  await vite.build({ root, logLevel: "error" });
  const relay = await Relay.start(t, { webDir: join(root, "dist") });
  await makesABoard(t, relay.pageUrl, relay);
});
