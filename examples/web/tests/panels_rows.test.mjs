// The board in rows: what a drop in another row means, by mouse, keys, menu and finger, and for two people at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addressOf, boardAt, DESKTOP, eventually, middle, opensFromNode, Person, PHONE, startBrowser, startRelay, withoutNetwork } from "./support/boards.mjs";
import { violations } from "./support/look.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const MORE = {
  labels: [{ id: "bug", name: "Bug", colour: "red" }, { id: "idea", name: "Idea", colour: "blue" }],
  members: [{ id: "mana", name: "Ana", colour: "" }, { id: "mben", name: "Ben", colour: "" }, { id: "meve", name: "Eve", colour: "" }],
};
const CARDS = {
  "To do": [
    { title: "Plan", labels: ["bug"], assignees: ["mana"] },
    { title: "Write", labels: ["bug", "idea"], assignees: ["mben"] },
    { title: "Read", labels: ["idea"] },
  ],
  Done: [{ title: "Ship", labels: ["bug"], assignees: ["mana"] }],
};

/** Somebody who has the board in rows. */
async function inRows(t, by, { language = "en", ...options } = {}) {
  const relay = await startRelay(t);
  const board = await boardAt(t, relay, CARDS, MORE);
  const address = `${addressOf(relay, board)}?group=${by}`;
  const open = async (name, more) => {
    const person = await Person.opens(t, browser, addressOf(relay, board), name, { language, ...options, ...more });
    await person.page.goto(address);
    await person.page.locator("[data-lane]").first().waitFor();
    return person;
  };
  return { relay, board, open, ana: await open("ana") };
}

const lane = (person, key) => person.page.locator(`[data-lane="${key}"]`);
const cell = (person, key, column) => lane(person, key).locator(`[data-cell="${column}"]`);
const inCell = (person, key, column) => cell(person, key, column).locator(".title").allTextContents();
const cardIn = (person, key, title) => lane(person, key).locator("[data-card]").filter({ has: person.page.getByText(title, { exact: true }) });
const holds = (person, key, column, titles) => eventually(async () => assert.deepEqual(await inCell(person, key, column), titles));
const cardOf = (board, id) => board.view.columns.flatMap(({ cards }) => cards).find((card) => card.id === id);
const becomes = (board, id, expected) =>
  eventually(() => {
    const card = cardOf(board, id);
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, card[key]])), expected);
  });
const twoFrames = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Where things are once rows have stopped moving: the answer to the drop before may still be on its way. */
async function atRest(page, look) {
  for (let last; ; ) {
    const boxes = await look();
    if (JSON.stringify(boxes) === last) return boxes;
    last = JSON.stringify(boxes);
    await twoFrames(page);
  }
}

async function drags(person, from, title, to) {
  const { page } = person;
  await to.scrollIntoViewIfNeeded();
  const [card, target] = await atRest(page, () => Promise.all([cardIn(person, from, title).boundingBox(), to.boundingBox()]));
  const at = middle(card);
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  await page.mouse.move(at.x + 6, at.y + 6);
  await page.locator(".lane-card.lifted").first().waitFor();
  await page.mouse.move(target.x + target.width / 2, target.y + target.height - 16, { steps: 4 });
  await twoFrames(page);
  await page.mouse.up();
}

test("a card dropped in another row is somebody else's, in another column it moves, in both it does both", async (t) => {
  const { ana, open, board } = await inRows(t, "assignee");
  const ben = await open("ben");
  await drags(ana, "mana", "Plan", cell(ana, "mben", "column0"));
  await becomes(board, "c0-0", { column: "column0", assignees: ["mben"] });
  await ana.page.getByText("“Plan” moved to “Ben”, “To do”.").first().waitFor();
  await drags(ana, "mben", "Plan", cell(ana, "mben", "column1"));
  await becomes(board, "c0-0", { column: "column1", assignees: ["mben"] });
  await drags(ana, "mben", "Plan", cell(ana, "meve", "column0"));
  await becomes(board, "c0-0", { column: "column0", assignees: ["meve"] });
  await drags(ana, "meve", "Plan", cell(ana, "", "column0"));
  await becomes(board, "c0-0", { column: "column0", assignees: [] });
  for (const person of [ana, ben]) await holds(person, "", "column0", ["Read", "Plan"]);
  await ana.page.getByRole("button", { name: "Undo", exact: true }).last().click();
  await becomes(board, "c0-0", { assignees: ["meve"] });
  for (const person of [ana, ben]) await holds(person, "meve", "column0", ["Plan"]);
});

