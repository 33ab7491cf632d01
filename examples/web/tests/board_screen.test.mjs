import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, openRelay, relayWithAccounts, Visitor, withBrowser } from "./support/app.mjs";

withBrowser();

const NOBODYS = "3GYY6iMKkU8mnWjhdwpkMJjygsGM";

test("pages that are none say so and lead home", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana");
  await ana.isAtHome();
  await ana.page.goto(`${relay.pageUrl}no/such/page`);
  await ana.sees("There is no such page");
  await ana.presses("Back to your boards");
  await ana.isAtHome();
  await ana.page.goto(`${relay.pageUrl}board/nonsense`);
  await ana.sees("This is no address of a board");
  ana.hadNoErrors();
});

test("a board that is not shown to somebody opens by itself once it is shared", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  const ben = await Visitor.signsUp(t, relay, "ben");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await ben.page.goto(`${relay.pageUrl}board/${ana.boardId}`);
  await ben.sees("This board is not here, or not shown to you");
  await ana.sharesWith("ben");
  await ben.presses("Try again");
  await ben.isOn("Release");
});

test("an old link with the address behind # opens the board", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana");
  await ana.adds("Release");
  const { boardId } = ana;
  await ana.page.goto(`${relay.pageUrl}#automerge:${boardId}`);
  await ana.isOn("Release");
  assert.equal(new URL(ana.page.url()).pathname, `/board/${boardId}`);
});

test("a name is edited in place: Escape cancels, and others' renames do not end it", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  const ben = await Visitor.isCalled(t, relay, "Ben");
  await ben.page.goto(ana.page.url());
  await ben.isOn("Release");

  const name = ana.page.getByRole("heading", { level: 1 }).getByRole("button");
  await name.focus();
  await ana.page.keyboard.press("F2");
  await ana.page.keyboard.type("Nothing");
  await ana.page.keyboard.press("Escape");
  await ana.isOn("Release");

  await name.focus();
  await ana.page.keyboard.press("Enter");
  await ana.fillsIn({ "Name of the board": "Of Ana" });
  await ben.renames("Of Ben");
  await ben.syncSays("Saved");
  await eventually(async () => assert.match(await ana.page.title(), /^Of Ben/));
  assert.equal(await ana.page.getByLabel("Name of the board").inputValue(), "Of Ana");
  await ana.page.keyboard.press("Enter");
  await ben.isOn("Of Ana");
  ana.hadNoErrors();
});

test("the state of the sync is always said in words", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await relay.kill();
  await ana.renames("Offline");
  await ana.syncSays("Offline: 1 change waiting");
  await ana.page.locator("[data-sync]").click();
  await ana.sees("You can go on working.");
  await relay.restart();
  await ana.presses("Reconnect now");
  await ana.syncSays("Saved");
});

test("a board that this device does not have says so offline, and opens when the relay is back", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  const ben = await Visitor.isCalled(t, relay, "Ben");
  await ben.isAtHome();
  await ben.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await relay.kill();
  await ben.page.goto(ana.page.url());
  await ben.sees("this device does not have the board yet");
  await relay.restart();
  await ben.presses("Try again");
  await ben.isOn("Release");
});

test("the app and its boards open offline, after a reload too, and merge afterwards", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await ana.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await relay.kill();
  await ana.context.setOffline(true);
  await ana.page.reload();
  await ana.isOn("Release");
  await ana.renames("Written offline");
  await ana.goesHome();
  await ana.sees("Offline: these are the boards on this device.");
  await ana.sees("1 change waiting");
  await ana.page.reload();
  await ana.sees(ana.board("Written offline"));

  await relay.restart();
  await ana.context.setOffline(false);
  await ana.seesNo("1 change waiting");
  await ana.board("Written offline").click();
  await ana.syncSays("Saved");
  ana.hadNoErrors();
});

test("a board that the relay does not have says so", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana");
  await ana.page.goto(`${relay.pageUrl}board/${NOBODYS}`);
  await ana.sees("This board is not here, or not shown to you");
});

test("a reader is told so, and can change nothing", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  const ben = await Visitor.signsUp(t, relay, "ben");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await ana.presses("Share this board");
  await ana.fillsIn({ "Add somebody by name": "ben" });
  await ana.page.getByLabel("What they may do").selectOption("reader");
  await ana.presses("Add");
  await ana.sees(ana.page.locator('[data-member="ben"]'));
  await ben.page.goto(`${relay.pageUrl}board/${ana.boardId}`);
  await ben.syncSays("Read only · Saved");
  assert.equal(await ben.page.getByRole("heading", { level: 1 }).getByRole("button").count(), 0);
});

test("language and appearance are set, and stay", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana");
  await ana.presses("Settings");
  await ana.page.getByRole("menuitemradio", { name: "Dark" }).click();
  await ana.presses("Settings");
  await ana.page.getByRole("menuitemradio", { name: "日本語" }).click();
  await ana.sees("ボード一覧");
  await ana.page.reload();
  await ana.sees("ボード一覧");
  const root = ana.page.locator("html");
  assert.equal(await root.getAttribute("lang"), "ja");
  assert.equal(await root.getAttribute("data-theme"), "dark");
});
