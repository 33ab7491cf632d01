// Many cards at once: chosen by a rectangle or by keys, dragged and carried as one, while others do something else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addressOf, allSee, boardAt, eventually, middle, opensFromNode, Person, PHONE, startBrowser, startRelay } from "./support/boards.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const CARDS = { "To do": ["Plan", "Write", "Read", "Ship"], Doing: ["Test", "Mend"], Done: [] };

async function alone(t, options, columns = CARDS) {
  const relay = await startRelay(t);
  const board = await boardAt(t, relay, columns);
  return { relay, board, ana: await Person.opens(t, browser, addressOf(relay, board), "ana", options) };
}

const chosen = (person) =>
  person.page.evaluate(() => [...document.querySelectorAll("[data-card]:has([data-selected]) .title")].map((it) => it.textContent.trim()));
const areChosen = (person, titles) => eventually(async () => assert.deepEqual((await chosen(person)).sort(), [...titles].sort()));
const chooses = async (person, ...titles) => {
  for (const title of titles) await person.link(title).click({ modifiers: ["Control"] });
};
const twoFrames = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Right of the cards of a column, where there is only the column. */
async function edgeBeside(person, title) {
  const { x, y, height, width } = await person.card(title).boundingBox();
  return { x: x + width + 4, y: y + height / 2 };
}

async function draws(person, from, to, { release = true } = {}) {
  await person.page.mouse.move(from.x, from.y);
  await person.page.mouse.down();
  await person.page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 3 });
  await person.page.mouse.move(to.x, to.y, { steps: 3 });
  await person.page.locator("[data-marquee]").waitFor();
  await twoFrames(person.page);
  if (release) await person.page.mouse.up();
}

test("a rectangle drawn from empty space selects what it touches; Shift adds; a click beside ends", async (t) => {
  const { ana } = await alone(t);
  const [write, read] = [await edgeBeside(ana, "Write"), middle(await ana.card("Read").boundingBox())];
  await draws(ana, write, read);
  await areChosen(ana, ["Write", "Read"]);
  await ana.hears("2 cards selected");
  assert.equal(await ana.page.locator("[data-marquee]").count(), 0);
  await ana.page.keyboard.down("Shift");
  const mend = await edgeBeside(ana, "Mend");
  await draws(ana, { x: mend.x, y: mend.y + 60 }, middle(await ana.card("Mend").boundingBox()));
  await ana.page.keyboard.up("Shift");
  await areChosen(ana, ["Write", "Read", "Mend"]);
  await draws(ana, await edgeBeside(ana, "Plan"), middle(await ana.card("Plan").boundingBox()));
  await areChosen(ana, ["Plan"]);
  await ana.page.mouse.click(mend.x, mend.y + 60);
  await areChosen(ana, []);
});

test("a rectangle goes over columns, and Escape puts back what was selected before", async (t) => {
  const { ana } = await alone(t);
  await chooses(ana, "Ship");
  const from = await edgeBeside(ana, "Plan");
  const to = middle(await ana.card("Mend").boundingBox());
  const corner = await ana.card("Plan").boundingBox();
  await draws(ana, { x: from.x, y: corner.y - 3 }, to, { release: false });
  await areChosen(ana, ["Test", "Mend"]);
  await ana.press("Escape");
  await areChosen(ana, ["Ship"]);
  await ana.page.mouse.move(to.x + 20, to.y + 20);
  await ana.page.mouse.up();
  await areChosen(ana, ["Ship"]);
  await ana.press("Escape");
  await areChosen(ana, []);
});

test("a rectangle in a long column goes on while it scrolls, over cards that are not drawn", async (t) => {
  const many = Array.from({ length: 300 }, (_, at) => `Card ${at}`);
  const { ana, board } = await alone(t, {}, { "To do": many, Done: [] });
  const from = await edgeBeside(ana, "Card 1");
  const column = await ana.column("To do").locator("[data-scrolls]").boundingBox();
  await draws(ana, from, { x: from.x - 40, y: column.y + column.height - 4 }, { release: false });
  await eventually(async () => {
    const count = Number.parseInt(await ana.page.locator(".selection-bar .count").textContent(), 10);
    assert.ok(count > 40, `${count} are selected`);
  });
  await ana.page.mouse.up();
  const count = Number.parseInt(await ana.page.locator(".selection-bar .count").textContent(), 10);
  await ana.page.getByRole("button", { name: "Archive", exact: true }).click();
  await ana.page.getByText(`${count} cards archived.`).first().waitFor();
  const left = () => board.view.columns[0].cards.map(({ title }) => title);
  await eventually(() => assert.deepEqual(left(), ["Card 0", ...many.slice(count + 1)]));
});

