// The board without a mouse, by touch, for readers, and with texts of people who mean harm.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addressOf, boardAt, eventually, middle, Person, PHONE, startBrowser, startRelay, withoutNetwork } from "./support/boards.mjs";
import { violations } from "./support/look.mjs";
import { PAYLOADS } from "./support/payloads.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const CARDS = { "To do": ["Plan", "Write", "Review", "Ship"], Doing: ["Test"], Done: [] };

async function alone(t, options, columns = CARDS) {
  const relay = await startRelay(t);
  const board = await boardAt(t, relay, columns);
  return { relay, board, ana: await Person.opens(t, browser, addressOf(relay, board), "ana", options) };
}

test("arrow keys go from card to card, Enter opens, Escape comes back", async (t) => {
  const { ana } = await alone(t);
  await ana.press("ArrowDown");
  await eventually(async () => assert.equal(await ana.focused(), "card c0-0"));
  for (const [key, at] of [["ArrowDown", "card c0-1"], ["ArrowRight", "card c1-0"], ["ArrowRight", "column column2"], ["ArrowLeft", "column column1"], ["ArrowDown", "card c1-0"], ["ArrowLeft", "card c0-0"], ["End", "card c0-3"], ["Home", "card c0-0"], ["ArrowUp", "column column0"], ["ArrowDown", "card c0-0"]]) {
    await ana.press(key);
    await eventually(async () => assert.equal(await ana.focused(), at, key), 3000);
  }
  await ana.press("Enter");
  await ana.page.getByRole("dialog").waitFor();
  await ana.press("Escape");
  await eventually(async () => assert.equal(await ana.focused(), "card c0-0"));
});

test("a card is picked up, carried and dropped by keys, and each step is said", async (t) => {
  const { ana, board } = await alone(t);
  await ana.focuses("Write");
  await ana.press("Space");
  await ana.hears("Picked up Write");
  await ana.press("ArrowRight");
  await ana.hears("Doing, position 2 of 2");
  await board.apply({ type: "moveCard", card: "c0-0", column: "column1", to: "first" });
  await eventually(async () => assert.deepEqual((await ana.shows()).Doing, ["Plan", "Test"]));
  await ana.press("ArrowUp");
  await ana.hears("Doing, position 2 of 3");
  await ana.press("Space");
  await ana.hears("Card Write moved to Doing, position 2 of 3");
  assert.deepEqual((await ana.shows()).Doing, ["Plan", "Write", "Test"]);
  await eventually(async () => assert.equal(await ana.focused(), "card c0-1"));
  await ana.press("Space", "ArrowRight", "Escape");
  await ana.hears("Put back");
  assert.deepEqual((await ana.shows()).Doing, ["Plan", "Write", "Test"]);
});

test("what is said right after something else does not take its place", async (t) => {
  const { ana } = await alone(t);
  await ana.focuses("Write");
  await ana.page.evaluate(() => {
    for (const key of [" ", "Escape"]) {
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }
  });
  await ana.hears(/^Picked up Write.*Put back$/);
});

test("Alt and an arrow key move at once, columns too", async (t) => {
  const { ana } = await alone(t);
  await ana.focuses("Write");
  for (const key of ["Alt+ArrowDown", "Alt+ArrowRight", "Alt+ArrowUp"]) {
    await ana.press(key);
    await ana.page.waitForTimeout(200);
    assert.equal(await ana.focused(), "card c0-1", key);
  }
  await eventually(async () => assert.deepEqual(await ana.shows(), { "To do": ["Plan", "Review", "Ship"], Doing: ["Write", "Test"], Done: [] }));
  await ana.press("ArrowUp");
  await ana.press("Alt+ArrowRight");
  await ana.hears("Column Doing moved to position 3 of 3");
  await ana.press("Space", "ArrowLeft", "ArrowLeft", "Space");
  await ana.hears("Column Doing moved to position 1 of 3");
  assert.deepEqual(await ana.columns(), ["Doing", "To do", "Done"]);
});

test("deleting keeps the focus near, says so and offers to undo; Ctrl+Z says what it took back", async (t) => {
  const { ana } = await alone(t);
  await ana.focuses("Write");
  await ana.press("Delete");
  await ana.page.getByText("Card “Write” is deleted.").first().waitFor();
  await eventually(async () => assert.equal(await ana.focused(), "card c0-2"));
  await ana.press("Control+z");
  await ana.page.getByText("Undone: “Write” deleted.").first().waitFor();
  assert.deepEqual((await ana.shows())["To do"], ["Plan", "Write", "Review", "Ship"]);
  await ana.press("Control+Shift+z");
  await eventually(async () => assert.deepEqual((await ana.shows())["To do"], ["Plan", "Review", "Ship"]));
  await ana.press("Control+z", "Control+z");
  await ana.page.getByText("There is nothing of yours to undo.").first().waitFor();
});

