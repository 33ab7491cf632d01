// Takes pictures of every screen, light and dark, wide and on a phone, in both languages, into docs/screens:
//
//     npm run screenshots
//
// The README of the repository shows board.png and phone.png: board-wide-light-en and board-phone-light-ja.

import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { idOf, KanbanClient } from "kanban-crdt";
import { Relay } from "../../../tests/interop/support/relay.mjs";
import { sampleBoard } from "./sample_board.mjs";

const WebSocket = createRequire(new URL("../../../tests/interop/package.json", import.meta.url))("ws");
const DIST = process.env.KANBAN_WEB ?? fileURLToPath(new URL("../dist", import.meta.url));
const SCREENS = process.env.KANBAN_PICTURES ?? fileURLToPath(new URL("../../../docs/screens", import.meta.url));
const WIDE = { viewport: { width: 1280, height: 760 } };
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
/** Fonts and movements come to rest. */
const REST_MS = 600;

const ends = [];
const t = { after: (end) => ends.unshift(end) };
await mkdir(SCREENS, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
t.after(() => browser.close());

try {
  await signIn();
  const { relay, address } = await team();
  for (const [theme, kind, device, language = "en"] of [
    ["light", "wide", WIDE],
    ["dark", "wide", WIDE],
    ["light", "phone", PHONE],
    ["dark", "phone", PHONE],
    ["light", "wide", WIDE, "ja"],
    ["light", "phone", PHONE, "ja"],
  ]) {
    const page = await windowOfAna({ theme, device, language });
    const take = (screen) => picture(page, `${screen}-${kind}-${theme}-${language}`);
    await page.goto(`http://${relay.address}${address}`);
    await page.locator("[data-card]").first().waitFor();
    await take("board");
    await page.goto(`http://${relay.address}/`);
    await page.getByText("Release 2.0").first().waitFor();
    await take("home");
    await page.goto(`http://${relay.address}${address}/card/write-the-upgrade-guide`);
    await page.locator("dialog[open]").waitFor();
    await take("card");
    await page.goto(`http://${relay.address}/nowhere`);
    await take("not-found");
    await page.context().close();
  }
} finally {
  for (const end of ends) await end();
}

async function signIn() {
  const relay = await Relay.start(t, { webDir: DIST, options: ["--auth", "accounts", "--sign-up", "everybody"] });
  const page = await browser.newPage(WIDE);
  await page.goto(`http://${relay.address}/`);
  await page.getByRole("button", { name: "Create account" }).waitFor();
  await picture(page, "sign-in-wide-light-en");
  await page.close();
}

/** A relay with the board of a team of whom two moved one card at the same time. */
async function team() {
  const relay = await Relay.start(t, { webDir: DIST });
  const client = (account) => {
    const client = new KanbanClient({ relay: relay.socketUrl, account, WebSocket });
    t.after(() => client.close());
    return client;
  };
  const made = await client("Ben").create({ type: "draft", draft: sampleBoard(Date.now()) });
  await made.whenSaved();
  const chie = client("Chie");
  const hers = await chie.open(made.url);
  await hers.whenReady();
  await relay.kill();
  const [moved, ideas] = [idOf("print-styles"), idOf("ideas")];
  await made.apply({ type: "moveCard", card: moved, column: idOf("doing"), to: "first" });
  await hers.apply({ type: "moveCard", card: moved, column: ideas, to: "first" });
  await hers.apply({ type: "renameCard", card: idOf("calendar-feed-of-due-dates"), title: "Calendar feed (iCal) of due dates" });
  await relay.restart();
  for (const board of [made, hers]) board.reconnect();
  await Promise.all([made.whenSaved(), hers.whenSaved()]);
  return { relay, address: `/board/${made.url.replace("automerge:", "")}` };
}

/** A browser of Ana's, who has opened the board before. */
async function windowOfAna({ theme, device, language }) {
  const context = await browser.newContext({ locale: language === "ja" ? "ja-JP" : "en-GB", reducedMotion: "reduce", ...device });
  await context.addInitScript(
    ([theme, language]) => {
      localStorage.setItem("kanban.session", JSON.stringify({ name: "Ana", mode: "open" }));
      localStorage.setItem("kanban.theme", theme);
      localStorage.setItem("kanban.language", language);
    },
    [theme, language],
  );
  return context.newPage();
}

async function picture(page, name) {
  await page.waitForTimeout(REST_MS);
  await page.screenshot({ path: join(SCREENS, `${name}.png`) });
}