test("in rows by label only the label of the row it was taken from goes", async (t) => {
  const { ana, board } = await inRows(t, "label");
  await drags(ana, "bug", "Write", cell(ana, "", "column0"));
  await becomes(board, "c0-1", { column: "column0", labels: ["idea"] });
  await drags(ana, "bug", "Plan", cell(ana, "idea", "column1"));
  await becomes(board, "c0-0", { column: "column1", labels: ["idea"] });
  await holds(ana, "idea", "column0", ["Write", "Read"]);
  await holds(ana, "idea", "column1", ["Plan"]);
});

test("selected cards go to another row as one, and are taken back as one", async (t) => {
  const { ana, board } = await inRows(t, "assignee");
  for (const [row, title] of [["mana", "Plan"], ["mana", "Ship"], ["", "Read"]]) {
    await cardIn(ana, row, title).locator("a.title").click({ modifiers: ["Control"] });
  }
  await drags(ana, "mana", "Plan", cell(ana, "mben", "column1"));
  for (const id of ["c0-0", "c0-2", "c1-0"]) await becomes(board, id, { column: "column1", assignees: ["mben"] });
  await ana.page.getByText("3 cards moved to “Ben”, “Done”.").first().waitFor();
  await holds(ana, "mben", "column1", ["Plan", "Read", "Ship"]);
  await ana.page.getByRole("button", { name: "Undo", exact: true }).click();
  await becomes(board, "c0-0", { column: "column0", assignees: ["mana"] });
  await becomes(board, "c0-2", { column: "column0", assignees: [] });
  await becomes(board, "c1-0", { column: "column1", assignees: ["mana"] });
});

test("by keys the arrows go through rows, Space picks up, and each step is said", async (t) => {
  const { ana, board } = await inRows(t, "assignee");
  await cardIn(ana, "mana", "Plan").locator("a.title").focus();
  await ana.press("ArrowRight");
  await eventually(async () => assert.equal(await ana.focused(), "card c1-0"));
  await ana.press("ArrowLeft", "ArrowDown");
  await eventually(async () => assert.equal(await ana.focused(), "card c0-1"));
  await ana.press("Space");
  await ana.hears("Picked up Write");
  await ana.press("ArrowRight");
  await ana.hears("Ben, Done, position 1 of 1");
  await ana.press("ArrowUp");
  await ana.hears("Ana, Done, position 2 of 2");
  await ana.press("Space");
  await ana.hears("“Write” moved to “Ana”, “Done”.");
  await becomes(board, "c0-1", { column: "column1", assignees: ["mana"] });
  await eventually(async () => assert.equal(await ana.focused(), "card c0-1"));
  await holds(ana, "mana", "column1", ["Ship", "Write"]);
  await ana.press("Alt+ArrowUp");
  await holds(ana, "mana", "column1", ["Write", "Ship"]);
  await ana.press("Space", "ArrowDown", "Escape");
  await ana.hears("Put back");
  await ana.press("a");
  await holds(ana, "mana", "column1", ["Ship"]);
});

test("the menu of a card in rows changes its row or its column", async (t) => {
  const { ana, board } = await inRows(t, "assignee");
  const chooses = async (row, title, item) => {
    await cardIn(ana, row, title).getByRole("button", { name: `Move ${title}` }).click();
    await ana.page.getByRole("menuitemradio", { name: item, exact: true }).click();
  };
  await chooses("mana", "Plan", "Eve");
  await becomes(board, "c0-0", { column: "column0", assignees: ["meve"] });
  await chooses("meve", "Plan", "Done");
  await becomes(board, "c0-0", { column: "column1", assignees: ["meve"] });
});

test("a rectangle selects cards in rows too", async (t) => {
  const { ana } = await inRows(t, "assignee");
  const [plan, ship] = [await cardIn(ana, "mana", "Plan").boundingBox(), await cardIn(ana, "mana", "Ship").boundingBox()];
  await ana.page.mouse.move(plan.x - 5, plan.y + 4);
  await ana.page.mouse.down();
  await ana.page.mouse.move(ship.x + 40, ship.y + 20, { steps: 4 });
  await ana.page.locator("[data-marquee]").waitFor();
  await twoFrames(ana.page);
  await ana.page.mouse.up();
  await ana.page.getByText("2 cards selected").first().waitFor();
});