test("every key in the list of shortcuts does what the list says", async (t) => {
  const { ana, board } = await alone(t);
  const { page } = ana;
  const shows = (expected) => eventually(async () => assert.deepEqual(await ana.shows(), expected), 5000);
  const isChosen = (count) => eventually(async () => assert.equal(await page.locator("[data-selected]").count(), count));
  const keys = { at: (id) => eventually(async () => assert.equal(await ana.focused(), id)) };

  await ana.focuses("Plan");
  await ana.press("?");
  const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  const rows = await list.locator("dl > div").count();
  await ana.press("Escape");
  await keys.at("card c0-0");

  await ana.press("ArrowDown");
  await keys.at("card c0-1");
  await ana.press("End");
  await keys.at("card c0-3");
  await ana.press("Home", "Enter");
  await page.getByRole("dialog", { name: "Plan" }).waitFor();
  await ana.press("e");
  await page.getByRole("textbox", { name: "Description" }).waitFor();
  await ana.press("Escape", "Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await keys.at("card c0-0");

  await ana.press("n");
  await page.keyboard.type("New");
  await ana.press("Enter", "Escape");
  await shows({ "To do": ["Plan", "Write", "Review", "Ship", "New"], Doing: ["Test"], Done: [] });
  for (const [key, name] of [["e", "Newer"], ["F2", "Newest"]]) {
    await ana.focuses(key === "e" ? "New" : "Newer");
    await ana.press(key);
    await page.keyboard.type(name);
    await ana.press("Enter");
    await ana.card(name).waitFor();
  }
  await ana.press("Space", "ArrowRight", "Space");
  await shows({ "To do": ["Plan", "Write", "Review", "Ship"], Doing: ["Test", "Newest"], Done: [] });
  await ana.press("Alt+ArrowUp");
  await shows({ "To do": ["Plan", "Write", "Review", "Ship"], Doing: ["Newest", "Test"], Done: [] });
  await ana.press("a");
  await shows({ "To do": ["Plan", "Write", "Review", "Ship"], Doing: ["Test"], Done: [] });
  await ana.press("Delete");
  await shows({ "To do": ["Plan", "Write", "Review", "Ship"], Doing: [], Done: [] });

  await ana.focuses("Plan");
  await ana.press("x", "ArrowDown", "ArrowDown", "Shift+x");
  await isChosen(3);
  await ana.press("Shift+ArrowDown");
  await isChosen(4);
  await ana.press("x");
  await isChosen(3);
  await ana.press("Escape");
  await isChosen(0);

  await ana.press("Control+z");
  await shows({ "To do": ["Plan", "Write", "Review", "Ship"], Doing: ["Test"], Done: [] });
  await ana.press("Control+Shift+z");
  await shows({ "To do": ["Plan", "Write", "Review", "Ship"], Doing: [], Done: [] });
  await ana.press("Control+z", "Control+y");
  await shows({ "To do": ["Plan", "Write", "Review", "Ship"], Doing: [], Done: [] });

  await ana.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.type), "search");
  await ana.focuses("Ship");

  await ana.context.setOffline(true);
  await ana.press("Alt+ArrowRight");
  await board.apply({ type: "moveCard", card: "c0-3", column: "column2", to: "last" });
  await board.whenSaved();
  await ana.context.setOffline(false);
  await page.getByText("1 decision", { exact: true }).waitFor();
  await ana.press("d");
  await eventually(async () => assert.match(await page.evaluate(() => document.activeElement.textContent), /Keep in|Move to/));
  // As many as were pressed here: a line more has its key here too.
  assert.equal(rows, 18);
});

test("an undo that would take somebody else's move away is refused, and says so", async (t) => {
  const { ana, board } = await alone(t);
  await ana.focuses("Write");
  await ana.press("Alt+ArrowRight");
  await eventually(() => assert.equal(board.view.columns[1].cards.length, 2));
  await board.apply({ type: "moveCard", card: "c0-1", column: "column2", to: "last" });
  await eventually(async () => assert.deepEqual((await ana.shows()).Done, ["Write"]));
  await ana.press("Control+z");
  await ana.page.getByText(/Not undone: somebody has changed it since/).first().waitFor();
  assert.deepEqual((await ana.shows()).Done, ["Write"]);
});

