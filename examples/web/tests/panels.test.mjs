// Undo by button, the archive and the trash, activity, and the board as it was.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addressOf, allSee, boardAt, DESKTOP, eventually, opensFromNode, Person, PHONE, startBrowser, startRelay } from "./support/boards.mjs";
import { violations } from "./support/look.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const CARDS = { "To do": ["Plan", "Write"], Doing: ["Test"], Done: [] };

async function alone(t, options, columns = CARDS) {
  const relay = await startRelay(t);
  const board = await boardAt(t, relay, columns);
  return { relay, board, ana: await Person.opens(t, browser, addressOf(relay, board), "ana", options) };
}

const button = (person, name, options = { exact: true }) => person.page.getByRole("button", { name, ...options });

async function chooses(person, item, menu = "Board menu") {
  await button(person, menu).click();
  await person.page.getByRole("menuitem", { name: item, exact: true }).or(person.page.getByRole("menuitemradio", { name: item, exact: true })).click();
}

test("buttons undo and do again, as long as there is something", async (t) => {
  const { ana } = await alone(t);
  const undo = button(ana, "Undo last change");
  const redo = button(ana, "Do it again");
  await eventually(async () => assert.equal(await undo.getAttribute("aria-disabled"), "true"));
  await ana.focuses("Plan");
  await ana.press("a");
  await eventually(async () => assert.equal(await undo.getAttribute("aria-disabled"), "false"));
  assert.equal(await redo.getAttribute("aria-disabled"), "true");
  await undo.click();
  await allSee([ana], { "To do": ["Plan", "Write"], Doing: ["Test"], Done: [] });
  await eventually(async () => assert.equal(await redo.getAttribute("aria-disabled"), "false"));
  await redo.click();
  await allSee([ana], { "To do": ["Write"], Doing: ["Test"], Done: [] });
});

test("what is archived is found, restored, and deleted for good after a question, for everybody", async (t) => {
  const { ana, relay, board } = await alone(t);
  const ben = await Person.opens(t, browser, addressOf(relay, board), "ben");
  for (const card of ["Plan", "Write"]) {
    await ana.focuses(card);
    await ana.press("a");
  }
  await chooses(ben, "Archive and trash");
  await button(ben, "Restore Plan").waitFor();
  await ben.page.getByLabel("Search here").fill("wri");
  await ben.page.locator("[data-shelved]").getByText("Plan").waitFor({ state: "detached" });
  await button(ben, "Move Write to the trash").click();
  await ben.page.getByLabel("Search here").fill("");
  await button(ben, "Restore Plan").click();
  await allSee([ana, ben], { "To do": ["Plan"], Doing: ["Test"], Done: [] });

  await button(ben, "Trash (1)").click();
  await button(ben, "Delete Write for good").click();
  await ben.page.getByRole("dialog", { name: "Delete “Write” for good?" }).waitFor();
  await button(ben, "Delete for good").click();
  await ben.page.getByText("The trash is empty.").waitFor();
  await ben.press("Escape");
  await eventually(async () => assert.equal(await ana.page.locator(".side-panel").count(), 0));
  await allSee([ana, ben]);
});

test("activity tells who did what, in both languages, and leads to the card", async (t) => {
  const { ana, relay, board } = await alone(t);
  const ben = await opensFromNode(t, relay, board, "ben");
  await ben.apply({ type: "moveCard", card: "c0-0", column: "column2", to: "last" });
  await ana.focuses("Write");
  await ana.press("a");
  await chooses(ana, "Activity");
  await ana.page.getByText("ben moved “Plan” from “To do” to “Done”").waitFor();
  await ana.page.getByText("You archived “Write”").waitFor();
  await ana.page.getByLabel("Whose activity").selectOption("ben");
  await ana.page.getByText("You archived “Write”").waitFor({ state: "detached" });
  await button(ana, "ben moved “Plan” from “To do” to “Done”").click();
  await ana.page.getByRole("dialog", { name: "Plan" }).waitFor();
  const yui = await Person.opens(t, browser, addressOf(relay, board), "yui", { language: "ja" });
  await chooses(yui, "アクティビティ", "ボードのメニュー");
  await yui.page.getByText("benさんが「Plan」を「To do」から「Done」へ移動しました").waitFor();
});

test("the board is shown as it was, read only, and a card gets its fields back", async (t) => {
  const { ana, relay, board } = await alone(t);
  const ben = await opensFromNode(t, relay, board, "ben");
  const second = () => new Promise((resolve) => setTimeout(resolve, 1100));
  await second();
  await ben.apply({ type: "renameCard", card: "c0-0", title: "Nonsense" });
  await second();
  await ben.apply({ type: "moveCard", card: "c0-1", column: "column2", to: "last" });
  await ana.card("Nonsense").waitFor();
  await chooses(ana, "Activity");
  await ana.page.locator("[data-activity]").filter({ hasText: "made the board with 3" }).getByRole("button", { name: "Show the board as it was then" }).click();
  await ana.page.getByText("Read only").waitFor();
  await allSee([ana], CARDS);
  assert.equal(await button(ana, "Add a card").count(), 0);
  await ana.focuses("Plan");
  await ana.press("a", "Delete");
  await ana.page.getByRole("slider").focus();
  await ana.press("End");
  await allSee([ana], { "To do": ["Nonsense"], Doing: ["Test"], Done: ["Write"] });
  await ana.press("Home");
  await allSee([ana], CARDS);

  await ana.link("Plan").click();
  await ana.page.getByText("Title: now “Nonsense”").waitFor();
  await button(ana, "Restore the card as it was").click();
  await button(ana, "Back to now").click();
  await allSee([ana], { "To do": ["Plan"], Doing: ["Test"], Done: ["Write"] });
  await eventually(() => assert.equal(ben.view.columns[0].cards[0].title, "Plan"));
});

for (const [kind, device] of [["wide", DESKTOP], ["on a phone", PHONE]]) {
  for (const theme of ["light", "dark"]) {
    test(`no panel has a violation, ${theme}, ${kind}`, async (t) => {
      const { ana } = await alone(t, { theme, device: { ...device, bypassCSP: true } });
      const found = {};
      const look = async (name) => {
        await ana.picture(`${name}-${theme}-${kind.replaceAll(" ", "-")}`);
        found[name] = await violations(ana.page);
        const wider = await ana.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        if (wider) found[name].push("wider than the screen");
      };
      // A moment is a second: what is done in the second in which the board was made is part of it.
      const second = () => Math.floor(Date.now() / 1000);
      const made = second();
      await eventually(() => assert.notEqual(second(), made));
      await ana.focuses("Plan");
      await ana.press("a");
      await look("bar");
      await button(ana, "Board menu").click();
      await look("menu");
      await ana.press("Escape");
      await chooses(ana, "Archive and trash");
      await look("archive");
      await ana.press("Escape");
      await chooses(ana, "Activity");
      await look("activity");
      await ana.page.locator("[data-activity]").filter({ hasText: "with 3 cards" }).getByRole("button", { name: "Show the board as it was then" }).click();
      await ana.page.getByText("Read only").waitFor();
      await look("past");
      await ana.link("Plan").click();
      await ana.page.locator("[data-past-card]").waitFor();
      await look("past-card");
      assert.deepEqual(found, Object.fromEntries(Object.keys(found).map((name) => [name, []])));
    });
  }
}