test("a card in rows shows who drags it, and a finger carries it to another row", async (t) => {
  const { ana, open, board } = await inRows(t, "assignee");
  const ben = await open("ben", { device: PHONE });
  const devtools = await ben.context.newCDPSession(ben.page);
  const touch = (type, ...touchPoints) => devtools.send("Input.dispatchTouchEvent", { type, touchPoints });
  const from = middle(await cardIn(ben, "mana", "Plan").boundingBox());
  const to = middle(await cell(ben, "mben", "column0").boundingBox());
  await touch("touchStart", from);
  await ben.page.locator(".lane-card.lifted").waitFor();
  await cardIn(ana, "mana", "Plan").getByText("ben", { exact: true }).waitFor();
  for (const share of [0.4, 0.8, 1]) await touch("touchMove", { x: from.x, y: from.y + (to.y - from.y) * share });
  await cell(ben, "mben", "column0").and(ben.page.locator(".over")).waitFor();
  await touch("touchEnd");
  await becomes(board, "c0-0", { assignees: ["mben"] });
});

test("two people give one card to different people at the same time: it is in both rows", async (t) => {
  const { ana, open, board } = await inRows(t, "assignee");
  const ben = await open("ben");
  await ben.context.setOffline(true);
  await drags(ben, "mana", "Plan", cell(ben, "mben", "column0"));
  await drags(ana, "mana", "Plan", cell(ana, "meve", "column1"));
  await ben.context.setOffline(false);
  for (const person of [ana, ben]) {
    await eventually(async () => {
      const rows = await Promise.all(["mana", "mben", "meve"].map(async (key) => (await lane(person, key).locator(".title").allTextContents()).includes("Plan")));
      assert.deepEqual(rows, [false, true, true]);
    });
  }
  await eventually(() => assert.deepEqual([...cardOf(board, "c0-0").assignees].sort(), ["mben", "meve"]));
});

test("others remove the person of a row while a card is dragged there: it stays whose it was", async (t) => {
  const { ana, relay, board } = await inRows(t, "assignee");
  const node = await opensFromNode(t, relay, board, "node");
  const at = middle(await cardIn(ana, "mana", "Plan").boundingBox());
  await ana.page.mouse.move(at.x, at.y);
  await ana.page.mouse.down();
  await ana.page.mouse.move(at.x + 6, at.y + 6);
  await ana.page.locator(".lane-card.lifted").first().waitFor();
  const target = middle(await cell(ana, "meve", "column0").boundingBox());
  await ana.page.mouse.move(target.x, target.y, { steps: 3 });
  await node.apply({ type: "removeMember", member: "meve" });
  await lane(ana, "meve").waitFor({ state: "detached" });
  await ana.page.mouse.up();
  await twoFrames(ana.page);
  assert.deepEqual(cardOf(board, "c0-0").assignees, ["mana"]);
  assert.deepEqual(withoutNetwork(ana.errors), []);
});

for (const [kind, device] of [["wide", DESKTOP], ["on a phone", PHONE]]) {
  for (const [theme, language] of [["light", "ja"], ["dark", "en"]]) {
    test(`rows with a selection and a menu have no violation, ${theme}, ${language}, ${kind}`, async (t) => {
      const { ana } = await inRows(t, "assignee", { theme, language, device });
      const found = {};
      const look = async (name) => {
        await ana.picture(`rows-${name}-${theme}-${kind.replaceAll(" ", "-")}`);
        found[name] = await violations(ana.page);
        const wider = await ana.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        if (wider) found[name].push("wider than the screen");
      };
      await cardIn(ana, "mana", "Plan").locator("a.title").focus();
      await ana.press("x");
      await look("selected");
      await cardIn(ana, "mana", "Plan").locator(".menu-button").click();
      await look("menu");
      await ana.press("Escape");
      await cardIn(ana, "mana", "Plan").locator("a.title").focus();
      await ana.press("Space", "ArrowDown");
      await ana.page.locator(".cell.over").waitFor();
      const bar = await ana.page.locator(".selection-bar").boundingBox();
      assert.ok(bar.y + bar.height <= ana.page.viewportSize().height, "the bar is in sight");
      await look("carried");
      assert.deepEqual(found, { selected: [], menu: [], carried: [] });
    });
  }
}