test("a long press drags at 360 pixels", async (t) => {
  const { ana } = await alone(t, { device: PHONE });
  const devtools = await ana.context.newCDPSession(ana.page);
  const touch = (type, ...touchPoints) => devtools.send("Input.dispatchTouchEvent", { type, touchPoints });
  const from = middle(await ana.card("Plan").boundingBox());
  const to = await ana.card("Ship").boundingBox();
  await touch("touchStart", from);
  await ana.page.locator(".card.lifted").waitFor();
  for (const share of [0.3, 0.6, 1]) {
    await touch("touchMove", { x: from.x, y: from.y + (to.y + to.height - 4 - from.y) * share });
    await ana.page.waitForTimeout(80);
  }
  await ana.page.waitForTimeout(200);
  await touch("touchEnd");
  await eventually(async () => assert.deepEqual((await ana.shows())["To do"], ["Write", "Review", "Ship", "Plan"]), 5000);
  assert.ok(await ana.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page itself does not scroll sideways");
});

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing on the board, in the dialog and where something is to be decided: ${theme}`, async (t) => {
    const soon = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    const checklist = { id: "k", name: "Parts", items: [{ id: "i", text: "One", done: true }, { id: "j", text: "Two", done: false }] };
    const full = { title: "Full", description: "x", due: soon, labels: ["bug"], assignees: ["ben"], checklists: [checklist], cover: "#3d78c2" };
    const relay = await startRelay(t);
    const extra = { labels: [{ id: "bug", name: "Bug", colour: "red" }], members: [{ id: "ben", name: "Ben Okoro", colour: "" }] };
    const board = await boardAt(t, relay, { "To do": [full, "Write"], Doing: ["Test"], Done: [] }, extra);
    const ana = await Person.opens(t, browser, addressOf(relay, board), "ana", { theme });
    assert.deepEqual(await violations(ana.page), []);
    await ana.context.setOffline(true);
    await ana.page.waitForTimeout(300);
    await ana.drags("Write", "Done");
    await ana.focuses("Test");
    await ana.press("e");
    await ana.page.keyboard.type("Test it");
    await ana.press("Enter");
    await board.apply({ type: "moveCard", card: "c0-1", column: "column1", to: "first" });
    await board.apply({ type: "renameCard", card: "c1-0", title: "Test all" });
    await board.apply({ type: "deleteColumn", column: "column2", cards: "delete" });
    await ana.context.setOffline(false);
    await ana.page.getByText(/2 decisions|3 decisions/).waitFor();
    assert.deepEqual(await violations(ana.page), []);
    await ana.link("Full").click();
    await ana.page.getByRole("dialog").waitFor();
    assert.deepEqual(await violations(ana.page), []);
    await ana.press("Escape");
    await ana.page.getByRole("dialog").waitFor({ state: "hidden" });
    await ana.press("?");
    await ana.page.getByRole("dialog").waitFor();
    assert.deepEqual(await violations(ana.page), []);
  });
}

test("no text of anybody runs, opens a dialog or becomes an element", async (t) => {
  assert.ok(PAYLOADS.length >= 100);
  const cards = PAYLOADS.map((text) => ({
    title: text,
    description: text,
    cover: text.slice(0, 60),
    checklists: [{ id: "k", name: text, items: [{ id: "i", text, done: false }] }],
    comments: [{ id: "m", by: "evil", at: 1, text }],
    links: [{ id: "l", url: text, name: "" }],
  }));
  const relay = await startRelay(t);
  const columns = Object.fromEntries(PAYLOADS.slice(0, 20).map((text, at) => [`${at} ${text}`, cards.filter((_, index) => index % 20 === at)]));
  const extra = { labels: [{ id: "l", name: PAYLOADS[0], colour: PAYLOADS[1].slice(0, 60) }], members: [{ id: "evil", name: PAYLOADS[2], colour: "" }], name: PAYLOADS[3] };
  const board = await boardAt(t, relay, columns, extra);
  const ana = await Person.opens(t, browser, addressOf(relay, board), "ana", { device: { viewport: { width: 6400, height: 1200 } } });
  await ana.page.locator("[data-card]").nth(99).waitFor();
  const look = () =>
    ana.page.evaluate(() => ({
      isHurt: "hurt" in window,
      strange: [...document.querySelectorAll("#app *, body > *")].map((it) => it.localName).filter((name) => ["script", "img", "iframe", "object", "embed", "base", "meta", "style", "video", "audio", "marquee", "math", "details"].includes(name)),
      handlers: [...document.querySelectorAll("#app *")].flatMap((it) => it.getAttributeNames().filter((name) => name.startsWith("on"))),
      addresses: [...document.querySelectorAll("#app a[href]")].map((it) => it.protocol).filter((it) => !["http:", "https:", "mailto:"].includes(it)),
    }));
  const nothing = { isHurt: false, strange: [], handlers: [], addresses: [] };
  assert.deepEqual(await look(), nothing);
  // All were drawn at once; a dialog on so large a page takes half a second.
  await ana.page.setViewportSize({ width: 1280, height: 1200 });
  for (let at = 0; at < PAYLOADS.length; at += 1) {
    const id = `c${at % 20}-${Math.floor(at / 20)}`;
    await ana.page.locator(`[data-focus="card ${id}"]`).click({ position: { x: 2, y: 2 } });
    await ana.page.locator(`[data-open-card="${id}"]`).waitFor();
    assert.deepEqual(await look(), nothing, PAYLOADS[at]);
    const opened = await ana.page.getByRole("dialog").locator("a[target=_blank]:not([rel='noopener noreferrer'])").count();
    assert.equal(opened, 0);
    await ana.press("Escape");
    await ana.page.locator(`[data-open-card="${id}"]`).waitFor({ state: "detached" });
  }
  await ana.page.getByPlaceholder("Search cards").fill("<");
  await ana.page.waitForTimeout(200);
  assert.deepEqual(await look(), nothing);
  assert.equal(ana.dialogs, 0);
  assert.deepEqual(withoutNetwork(ana.errors), []);
});

