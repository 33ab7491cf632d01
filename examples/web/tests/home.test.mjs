import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, openRelay, relayWithAccounts, Visitor, withBrowser } from "./support/app.mjs";

withBrowser();

test("boards are added, renamed and deleted, with a question first", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.sees("No boards yet");
  await ana.adds("Release");
  for (const column of ["To do", "Doing", "Done"]) await ana.sees(column);
  await ana.goesHome();

  await ana.chooses("Menu of the board Release", "Name and colour…");
  await ana.fillsIn({ Name: "Release 2" });
  await ana.page.getByLabel("Violet").check();
  await ana.presses("Save");
  await ana.sees(ana.board("Release 2"));
  await ana.sees(ana.page.locator('[data-colour="violet"]'));

  await ana.chooses("Menu of the board Release 2", "Delete…");
  await ana.presses("Cancel");
  await ana.sees(ana.board("Release 2"));
  await ana.chooses("Menu of the board Release 2", "Delete…");
  await ana.presses("Delete");
  await ana.sees("No boards yet");
  await ana.page.reload();
  await ana.sees("No boards yet");
  ana.hadNoErrors();
});

test("other devices of a person list their boards by the names they have now", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Release", { isEmpty: true });
  await ana.syncSays("Saved");
  await ana.renames("Launch");
  await ana.syncSays("Saved");

  const phone = await Visitor.comes(t, relay);
  await phone.presses("You have an account? Sign in");
  await phone.fillsIn({ Name: "ana", Password: "long enough for it" });
  await phone.presses("Sign in");
  await phone.sees(phone.board("Launch"));
  await phone.sees("Not on this device yet");
  await phone.board("Launch").click();
  await phone.isOn("Launch");
  await phone.syncSays("Saved");
});

test("deleting one board leaves another that is open alone", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Stays");
  await ana.syncSays("Saved");
  const stays = ana.page;
  ana.page = await ana.opensTab();
  await ana.adds("Goes");
  await ana.syncSays("Saved");
  const goes = ana.page;
  ana.page = await ana.opensTab();
  await ana.chooses("Menu of the board Goes", "Delete…");
  await ana.presses("Delete");
  await ana.seesNo(ana.board("Goes"));

  ana.page = stays;
  await ana.renames("Still here");
  await ana.syncSays("Saved");
  // Whoever has the deleted one open still sees it, and is told.
  ana.page = goes;
  await ana.isOn("Goes");
  await ana.syncSays("No longer shared with you");
  ana.hadNoErrors();
});

test("a board that somebody shared is left rather than deleted", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  const ben = await Visitor.signsUp(t, relay, "ben");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await ana.sharesWith("ben");

  await ben.page.reload();
  await ben.sees(ben.board("Release"));
  await ben.sees("2 people");
  await ben.chooses("Menu of the board Release", "Leave…");
  await ben.presses("Leave board");
  await ben.sees("No boards yet");
  await ana.page.reload();
  await ana.isOn("Release");
  await ana.syncSays("Saved");
});

test("deleting for everybody is refused without the relay, in words, and the board stays", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await ana.goesHome();
  await ana.sees(ana.board("Release"));
  await relay.kill();
  await ana.chooses("Menu of the board Release", "Delete…");
  await ana.presses("Delete");
  await ana.sees("Deleting a board for everybody needs a connection to the relay.");
  await ana.sees(ana.board("Release"));
});

test("in open mode a board is removed from this device only, and its address opens it again", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  const path = new URL(ana.page.url()).pathname.slice(1);
  await ana.chooses("Board menu", "Remove from this device…");
  await ana.sees("The relay keeps the board");
  await ana.presses("Remove");
  await ana.sees("No boards yet");
  await ana.page.goto(relay.pageUrl + path);
  await ana.isOn("Release");
});

test("with many boards one is found by typing", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana");
  for (let number = 1; number <= 9; number += 1) {
    await ana.adds(`Board ${number}`, { isEmpty: true });
    await ana.goesHome();
  }
  await ana.page.keyboard.press("/");
  await ana.page.keyboard.type("BOARD 7");
  await eventually(async () => assert.equal(await ana.page.locator("[data-board]").count(), 1));
  await ana.page.keyboard.type("77");
  await ana.sees("No board is called “BOARD 777”.");
  ana.hadNoErrors();
});
