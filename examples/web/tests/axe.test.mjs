import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, relayWithAccounts, Visitor, withBrowser } from "./support/app.mjs";
import { violations } from "./support/look.mjs";

withBrowser();

for (const colorScheme of ["light", "dark"]) {
  for (const [kind, device] of [["wide", {}], ["on a phone", PHONE]]) {
    test(`no screen of the app has a violation, ${colorScheme}, ${kind}`, async (t) => {
      const relay = await relayWithAccounts(t);
      const ana = await Visitor.comes(t, relay, { device: { ...device, colorScheme } });
      const found = {};
      const look = async (screen) => (found[screen] = await violations(ana.page));
      await ana.sees("Create your account");
      await ana.presses("Create account");
      await ana.sees("A password has at least 10 characters.");
      await look("sign up");
      await ana.fillsIn({ Name: "ana", Password: "long enough for it" });
      await ana.presses("Create account");
      await ana.sees("No boards yet");
      await look("empty home");
      await ana.page.getByRole("button", { name: "Add board" }).first().click();
      await look("new board");
      await ana.page.keyboard.press("Escape");
      await ana.adds("Release");
      await ana.syncSays("Saved");
      await look("board");
      await ana.presses("Settings");
      await look("settings");
      await ana.page.keyboard.press("Escape");
      await ana.page.locator("[data-sync]").click();
      await look("sync");
      await ana.page.keyboard.press("Escape");
      await ana.presses("Share this board");
      await ana.presses("Make a link");
      await ana.sees(ana.page.getByLabel("Link to this board"));
      await look("share");
      await ana.page.keyboard.press("Escape");
      await ana.goesHome();
      await ana.sees(ana.board("Release"));
      await look("home");
      await ana.chooses("Menu of the board Release", "Delete…");
      await look("question");
      await ana.page.keyboard.press("Escape");
      await ana.page.goto(`${relay.pageUrl}no/such/page`);
      await ana.sees("There is no such page");
      await look("not found");
      await ana.page.goto(`${relay.pageUrl}board/3GYY6iMKkU8mnWjhdwpkMJjygsGM`);
      await ana.sees("This board is not here");
      await look("missing");
      const none = Object.fromEntries(Object.keys(found).map((screen) => [screen, []]));
      assert.deepEqual(found, none);
    });
  }
}
