import { generateAutomergeUrl } from "@automerge/automerge-repo";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./support/eventually.mjs";
import { Relay } from "./support/relay.mjs";
import { allShow, PAGE, startBrowser, Window } from "./support/window.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

/** Ana has made a board with four cards, and Ben has opened the link to it. */
async function anaAndBen(t) {
  const relay = await Relay.start(t, { webDir: PAGE });
  const ana = await Window.opens(t, browser, relay.pageUrl);
  for (const title of ["Plan", "Write", "Review", "Ship"]) await ana.adds(title, "To do");
  await ana.says("All changes saved");
  const ben = await Window.opens(t, browser, ana.address);
  await allShow([ana, ben], { "To do": ["Plan", "Write", "Review", "Ship"], Doing: [], Done: [] });
  return { relay, ana, ben };
}

test("a card dragged in one window moves in the other", async (t) => {
  const { ana, ben } = await anaAndBen(t);
  await ana.drags("Write", "Doing");
  await allShow([ana, ben], { "To do": ["Plan", "Review", "Ship"], Doing: ["Write"], Done: [] });
  await ben.drags("Ship", "To do", { before: "Plan" });
  await allShow([ana, ben], { "To do": ["Ship", "Plan", "Review"], Doing: ["Write"], Done: [] });
  await ben.picture("two-people");
});

test("what two people drag apart ends in one place each, and the other place is said", async (t) => {
  const { ana, ben } = await anaAndBen(t);
  await ben.context.setOffline(true);
  await ben.drags("Write", "Done");
  await ben.drags("Review", "Doing");
  await ben.says("Offline: 2 changes wait");
  await ben.picture("offline");
  await ana.drags("Write", "Doing");
  await ana.drags("Ship", "To do", { before: "Plan" });
  await ana.says("All changes saved");

  await ben.context.setOffline(false);
  const { "To do": todo, Doing: doing, Done: done } = await allShow([ana, ben]);
  assert.deepEqual(todo, ["Ship", "Plan"]);
  assert.ok(doing.includes("Review"));
  assert.deepEqual([...doing, ...done].sort(), ["Review", "Write"], "each card is in one column");
  const other = doing.includes("Write") ? "Done" : "Doing";
  for (const person of [ana, ben]) {
    const note = await person.card("Write").locator(".note").innerText();
    assert.ok(note.startsWith(`Also moved to “${other}” at the same time.`), note);
  }
  await ana.picture("conflict");

  await ben.card("Write").getByRole("button", { name: "Move it there" }).click();
  await eventually(async () => {
    assert.ok((await ana.shows()).columns[other].includes("Write"));
    assert.equal(await ana.card("Write").locator(".note").count(), 0);
  });
  await allShow([ana, ben]);
});

test("a card that one person deletes while another moves it stays until somebody decides", async (t) => {
  const { ana, ben } = await anaAndBen(t);
  await ben.context.setOffline(true);
  await ben.drags("Write", "Done");
  await ana.card("Write").press("Delete");
  await ana.says("All changes saved");
  await ben.context.setOffline(false);
  await allShow([ana, ben], { "To do": ["Plan", "Review", "Ship"], Doing: [], Done: ["Write"] });
  await ana.card("Write").getByText("Somebody deleted this card at the same time.").waitFor();
  await ana.picture("deleted");
  await ana.card("Write").getByRole("button", { name: "Keep it" }).click();
  await eventually(async () => assert.equal(await ben.card("Write").locator(".note").count(), 0));
  await allShow([ana, ben], { "To do": ["Plan", "Review", "Ship"], Doing: [], Done: ["Write"] });
});

test("both windows go on when the relay was killed, and a reload shows the same board", async (t) => {
  const { relay, ana, ben } = await anaAndBen(t);
  await relay.kill();
  await ana.drags("Plan", "Doing");
  await ben.drags("Ship", "Done");
  await ana.says("Offline: 1 change waits");
  await ben.says("Offline: 1 change waits");
  await relay.restart();
  const board = { "To do": ["Write", "Review"], Doing: ["Plan"], Done: ["Ship"] };
  await allShow([ana, ben], board);
  await ben.page.reload();
  await allShow([ana, ben], board);
});

test("a drag lands where it is dropped while the board changes under it", async (t) => {
  const { ana, ben } = await anaAndBen(t);
  await ana.picksUp("Ship");
  await ana.carriesTo("To do", { before: "Write" });
  await ben.drags("Plan", "Done");
  await eventually(async () => {
    assert.deepEqual((await ana.shows()).columns.Done, ["Plan"]);
  });
  await ana.picture("drag");
  await ana.carriesTo("To do", { before: "Review" });
  await ana.page.mouse.up();
  await allShow([ana, ben], { "To do": ["Write", "Ship", "Review"], Doing: [], Done: ["Plan"] });
});

