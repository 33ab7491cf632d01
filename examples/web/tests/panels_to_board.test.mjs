// Cards that go to another board, from a card and from a selection, and what becomes of what others do meanwhile.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addressOf, allSee, boardAt, DESKTOP, eventually, opensFromNode, Person, PHONE, startBrowser, startRelay } from "./support/boards.mjs";
import { violations } from "./support/look.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const MORE = {
  labels: [{ id: "bug", name: "Bug", colour: "red" }],
  members: [{ id: "mben", name: "ben", colour: "" }],
};
const PLAN = {
  title: "Plan",
  description: "With **care**",
  labels: ["bug"],
  assignees: ["mben"],
  comments: [{ id: "n1", by: "mben", at: 1_700_000_000, text: "Good" }],
  checklists: [{ id: "k1", name: "Parts", items: [{ id: "i1", text: "One", done: true }] }],
};

/** Somebody who has two boards, and stands before the first. */
async function betweenBoards(t, options) {
  const relay = await startRelay(t);
  const from = await boardAt(t, relay, { "To do": [PLAN, "Write", "Read"], Done: [] }, { ...MORE, name: "Release" });
  const to = await boardAt(t, relay, { Ideas: ["Fly"], Later: [] }, { name: "Someday" });
  const ana = await Person.opens(t, browser, addressOf(relay, to), "ana", options);
  await ana.page.goto(addressOf(relay, from));
  await ana.card("Write").waitFor();
  return { relay, from, to, ana };
}

const button = (person, name) => person.page.getByRole("button", { name, exact: true });
const titles = (board) => Object.fromEntries(board.view.columns.map(({ name, cards }) => [name, cards.map(({ title }) => title)]));
const stands = (board, expected) => eventually(() => assert.deepEqual(titles(board), expected));

async function choosesBoard(person, column, board = "Someday") {
  const dialog = person.page.getByRole("dialog", { name: /to another board$/ });
  await dialog.getByLabel("Board", { exact: true }).selectOption({ label: board });
  await dialog.getByLabel("Column", { exact: true }).selectOption({ label: column });
  await dialog.getByRole("button", { name: "Move", exact: true }).click();
}

test("a card goes to a column of another board with all that belongs to it, and comes back by one click", async (t) => {
  const { from, to, ana } = await betweenBoards(t);
  await ana.link("Plan").click();
  await button(ana, "To another board…").click();
  await choosesBoard(ana, "Later");
  await ana.page.getByText("Card “Plan” moved to “Later” on the board “Someday”.").first().waitFor();
  await stands(to, { Ideas: ["Fly"], Later: ["Plan"] });
  await stands(from, { "To do": ["Write", "Read"], Done: [] });
  const card = to.view.columns[1].cards[0];
  assert.equal(card.description, "With **care**");
  assert.deepEqual(card.comments.map(({ text, by }) => [text, by]), [["Good", "mben"]]);
  assert.equal(card.checklists[0].items[0].done, true);
  assert.deepEqual(to.view.labels.map(({ name }) => name), ["Bug"]);
  assert.deepEqual(to.view.members.map(({ name }) => name), ["ben"]);
  assert.equal(card.origin.card, "c0-0");
  await button(ana, "Undo").click();
  await stands(from, { "To do": ["Plan", "Write", "Read"], Done: [] });
  await stands(to, { Ideas: ["Fly"], Later: [] });
});

test("selected cards go to another board in their order, as one change on each", async (t) => {
  const { from, to, ana } = await betweenBoards(t);
  const before = { from: from.ask({ type: "activities", query: {} }).length, to: to.ask({ type: "activities", query: {} }).length };
  for (const title of ["Read", "Plan"]) await ana.link(title).click({ modifiers: ["Control"] });
  await button(ana, "Move to").click();
  await ana.page.getByRole("menuitem", { name: "Another board…" }).click();
  await choosesBoard(ana, "Ideas");
  await stands(to, { Ideas: ["Fly", "Plan", "Read"], Later: [] });
  await stands(from, { "To do": ["Write"], Done: [] });
  assert.equal(await ana.page.locator("[data-selected]").count(), 0);
  assert.equal(from.ask({ type: "activities", query: {} }).length, before.from + 1);
  assert.equal(to.ask({ type: "activities", query: {} }).length, before.to + 1);
});

test("somebody offline edits a card that goes to another board: the edit is not lost", async (t) => {
  const { relay, from, to, ana } = await betweenBoards(t);
  const ben = await Person.opens(t, browser, addressOf(relay, from), "ben");
  await ben.context.setOffline(true);
  await ben.focuses("Write");
  await ben.press("e");
  await ben.page.keyboard.type("Write more");
  await ben.press("Enter");
  await ana.link("Write").click();
  await button(ana, "To another board…").click();
  await choosesBoard(ana, "Ideas");
  await stands(to, { Ideas: ["Fly", "Write"], Later: [] });
  await ben.context.setOffline(false);
  await allSee([ana, ben], { "To do": ["Plan", "Write more", "Read"], Done: [] });
  await ana.page.getByText(/deleted this card at the same time/).first().waitFor();
});

test("cards go between boards offline, and are sent later", async (t) => {
  const { relay, from, to, ana } = await betweenBoards(t);
  const other = await opensFromNode(t, relay, to, "node");
  await ana.context.setOffline(true);
  await ana.link("Plan").click();
  await button(ana, "To another board…").click();
  await choosesBoard(ana, "Later");
  await ana.page.getByText("Card “Plan” moved to “Later” on the board “Someday”.").first().waitFor();
  await ana.context.setOffline(false);
  await stands(other, { Ideas: ["Fly"], Later: ["Plan"] });
  await stands(from, { "To do": ["Write", "Read"], Done: [] });
});

test("whoever has no other board is told so", async (t) => {
  const relay = await startRelay(t);
  const board = await boardAt(t, relay, { "To do": ["Plan"] });
  const ana = await Person.opens(t, browser, addressOf(relay, board), "ana");
  await ana.link("Plan").click();
  await button(ana, "To another board…").click();
  await ana.page.getByText("There is no other board that you may change.").waitFor();
  assert.equal(await button(ana, "Move").last().isDisabled(), true);
  await ana.press("Escape");
  await ana.page.getByRole("dialog", { name: "Plan" }).waitFor();
});

for (const [kind, device] of [["wide", DESKTOP], ["on a phone", PHONE]]) {
  for (const [theme, language, another] of [["light", "en", "To another board…"], ["dark", "ja", "別のボードへ移動…"]]) {
    test(`moving to another board has no violation, ${theme}, ${language}, ${kind}`, async (t) => {
      const { ana } = await betweenBoards(t, { theme, language, device });
      await ana.link("Plan").click();
      await button(ana, another).click();
      await ana.page.locator("select").nth(1).waitFor();
      await ana.picture(`to-board-${theme}-${kind.replaceAll(" ", "-")}`);
      assert.deepEqual(await violations(ana.page), []);
      assert.ok(await ana.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    });
  }
}
