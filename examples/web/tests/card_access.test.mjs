// Cards among people with accounts: who may be assigned, and what readers see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, relayWithAccounts, Visitor, withBrowser } from "./support/app.mjs";

withBrowser();

const dialog = (person) => person.page.locator("dialog[open]");

test("whoever may open the board may be assigned; a reader sees the card and can change nothing of it", async (t) => {
  const relay = await relayWithAccounts(t);
  const ana = await Visitor.signsUp(t, relay, "ana");
  const ben = await Visitor.signsUp(t, relay, "ben");
  await ana.adds("Release");
  await ana.syncSays("Saved");
  await ana.page.evaluate(
    (id) => fetch(`/api/documents/${id}/members/ben`, { method: "PUT", headers: { "content-type": "application/json" }, body: '{"role":"reader"}' }),
    ana.boardId,
  );
  await ana.page.getByRole("button", { name: "Add a card" }).first().click();
  await ana.page.keyboard.type("Plan");
  await ana.page.keyboard.press("Enter");
  await ana.page.keyboard.press("Escape");
  await ana.page.getByRole("link", { name: "Plan" }).click();
  await ana.presses("Assign people");
  await ana.page.getByRole("checkbox", { name: "ben" }).check();
  await ana.page.keyboard.press("Escape");
  await dialog(ana).getByRole("list", { name: "People" }).getByText("ben").waitFor();
  await ana.page.getByRole("textbox", { name: "Write a comment" }).fill("Hello @ben");
  await ana.page.keyboard.press("Control+Enter");
  await ana.presses("Add a description");
  await ana.page.keyboard.type("What it is **about**");
  await ana.page.keyboard.press("Escape");
  await ana.syncSays("Saved");

  await ben.page.goto(ana.page.url());
  await dialog(ben).getByText("about", { exact: true }).waitFor();
  await dialog(ben).locator(".mention.mine").waitFor();
  await eventually(async () => assert.deepEqual(await dialog(ben).getByRole("button").evaluateAll((all) => all.map((it) => it.ariaLabel ?? it.textContent.trim())), ["Close"]));
  assert.deepEqual(await dialog(ben).locator("textarea:not([readonly]), input:not([disabled], [readonly])").count(), 0);
  await dialog(ana).locator("[data-dialog-company]").getByText("ben has this card open").waitFor();
  ana.hadNoErrors();
  ben.hadNoErrors();
});