test("nothing is drawn from a card, a column's name or by touch", async (t) => {
  const { ana } = await alone(t);
  for (const place of [ana.card("Plan"), ana.column("To do").locator("header .count")]) {
    const from = middle(await place.boundingBox());
    await ana.page.mouse.move(from.x, from.y);
    await ana.page.mouse.down();
    await ana.page.mouse.move(from.x + 30, from.y + 90, { steps: 4 });
    await twoFrames(ana.page);
    assert.equal(await ana.page.locator("[data-marquee]").count(), 0);
    await ana.press("Escape");
    await ana.page.mouse.up();
  }
  const yui = await Person.opens(t, browser, ana.page.url(), "yui", { device: PHONE });
  const box = await yui.column("To do").boundingBox();
  const devtools = await yui.context.newCDPSession(yui.page);
  const touch = (type, ...touchPoints) => devtools.send("Input.dispatchTouchEvent", { type, touchPoints });
  const below = { x: box.x + box.width / 2, y: box.y + box.height + 40 };
  await touch("touchStart", below);
  for (const up of [40, 90, 160]) await touch("touchMove", { x: below.x, y: below.y - up });
  await twoFrames(yui.page);
  assert.equal(await yui.page.locator("[data-marquee]").count(), 0);
  await touch("touchEnd");
  assert.deepEqual([...(await chosen(ana)), ...(await chosen(yui))], []);
});

