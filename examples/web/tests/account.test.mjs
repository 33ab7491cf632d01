import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { openRelay, PASSWORD, relayWithAccounts, Visitor, withBrowser } from "./support/app.mjs";

withBrowser();

test("a first visit signs up, logs out and in again, and finds its boards", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.sees("Welcome, ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");

  await ana.logsOut();
  // On a device where somebody was, people sign in rather than up.
  await ana.sees(ana.page.getByRole("heading", { name: "Sign in" }));
  await ana.fillsIn({ Name: "ana", Password: PASSWORD });
  await ana.presses("Sign in");
  await ana.sees(ana.board("Release"));
  ana.hadNoErrors();
});

test("what cannot be an account says why, at the field it is about", async (t) => {
  const relay = await relayWithAccounts(t);
  await Visitor.signsUp(t, relay, "ana");
  const ben = await Visitor.comes(t, relay);
  await ben.fillsIn({ Name: "x", Password: "short" });
  await ben.presses("Create account");
  await ben.sees("A password has at least 10 characters.");
  assert.equal(await ben.page.getByLabel("Name", { exact: true }).getAttribute("aria-invalid"), "true");

  await ben.fillsIn({ Name: "ana", Password: PASSWORD });
  await ben.presses("Create account");
  await ben.sees("This name is taken; choose another.");

  await ben.presses("You have an account? Sign in");
  await ben.fillsIn({ Name: "ana", Password: "not her password" });
  await ben.presses("Sign in");
  await ben.sees("There is no account with this name and password.");
});

test("accounts are made by invitation where the relay wants one", async (t) => {
  const relay = await relayWithAccounts(t, "invited");
  const ana = await Visitor.comes(t, relay);
  await ana.fillsIn({ Name: "ana", Password: PASSWORD, Invitation: "made-up" });
  await ana.presses("Create account");
  await ana.sees("This invitation does not hold");

  const said = execFileSync(relay.program, ["user", "invite", "--data", relay.data]).toString();
  const invitation = /\S{20,}/.exec(said)[0];
  await ana.fillsIn({ Invitation: invitation });
  await ana.presses("Create account");
  await ana.isAtHome();
});

test("a session that ends mid-work is told, loses nothing and goes on without a reload", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await ana.page.evaluate(() => (window.isSamePage = true));

  execFileSync(relay.program, ["user", "sign-out", "ana", "--data", relay.data]);
  await ana.sees("Your session has ended.");
  await ana.renames("Release 2");
  await ana.syncSays("Signed out: 1 change waiting");

  await ana.presses("Sign in again");
  await ana.fillsIn({ Password: PASSWORD });
  await ana.page.getByRole("dialog").getByRole("button", { name: "Sign in", exact: true }).click();
  await ana.syncSays("Saved");
  await ana.isOn("Release 2");
  assert.equal(await ana.page.evaluate(() => window.isSamePage), true);
});

test("logging out with changes that were not sent asks first, and they wait on this device", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  execFileSync(relay.program, ["user", "sign-out", "ana", "--data", relay.data]);
  await ana.sees("Your session has ended.");
  await ana.renames("Unsent");

  await ana.chooses("Settings", "Log out");
  await ana.sees("1 change has not reached the relay yet.");
  await ana.presses("Keep working");
  await ana.isOn("Unsent");
  await ana.logsOut();

  await ana.fillsIn({ Name: "ana", Password: PASSWORD });
  await ana.presses("Sign in");
  // What waited is sent without the board being opened.
  await ana.sees(ana.board("Unsent"));
  await ana.seesNo("1 change waiting");
});

test("another tab follows when somebody else signs in, and nobody's boards mix", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  await ana.adds("Of Ana");
  await ana.syncSays("Saved");
  await ana.goesHome();
  const first = ana.page;
  ana.page = await ana.opensTab();
  await ana.logsOut();
  await ana.presses("New here? Create an account");
  await ana.fillsIn({ Name: "ben", Password: PASSWORD });
  await ana.presses("Create account");
  await ana.sees("No boards yet");

  ana.page = first;
  await ana.sees("Welcome, ben");
  await ana.seesNo(ana.board("Of Ana"));
});

test("where nobody has an account a name is asked for, once", async (t) => {
  const relay = await openRelay(t);
  const ana = await Visitor.isCalled(t, relay, "Ana Ž");
  await ana.sees("Welcome, Ana Ž");
  await ana.page.reload();
  await ana.sees("Welcome, Ana Ž");
  await ana.chooses("Settings", "Change your name…");
  await ana.fillsIn({ "Your name": "Anna" });
  await ana.presses("Save");
  await ana.sees("Welcome, Anna");
  ana.hadNoErrors();
});

test("a first visit without a connection says so, and goes on when there is one", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.comes(t, relay);
  await ana.sees("Create your account");
  await ana.page.route("**/api/**", (route) => route.abort());
  await ana.page.reload();
  await ana.sees("There is no connection, and nobody has signed in on this device yet.");
  await ana.page.unroute("**/api/**");
  await ana.presses("Try again");
  await ana.sees("Create your account");
});
