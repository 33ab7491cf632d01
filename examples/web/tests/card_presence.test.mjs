// Who else is on a board, and where.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addressOf, boardAt, eventually, PHONE, Person, startBrowser, startRelay, withoutNetwork } from "./support/boards.mjs";
import { violations } from "./support/look.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

async function boardOf(t) {
  const relay = await startRelay(t);
  const board = await boardAt(t, relay, { "To do": ["Plan", "Write"], Doing: ["Test"] });
  return { relay, board, opens: (name, options) => Person.opens(t, browser, addressOf(relay, board), name, options) };
}

const here = (person) => person.page.locator("[data-here]");
const company = (person, title) => person.card(title).locator("[data-company]");
const at = (person, title) => eventually(async () => assert.equal(await company(person, title).count(), 1));
const nobodyAt = (person, title) => eventually(async () => assert.equal(await company(person, title).count(), 0));

/** A page that is closed under it may be too late to say that it goes: then it is forgotten after 45 s. */
const EXPIRED_MS = 90_000;

test("people see who else is here, once each, and who has left", async (t) => {
  const { opens } = await boardOf(t);
  const ana = await opens("ana");
  const ben = await opens("ben");
  await ben.opensATab();
  const cleo = await opens("cleo");
  await eventually(async () => assert.equal(await here(ana).getAttribute("aria-label"), "2 other people are here"));
  await here(ana).click();
  for (const name of ["ben", "cleo"]) await ana.page.getByRole("dialog", { name: "Also here" }).getByText(name, { exact: true }).waitFor();
  await cleo.context.close();
  await eventually(async () => assert.equal(await here(ana).getAttribute("aria-label"), "1 other person is here"), EXPIRED_MS);
  await ben.context.close();
  await eventually(async () => assert.equal(await here(ana).count(), 0), EXPIRED_MS);
  assert.deepEqual(withoutNetwork(ana.errors), []);
});

test("a second window of the same person is nobody else", async (t) => {
  const { opens } = await boardOf(t);
  const ana = await opens("ana");
  const tab = await ana.opensATab();
  await tab.link("Plan").click();
  await ana.page.waitForTimeout(600);
  assert.equal(await here(ana).count(), 0);
  await nobodyAt(ana, "Plan");
});

test("a card shows who has it open, who edits and who drags it, and the dialog says so too", async (t) => {
  const { opens } = await boardOf(t);
  const [ana, ben] = [await opens("ana"), await opens("ben")];
  await ben.link("Plan").click();
  await at(ana, "Plan");
  assert.match(await company(ana, "Plan").textContent(), /ben has this card open/);
  await ben.describes();
  await eventually(async () => assert.match(await company(ana, "Plan").textContent(), /ben is writing in the description/));
  await ana.link("Plan").click();
  await ana.page.locator("[data-dialog-company]").getByText("ben is writing in the description").waitFor();
  await ben.press("Escape");
  await ana.page.locator("[data-dialog-company]").getByText("ben has this card open").waitFor();
  await ben.press("Escape");
  await ana.page.locator("[data-dialog-company]").waitFor({ state: "detached" });
  await ana.press("Escape");
  await ben.picksUp("Write");
  await eventually(async () => assert.match(await company(ana, "Write").textContent(), /ben is moving this card/));
  await ben.carriesTo("Doing");
  await ben.drops();
  await nobodyAt(ana, "Write");
  await ana.page.locator("[data-column='column1']").getByText("Write").waitFor();
});

test("the list of who is here leads to their cards, by keys, and is calm to axe in every theme and on a phone", async (t) => {
  const { opens } = await boardOf(t);
  const ben = await opens("ben");
  await ben.link("Test").click();
  for (const [theme, options] of [["light", {}], ["dark", { device: PHONE }]]) {
    const ana = await opens("ana", { theme, ...options });
    await at(ana, "Test").catch(() => {});
    await here(ana).focus();
    await ana.press("Enter");
    const link = ana.page.getByRole("button", { name: "looks at “Test”" });
    await link.waitFor();
    assert.deepEqual(await violations(ana.page), []);
    await link.focus();
    await ana.press("Enter");
    await ana.page.locator("[data-dialog-company]").getByText("ben has this card open").waitFor();
    assert.deepEqual(await violations(ana.page), []);
    await ana.context.close();
  }
});
