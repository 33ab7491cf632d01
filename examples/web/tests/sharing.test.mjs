import assert from "node:assert/strict";
import { test } from "node:test";
import { openRelay, PASSWORD, relayWithAccounts, Visitor, withBrowser } from "./support/app.mjs";

withBrowser();

async function linkOf(visitor, role) {
  await visitor.presses("Share this board");
  await visitor.page.getByLabel("The link lets people").selectOption(role);
  await visitor.presses("Make a link");
  return visitor.page.getByLabel("Link to this board").inputValue();
}

const pathOf = (link) => link.slice(new URL(link).origin.length + 1);

test("members are added, given other roles and removed, and hear of it at once", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  const ben = await Visitor.signsUp(t, relay, "ben");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await ana.presses("Share this board");
  await ana.fillsIn({ "Add somebody by name": "nobody-here" });
  await ana.presses("Add");
  await ana.sees("Nobody is called “nobody-here” here.");
  await ana.fillsIn({ "Add somebody by name": "ben" });
  await ana.presses("Add");
  await ana.sees(ana.page.locator('[data-member="ben"]'));

  await ben.page.goto(`${relay.pageUrl}board/${ana.boardId}`);
  await ben.syncSays("Saved");
  await ana.page.getByLabel("What ben may do").selectOption("reader");
  await ben.syncSays("Read only · Saved");
  await ana.presses("Remove ben");
  await ana.page.getByRole("button", { name: "Remove", exact: true }).click();
  await ana.seesNo(ana.page.locator('[data-member="ben"]'));
  await ben.syncSays("No longer shared with you");

  await ana.page.getByLabel("What ana may do").selectOption("editor");
  await ana.presses("Give up");
  await ana.sees("A board keeps at least one owner");
  assert.equal(await ana.page.getByLabel("What ana may do").inputValue(), "owner");
});

test("a link shows the board without an account, and lets in for good whoever signs in", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  const link = await linkOf(ana, "reader");

  const guest = await Visitor.comes(t, relay, { path: pathOf(link) });
  await guest.isOn("Release");
  await guest.sees("You are here by a link, and may read this board.");
  await guest.syncSays("Read only · Saved");
  await guest.presses("Sign in to keep it among your boards");
  await guest.fillsIn({ Name: "ben", Password: PASSWORD });
  await guest.presses("Create account");
  await guest.isOn("Release");
  await guest.goesHome();
  await guest.sees(guest.board("Release"));
  await guest.sees("Reader");
  guest.hadNoErrors();
});

test("a guest who may edit changes the board for everybody", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  const link = await linkOf(ana, "editor");
  await ana.page.keyboard.press("Escape");
  const guest = await Visitor.comes(t, relay, { path: pathOf(link) });
  await guest.isOn("Release");
  await guest.renames("By a guest");
  await guest.syncSays("Saved");
  await ana.isOn("By a guest");
});

test("a link that was taken back opens nothing, and says so", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  const link = await linkOf(ana, "reader");
  await ana.page.getByRole("button", { name: /^Take back/ }).click();
  await ana.sees("No link holds at the moment.");

  const guest = await Visitor.comes(t, relay, { path: pathOf(link) });
  await guest.sees("This link does not open the board");
  const ben = await Visitor.signsUp(t, relay, "ben");
  await ben.page.goto(link);
  await ben.sees("This link does not open the board");
});

test("in open mode the address is all there is to share", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await ana.presses("Share this board");
  const address = await ana.page.getByLabel("Address of this board").inputValue();
  const ben = await Visitor.isCalled(t, relay, "Ben", { path: pathOf(address) });
  await ben.isOn("Release");
});
