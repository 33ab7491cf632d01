// What people do with their own account: the password, where they are logged in, leaving for good.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, PASSWORD, relayWithAccounts, Visitor, withBrowser } from "./support/app.mjs";
import { violations } from "./support/look.mjs";

withBrowser();

const OTHER_PASSWORD = "another that is long";

async function logsIn(t, relay, name, { password = PASSWORD, ...options } = {}) {
  const visitor = await Visitor.comes(t, relay, options);
  await visitor.presses("You have an account? Sign in");
  await visitor.fillsIn({ Name: name, Password: password });
  await visitor.presses("Sign in");
  return visitor;
}

/** The boards that this browser keeps, as the account's database has them. */
const keptBoards = (visitor, name) =>
  visitor.page.evaluate(async (name) => {
    const databases = await indexedDB.databases();
    const mine = databases.find((database) => database.name.endsWith(name));
    if (mine === undefined) return 0;
    const opened = await new Promise((resolve, reject) => {
      const asked = indexedDB.open(mine.name);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    const counts = [...opened.objectStoreNames].map((store) => {
      const asked = opened.transaction(store).objectStore(store).count();
      return new Promise((resolve) => (asked.onsuccess = () => resolve(asked.result)));
    });
    const total = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    opened.close();
    return total;
  }, name);

const session = (visitor, where) => visitor.page.locator(`[data-session=${where}]`);

test("a password is changed by whoever knows the one before, and everywhere else ends", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  const elsewhere = await logsIn(t, relay, "ana");
  await elsewhere.isAtHome();

  await ana.chooses("Settings", "Account…");
  await ana.presses("Change password…");
  await ana.fillsIn({ "Current password": "not her password", "New password": "ana" });
  await ana.presses("Change password");
  await ana.sees("A password has at least 10 characters.");
  await ana.fillsIn({ "New password": OTHER_PASSWORD });
  await ana.presses("Change password");
  await ana.sees("This is not your current password.");
  await ana.fillsIn({ "Current password": PASSWORD });
  await ana.presses("Change password");
  await ana.sees("Your password is changed.");

  await elsewhere.page.reload();
  await elsewhere.sees("Your session has ended.");
  const again = await logsIn(t, relay, "ana", { password: OTHER_PASSWORD });
  await again.isAtHome();
  ana.hadNoErrors();
});

test("where one is logged in can be seen, and ended at one place or at all others", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  const phone = await logsIn(t, relay, "ana", {
    device: { userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1" },
  });
  const others = [phone, await logsIn(t, relay, "ana"), await logsIn(t, relay, "ana")];
  for (const other of others) await other.isAtHome();

  await ana.chooses("Settings", "Account…");
  await ana.sees("Safari on iPhone");
  assert.equal(await session(ana, "here").count(), 1);
  assert.equal(await session(ana, "elsewhere").count(), 3);
  await ana.page.getByRole("button", { name: /^Log out Safari on iPhone/ }).click();
  await eventually(async () => assert.equal(await session(ana, "elsewhere").count(), 2));
  await phone.page.reload();
  await phone.sees("Your session has ended.");

  await ana.presses("Log out everywhere else");
  await ana.sees("You are logged in nowhere else.");
  assert.equal(await session(ana, "here").count(), 1);
  await others[1].page.reload();
  await others[1].sees("Your session has ended.");
  ana.hadNoErrors();
});

test("logging out takes the boards off the device where that is wanted, also from another tab", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  const board = ana.page;
  ana.page = await ana.opensTab();
  await ana.isAtHome();
  await eventually(async () => assert.ok((await keptBoards(ana, "ana")) > 0));

  await ana.logsOut({ removing: true });
  await ana.sees("your boards are no longer on this device");
  await eventually(async () => assert.equal(await keptBoards(ana, "ana"), 0));
  await board.getByRole("heading", { name: "Sign in" }).waitFor();

  // The relay keeps them.
  await ana.fillsIn({ Name: "ana", Password: PASSWORD });
  await ana.presses("Sign in");
  await ana.board("Release").click();
  await ana.isOn("Release");
  ana.hadNoErrors();
});

test("an account is deleted with its password, and boards that others need get another owner first", async (t) => {
  const relay = await relayWithAccounts(t);
  const ben = await Visitor.signsUp(t, relay, "ben");
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await ana.sharesWith("ben");
  await ana.page.keyboard.press("Escape");
  await ana.goesHome();

  await ana.chooses("Settings", "Account…");
  await ana.presses("Delete account…");
  const sure = ana.page.getByRole("button", { name: "Delete account", exact: true });
  await sure.click();
  await ana.sees("Type your password.");
  await ana.fillsIn({ Password: "not her password" });
  await sure.click();
  await ana.sees("This is not your password.");
  await ana.fillsIn({ Password: PASSWORD });
  await sure.click();
  await ana.sees("Others use boards that only you own.");
  await ana.fillsIn({ "New owner of your boards": "ben" });
  await sure.click();
  await ana.sees("The account ana is deleted.");
  await eventually(async () => assert.equal(await keptBoards(ana, "ana"), 0));

  await ben.page.reload();
  await ben.sees(ben.board("Release"));
  const nobody = await logsIn(t, relay, "ana");
  await nobody.sees("There is no account with this name and password.");
});

for (const language of ["en", "ja"]) {
  for (const theme of ["light", "dark"]) {
    test(`the account can be read by everybody: ${language}, ${theme}`, async (t) => {
      const relay = await relayWithAccounts(t);
      const ana = await Visitor.signsUp(t, relay, "ana");
      await ana.page.evaluate(
        ([language, theme]) => {
          localStorage.setItem("kanban.language", language);
          localStorage.setItem("kanban.theme", theme);
        },
        [language, theme],
      );
      await ana.page.reload();
      const [settings, account, change, remove] =
        language === "en"
          ? ["Settings", "Account…", "Change password…", "Delete account…"]
          : ["設定", "アカウント…", "パスワードを変更…", "アカウントを削除…"];
      await ana.chooses(settings, account);
      await ana.presses(change);
      await ana.picture(`account-${language}-${theme}`);
      assert.deepEqual(await violations(ana.page), []);
      await ana.presses(remove);
      await ana.picture(`account-delete-${language}-${theme}`);
      assert.deepEqual(await violations(ana.page), []);
    });
  }
}