test("a title half typed survives that somebody else moves the card", async (t) => {
  const { ana, ben } = await anaAndBen(t);
  await ana.card("Write").focus();
  await ana.page.keyboard.press("Enter");
  await ana.page.keyboard.type("Write it");
  await ben.drags("Write", "Done");
  await eventually(async () => {
    assert.deepEqual((await ana.shows()).columns.Done, ["Write"]);
  });
  await ana.page.keyboard.type(" down");
  await ana.page.keyboard.press("Enter");
  const todo = ["Plan", "Review", "Ship"];
  await allShow([ana, ben], { "To do": todo, Doing: [], Done: ["Write it down"] });
});

test("the keyboard moves, renames and deletes a card, and the page says where it went", async (t) => {
  const { ana, ben } = await anaAndBen(t);
  await ana.card("Write").focus();
  await ana.page.keyboard.press("Alt+ArrowDown");
  await ana.page.keyboard.press("Alt+ArrowRight");
  await eventually(async () => {
    const said = await ana.page.locator("#said").textContent();
    assert.equal(said, "“Write” is in Doing, position 1 of 1");
  });
  await ana.page.keyboard.press("Enter");
  await ana.page.keyboard.type("Write it down");
  await ana.page.keyboard.press("Enter");
  await allShow([ana, ben], {
    "To do": ["Plan", "Review", "Ship"],
    Doing: ["Write it down"],
    Done: [],
  });
  await ana.page.keyboard.press("Delete");
  await allShow([ana, ben], { "To do": ["Plan", "Review", "Ship"], Doing: [], Done: [] });
  await ana.page.getByRole("button", { name: "Undo" }).click();
  await allShow([ana, ben], {
    "To do": ["Plan", "Review", "Ship"],
    Doing: ["Write it down"],
    Done: [],
  });
});

test("texts of people are shown as they were typed, and run nowhere", async (t) => {
  const { ana, ben } = await anaAndBen(t);
  const title = "<img src=x onerror=\"document.title='hacked'\"> & <b>bold</b>";
  await ana.adds(title, "Doing");
  await ana.column("Done").getByRole("heading").dblclick();
  await ana.page.keyboard.type("<i>Done</i>");
  await ana.page.keyboard.press("Enter");
  const todo = ["Plan", "Write", "Review", "Ship"];
  await allShow([ana, ben], { "To do": todo, Doing: [title], "<i>Done</i>": [] });
  assert.equal(await ben.page.locator("#board").locator("img, b, i").count(), 0);
  assert.equal(await ben.page.title(), "Our board");
});

test("a link to no board says so, and so does one that nobody has brought yet", async (t) => {
  const relay = await Relay.start(t, { webDir: PAGE });
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`${relay.pageUrl}#automerge:damaged`);
  await page.getByText("The link is damaged").waitFor();
  await page.goto(`${relay.pageUrl}#${generateAutomergeUrl()}`);
  await page.getByText("Nobody has brought this board to the relay yet").waitFor();
});

test("what was done offline is there when the window is closed and opened again", async (t) => {
  const { relay, ana, ben } = await anaAndBen(t);
  await relay.kill();
  await ana.drags("Plan", "Doing");
  await ana.says("Offline: 1 change waits");
  const { address } = ana;
  await ana.page.close();
  await relay.restart();
  const again = await ana.opensATab(address);
  await allShow([again, ben], { "To do": ["Write", "Review", "Ship"], Doing: ["Plan"], Done: [] });
});

test("two tabs of one person show the same board while there is no relay", async (t) => {
  const { relay, ana } = await anaAndBen(t);
  const tab = await ana.opensATab();
  await allShow([ana, tab]);
  await relay.kill();
  const bothShow = (board) =>
    eventually(async () => {
      for (const window of [ana, tab]) assert.deepEqual((await window.shows()).columns, board);
    });
  await ana.drags("Plan", "Doing");
  // A card that moves away under the pointer of the other would be another story.
  await bothShow({ "To do": ["Write", "Review", "Ship"], Doing: ["Plan"], Done: [] });
  await tab.drags("Ship", "Done");
  const board = { "To do": ["Write", "Review"], Doing: ["Plan"], Done: ["Ship"] };
  await bothShow(board);
  await ana.says("Offline: 2 changes wait");
  await relay.restart();
  await allShow([ana, tab], board);
});

test("a phone shows the same board, and a finger drags a card by its grip", async (t) => {
  const { ana } = await anaAndBen(t);
  const phone = { viewport: { width: 400, height: 800 }, hasTouch: true, isMobile: true };
  const carol = await Window.opens(t, browser, ana.address, phone);
  await carol.dragsWithAFinger("Plan", "Doing");
  await allShow([ana, carol], { "To do": ["Write", "Review", "Ship"], Doing: ["Plan"], Done: [] });
  const excess = await carol.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(excess <= 0, "nothing sticks out");
  await carol.picture("phone");
});
