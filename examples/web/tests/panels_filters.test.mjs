// Filters that combine and stay in the address, and the board in rows.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addressOf, allSee, boardAt, DESKTOP, eventually, opensFromNode, Person, PHONE, startBrowser, startRelay } from "./support/boards.mjs";
import { violations } from "./support/look.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const MORE = {
  labels: [{ id: "bug", name: "Bug", colour: "red" }, { id: "idea", name: "Idea", colour: "blue" }],
  members: [{ id: "mana", name: "Ana", colour: "" }, { id: "mben", name: "Ben", colour: "" }],
};
const CARDS = {
  "To do": [
    { title: "Plan", labels: ["bug"], assignees: ["mana"], due: "2020-01-01" },
    { title: "Write", labels: ["bug", "idea"], assignees: ["mben"] },
    { title: "Read", labels: ["idea"] },
  ],
  Done: [{ title: "Ship", labels: ["bug"], assignees: ["mana"], done: true }],
};

async function alone(t, options, path = "") {
  const relay = await startRelay(t);
  const board = await boardAt(t, relay, CARDS, MORE);
  return { relay, board, ana: await Person.opens(t, browser, addressOf(relay, board) + path, "ana", options) };
}

const button = (person, name) => person.page.getByRole("button", { name, exact: true });
const opens = (person) => person.page.locator(".filter-button").click();
const chooses = async (person, item) => {
  await button(person, "Board menu").click();
  await person.page.getByRole("menuitemradio", { name: item, exact: true }).click();
};

test("filters combine with each other and with the search, and go by one click", async (t) => {
  const { ana } = await alone(t);
  await opens(ana);
  await ana.page.getByRole("checkbox", { name: "Bug" }).check();
  await ana.page.getByRole("checkbox", { name: "Ana" }).check();
  await allSee([ana], { "To do": ["Plan"], Done: ["Ship"] });
  await ana.page.getByRole("checkbox", { name: "Nobody assigned" }).check();
  await ana.page.getByRole("checkbox", { name: "Not done" }).check();
  await allSee([ana], { "To do": ["Plan"], Done: [] });
  await ana.press("Escape");
  await button(ana, "Remove filter: Bug").click();
  await allSee([ana], { "To do": ["Plan", "Read"], Done: [] });
  await ana.page.getByRole("searchbox").fill("rea");
  await allSee([ana], { "To do": ["Read"], Done: [] });
  await ana.page.getByRole("searchbox").fill("");
  await button(ana, "Clear filters").click();
  await allSee([ana], { "To do": ["Plan", "Write", "Read"], Done: ["Ship"] });
});

test("a link keeps the filters, through opening a card and back, and others' changes are filtered as they come", async (t) => {
  const { ana, relay, board } = await alone(t);
  await opens(ana);
  await ana.page.getByRole("checkbox", { name: "Bug" }).check();
  await ana.page.getByRole("checkbox", { name: "Overdue" }).check();
  await ana.press("Escape");
  await eventually(() => assert.match(ana.page.url(), /\?label=bug&due=overdue$/));
  await ana.link("Plan").click();
  await ana.page.getByRole("dialog").waitFor();
  await ana.press("Escape");
  await eventually(() => assert.match(ana.page.url(), /\/board\/\w+\?label=bug&due=overdue$/));
  const ben = await Person.opens(t, browser, ana.page.url(), "ben");
  await allSee([ana, ben], { "To do": ["Plan"], Done: [] });
  const node = await opensFromNode(t, relay, board, "eve");
  await node.apply({ type: "setDue", card: "c0-1", due: "2020-02-02" });
  await allSee([ana, ben], { "To do": ["Plan", "Write"], Done: [] });
});

test("rows by person or label show the same cards, which move by their menu and open", async (t) => {
  const { ana, relay, board } = await alone(t);
  const ben = await Person.opens(t, browser, addressOf(relay, board), "ben");
  await chooses(ana, "Assignee");
  const lane = (name) => ana.page.getByRole("region", { name, exact: true });
  assert.deepEqual(await lane("Ana").locator(".title").allTextContents(), ["Plan", "Ship"]);
  assert.deepEqual(await lane("Nobody assigned").locator(".title").allTextContents(), ["Read"]);
  await button(ana, "Move Plan").click();
  await ana.page.getByRole("menuitemradio", { name: "Done" }).click();
  await allSee([ben], { "To do": ["Write", "Read"], Done: ["Ship", "Plan"] });
  await chooses(ana, "Label");
  assert.deepEqual(await lane("Idea").locator(".title").allTextContents(), ["Write", "Read"]);
  await eventually(() => assert.match(ana.page.url(), /group=label/));
  await lane("Idea").getByRole("link", { name: "Read" }).click();
  await ana.page.getByRole("dialog", { name: "Read" }).waitFor();
  await ana.press("Escape");
  await lane("Idea").getByRole("button", { expanded: true, name: "Idea 2" }).click();
  assert.equal(await lane("Idea").locator(".title").count(), 0);
  await chooses(ana, "Columns only");
  await allSee([ana, ben]);
});

for (const [kind, device] of [["wide", DESKTOP], ["on a phone", PHONE]]) {
  for (const theme of ["light", "dark"]) {
    test(`filters and rows have no violation, ${theme}, ${kind}`, async (t) => {
      const { ana } = await alone(t, { theme, device: { ...device, bypassCSP: true } }, "?label=bug&member=mana&group=");
      const found = {};
      const look = async (name) => {
        await ana.picture(`${name}-${theme}-${kind.replaceAll(" ", "-")}`);
        found[name] = await violations(ana.page);
        const wider = await ana.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        if (wider) found[name].push("wider than the screen");
      };
      await look("chips");
      await opens(ana);
      await look("filter");
      await ana.press("Escape");
      await chooses(ana, "Label");
      await look("rows");
      assert.deepEqual(found, { chips: [], filter: [], rows: [] });
    });
  }
}