test("selected cards are dragged as one, in their order, with their number on the preview, and undone as one", async (t) => {
  const { ana, relay, board } = await alone(t);
  const ben = await Person.opens(t, browser, addressOf(relay, board), "ben");
  await ana.page.evaluate(() => {
    new MutationObserver((records) => {
      for (const { addedNodes } of records) {
        for (const node of addedNodes) window.piled ??= node.querySelector?.(".pile-count")?.textContent;
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
  await chooses(ana, "Ship", "Plan", "Mend");
  await ana.picksUp("Ship");
  assert.equal(await ana.page.locator(".card.lifted").count(), 3);
  assert.equal(await ana.page.evaluate(() => window.piled), "3");
  await ana.carriesTo("Doing", { before: "Test" });
  await ana.drops();
  await allSee([ana, ben], { "To do": ["Write", "Read"], Doing: ["Plan", "Ship", "Mend", "Test"], Done: [] });
  await ana.page.getByText("3 cards moved to “Doing”.").first().waitFor();
  await areChosen(ana, ["Plan", "Ship", "Mend"]);
  await ana.page.getByRole("button", { name: "Undo", exact: true }).click();
  await allSee([ana, ben], CARDS);
  await ana.drags("Read", "Done");
  await allSee([ana, ben], { "To do": ["Plan", "Write", "Ship"], Doing: ["Test", "Mend"], Done: ["Read"] });
});

test("selected cards are picked up, carried and dropped by keys, moved at once, archived and deleted as one", async (t) => {
  const { ana } = await alone(t);
  await ana.focuses("Write");
  await ana.press("Shift+ArrowDown");
  await areChosen(ana, ["Write", "Read"]);
  await ana.press("Space");
  await ana.hears("Picked up 2 cards");
  await ana.press("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp");
  await ana.hears("Doing, position 1 of 4");
  await ana.press("Space");
  await ana.hears("2 cards moved to “Doing”");
  await allSee([ana], { "To do": ["Plan", "Ship"], Doing: ["Write", "Read", "Test", "Mend"], Done: [] });
  await eventually(async () => assert.equal(await ana.focused(), "card c0-2"));
  await ana.press("Alt+ArrowDown");
  await allSee([ana], { "To do": ["Plan", "Ship"], Doing: ["Test", "Write", "Read", "Mend"], Done: [] });
  await ana.press("a");
  await ana.page.getByText("2 cards archived.").first().waitFor();
  await allSee([ana], { "To do": ["Plan", "Ship"], Doing: ["Test", "Mend"], Done: [] });
  await ana.focuses("Plan");
  await ana.press("x", "ArrowDown", "Shift+x", "Delete");
  await ana.page.getByText("2 cards deleted.").first().waitFor();
  await allSee([ana], { "To do": [], Doing: ["Test", "Mend"], Done: [] });
});

test("selected cards are carried by a long press on a phone", async (t) => {
  const { ana } = await alone(t, { device: PHONE });
  await ana.page.getByRole("button", { name: "Board menu" }).click();
  await ana.page.getByRole("menuitem", { name: "Select cards" }).click();
  await ana.link("Plan").tap();
  await ana.link("Write").tap();
  await areChosen(ana, ["Plan", "Write"]);
  const devtools = await ana.context.newCDPSession(ana.page);
  const touch = (type, ...touchPoints) => devtools.send("Input.dispatchTouchEvent", { type, touchPoints });
  const from = middle(await ana.card("Plan").boundingBox());
  const to = await ana.card("Ship").boundingBox();
  await touch("touchStart", from);
  await ana.page.locator(".pile-count").waitFor();
  assert.equal(await ana.page.locator(".pile-count").textContent(), "2");
  for (const share of [0.5, 1]) await touch("touchMove", { x: from.x, y: from.y + (to.y + to.height - 4 - from.y) * share });
  await eventually(async () => assert.equal(await ana.page.locator(".landing").count(), 1));
  await twoFrames(ana.page);
  await touch("touchEnd");
  await allSee([ana], { "To do": ["Read", "Ship", "Plan", "Write"], Doing: ["Test", "Mend"], Done: [] });
});

test("one archives a selection while another, offline, moves one of its cards: it is archived where it was moved", async (t) => {
  const { ana, relay, board } = await alone(t);
  const ben = await Person.opens(t, browser, addressOf(relay, board), "ben");
  await ben.context.setOffline(true);
  await ben.drags("Write", "Done");
  await chooses(ana, "Plan", "Write");
  await ana.page.getByRole("button", { name: "Archive", exact: true }).click();
  await ana.page.getByText("2 cards archived.").first().waitFor();
  await ben.context.setOffline(false);
  await allSee([ana, ben], { "To do": ["Read", "Ship"], Doing: ["Test", "Mend"], Done: [] });
  await ben.page.getByRole("button", { name: "Board menu" }).click();
  await ben.page.getByRole("menuitem", { name: "Archive and trash" }).click();
  await ben.page.getByRole("button", { name: "Restore Write" }).click();
  await allSee([ana, ben], { "To do": ["Read", "Ship"], Doing: ["Test", "Mend"], Done: ["Write"] });
});

test("two people drop selections into one gap at the same time: each one's cards stay together and in order", async (t) => {
  const { ana, relay, board } = await alone(t);
  const ben = await Person.opens(t, browser, addressOf(relay, board), "ben");
  await ben.context.setOffline(true);
  await chooses(ana, "Plan", "Write");
  await ana.drags("Plan", "Done");
  await chooses(ben, "Read", "Ship");
  await ben.drags("Read", "Done");
  await ben.context.setOffline(false);
  const { Done } = await allSee([ana, ben]);
  assert.ok([["Plan", "Write", "Read", "Ship"], ["Read", "Ship", "Plan", "Write"]].some((it) => it.join() === Done.join()), Done.join());
});

test("somebody deletes one of the cards while they are dragged: the others land", async (t) => {
  const { ana, relay, board } = await alone(t);
  const ben = await opensFromNode(t, relay, board, "ben");
  await chooses(ana, "Plan", "Write", "Read");
  await ana.picksUp("Plan");
  await ben.apply({ type: "deleteCard", card: "c0-1" });
  await ana.card("Write").waitFor({ state: "detached" });
  await ana.carriesTo("Done");
  await ana.drops();
  await allSee([ana], { "To do": ["Ship"], Doing: ["Test", "Mend"], Done: ["Plan", "Read"] });
});
