// Several cards at once, news since the last visit, copies, exports and imports.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { addressOf, allSee, boardAt, DESKTOP, eventually, opensFromNode, Person, PHONE, startBrowser, startRelay } from "./support/boards.mjs";
import { violations } from "./support/look.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const MORE = {
  labels: [{ id: "bug", name: "Bug", colour: "red" }],
  members: [{ id: "mana", name: "ana", colour: "" }],
};
const CARDS = { "To do": ["Plan", "Write", "Read", "Ship"], Doing: [{ title: "Test", assignees: ["mana"] }], Done: [] };

async function alone(t, options) {
  const relay = await startRelay(t);
  const board = await boardAt(t, relay, CARDS, MORE);
  return { relay, board, ana: await Person.opens(t, browser, addressOf(relay, board), "ana", options) };
}

const button = (person, name) => person.page.getByRole("button", { name, exact: true });
const item = (person, name) => person.page.getByRole("menuitem", { name, exact: true });
const chooses = async (person, menu, name) => {
  await button(person, menu).click();
  await item(person, name).click();
};
const selectedCount = (person) => person.page.locator("[data-selected]").count();

test("several cards are chosen by clicks and keys, moved as one, and taken back as one", async (t) => {
  const { ana, relay, board } = await alone(t);
  const ben = await Person.opens(t, browser, addressOf(relay, board), "ben");
  await ana.link("Plan").click({ modifiers: ["Control"] });
  await ana.link("Read").click({ modifiers: ["Shift"] });
  await ana.page.getByText("3 cards selected", { exact: true }).first().waitFor();
  await ana.focuses("Write");
  await ana.press("x");
  assert.equal(await selectedCount(ana), 2);
  await chooses(ana, "Move to", "Done");
  await allSee([ana, ben], { "To do": ["Write", "Ship"], Doing: ["Test"], Done: ["Plan", "Read"] });
  assert.equal(await selectedCount(ana), 0);
  await button(ana, "Undo").click();
  await allSee([ana, ben], CARDS_SHOWN);
});

const CARDS_SHOWN = { "To do": ["Plan", "Write", "Read", "Ship"], Doing: ["Test"], Done: [] };

test("chosen cards are labelled, assigned, archived; what others delete meanwhile is left out; Escape ends", async (t) => {
  const { ana, relay, board } = await alone(t);
  const ben = await opensFromNode(t, relay, board, "ben");
  const chooseTwo = async () => {
    for (const title of ["Plan", "Write"]) {
      await ana.focuses(title);
      await ana.press("x");
    }
  };
  await chooseTwo();
  await chooses(ana, "Label", "Bug");
  await chooseTwo();
  await chooses(ana, "Assign", "ana");
  await eventually(() => {
    const [plan, write] = ben.view.columns[0].cards;
    for (const card of [plan, write]) assert.deepEqual([card.labels, card.assignees], [["bug"], ["mana"]]);
  });
  await chooseTwo();
  await ben.apply({ type: "deleteCard", card: "c0-1" });
  await ana.page.getByText("1 card selected", { exact: true }).first().waitFor();
  await button(ana, "Archive").click();
  await allSee([ana], { "To do": ["Read", "Ship"], Doing: ["Test"], Done: [] });
  await ana.focuses("Read");
  await ana.press("x", "Escape");
  assert.equal(await selectedCount(ana), 0);
  assert.equal(await ana.focused(), "card c0-2");
});

test("on a phone cards are chosen by taps, once that is begun", async (t) => {
  const { ana } = await alone(t, { device: PHONE });
  await chooses(ana, "Board menu", "Select cards");
  await ana.link("Plan").tap();
  await ana.link("Read").tap();
  await ana.page.getByText("2 cards selected", { exact: true }).first().waitFor();
  await button(ana, "Delete").click();
  await allSee([ana], { "To do": ["Write", "Ship"], Doing: ["Test"], Done: [] });
});

test("whoever comes back is told what has changed, and sees on which cards until they have seen it", async (t) => {
  const { ana, relay, board } = await alone(t);
  await ana.page.goto(`http://${relay.address}/`);
  await ana.page.getByRole("heading", { name: "Your boards" }).waitFor();
  const ben = await opensFromNode(t, relay, board, "ben");
  await ben.apply({ type: "moveCard", card: "c0-0", column: "column2", to: "last" });
  await ben.apply({ type: "moveCard", card: "c0-1", column: "column2", to: "last" });
  await ben.apply({ type: "addMember", member: "mben", name: "ben", colour: "" });
  await ben.apply({ type: "addComment", card: "c1-0", comment: "note", by: "mben", text: "Done?" });
  await ben.apply({ type: "setDue", card: "c1-0", due: "2020-01-01" });
  await ben.whenSaved();
  await ana.page.goto(addressOf(relay, board));
  await ana.page.getByText(/^Since .*: 2 moves, 1 comment, 2 other changes, 1 card of yours due soon$/).first().waitFor();
  await eventually(async () => assert.equal(await ana.page.locator("[data-unread]").count(), 3));
  await ana.link("Plan").click();
  await ana.page.getByRole("dialog").waitFor();
  await ana.press("Escape");
  await eventually(async () => assert.equal(await ana.page.locator("[data-unread]").count(), 2));
  await button(ana, "Show").click();
  await eventually(async () => assert.equal(await ana.page.locator("[data-activity]").count(), 5));
  await button(ana, "Mark all as seen").click();
  assert.equal(await ana.page.locator("[data-unread]").count(), 0);
  await ana.page.reload();
  await ana.card("Plan").waitFor();
  await ana.page.waitForTimeout(1000);
  assert.equal(await ana.page.getByText(/^Since /).count(), 0);
});

test("whoever comes back reads first that they were mentioned, and of what is theirs and due though nobody did anything", async (t) => {
  const { ana, relay, board } = await alone(t);
  const home = async () => {
    await ana.page.goto(`http://${relay.address}/`);
    await ana.page.getByRole("heading", { name: "Your boards" }).waitFor();
  };
  await home();
  const ben = await opensFromNode(t, relay, board, "ben");
  await ben.apply({ type: "addMember", member: "mben", name: "ben", colour: "" });
  await ben.apply({ type: "addComment", card: "c0-1", comment: "n1", by: "mben", text: "@ana, is this yours?" });
  await ben.apply({ type: "addComment", card: "c0-2", comment: "n2", by: "mben", text: "@anabel wrote to ana@example.com" });
  await ben.apply({ type: "moveCard", card: "c1-0", column: "column2", to: "last" });
  await ben.whenSaved();
  await ana.page.goto(addressOf(relay, board));
  await ana.page.getByText(/^Since .*: 1 mention of you, 1 move, 2 comments, 1 other change$/).first().waitFor();
  await ana.link("Write").click();
  await ana.press("Escape");
  await eventually(async () => assert.equal(await ana.page.locator("[data-card]:has([data-unread]) .title").filter({ hasText: "Write" }).count(), 0));

  await home();
  await ben.apply({ type: "setDue", card: "c1-0", due: "2020-01-01" });
  await ben.whenSaved();
  await ana.page.goto(addressOf(relay, board));
  await ana.page.getByText(/^Since .*: 1 other change, 1 card of yours due soon$/).first().waitFor();
  await home();
  await ana.page.evaluate(() => {
    for (const key of Object.keys(localStorage).filter((it) => it.startsWith("kanban.seen."))) {
      const { heads, at } = JSON.parse(localStorage.getItem(key));
      localStorage.setItem(key, JSON.stringify({ heads, at: at - 2 * 86400 }));
    }
  });
  await ana.page.goto(addressOf(relay, board));
  await ana.page.getByText(/^Since .*: 1 card of yours due soon$/).first().waitFor();
});

test("a card of mine that two people moved at once is told to whoever comes back", async (t) => {
  const { ana, relay, board } = await alone(t);
  const [ben, eve] = [await opensFromNode(t, relay, board, "ben"), await Person.opens(t, browser, addressOf(relay, board), "eve")];
  await ana.page.goto(`http://${relay.address}/`);
  await ana.page.getByRole("heading", { name: "Your boards" }).waitFor();
  await eve.context.setOffline(true);
  await eve.drags("Test", "To do");
  await ben.apply({ type: "moveCard", card: "c1-0", column: "column2", to: "last" });
  await ben.whenSaved();
  await eve.context.setOffline(false);
  await eve.page.getByText("1 decision", { exact: true }).waitFor();
  await eve.page.getByText("Saved", { exact: true }).waitFor();
  await ana.page.goto(addressOf(relay, board));
  await ana.page.getByText(/^Since .*2 moves, 1 decision on your cards$/).first().waitFor();
});

test("a card is duplicated, and a board copied as a template", async (t) => {
  const { ana } = await alone(t);
  await ana.link("Test").click();
  await button(ana, "Duplicate").click();
  await ana.page.getByText("Card “Test” is duplicated.").first().waitFor();
  await ana.press("Escape");
  await allSee([ana], { ...CARDS_SHOWN, Doing: ["Test", "Test"] });
  await chooses(ana, "Board menu", "Copy this board…");
  await ana.page.getByLabel("Name of the copy").fill("Next release");
  await button(ana, "Make the copy").click();
  await ana.page.getByRole("heading", { level: 1, name: "Next release" }).waitFor();
  await allSee([ana], { ...CARDS_SHOWN, Doing: ["Test", "Test"] });
  await ana.page.locator(".filter-button").click();
  await ana.page.getByRole("checkbox", { name: "Bug" }).waitFor();
  assert.equal(await ana.page.getByRole("checkbox", { name: "ana" }).count(), 0);
});

async function saves(person, name) {
  await button(person, "Board menu").click();
  const [file] = await Promise.all([person.page.waitForEvent("download"), item(person, name).click()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

const drop = (person, name, text) =>
  person.page.evaluate(
    ([name, text]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], name, { type: "application/json" }));
      for (const type of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }
    },
    [name, text],
  );

test("a board is saved as a file, and files dropped at home become boards, with what was left out", async (t) => {
  const { ana, relay } = await alone(t);
  const json = await saves(ana, "JSON, to import again");
  assert.equal(json.name, "Release.json");
  assert.match((await saves(ana, "CSV, for spreadsheets")).text, /^\ufeff.*title/i);
  assert.match((await saves(ana, "Markdown, to read")).text, /## To do/);
  await ana.page.goto(`http://${relay.address}/`);
  await ana.page.getByRole("heading", { name: "Your boards" }).waitFor();
  await drop(ana, "holiday.json", "{}");
  await ana.page.getByText(/holiday.json is no board/).first().waitFor();
  const trello = {
    name: "Old work",
    lists: [{ id: "l1", name: "Ideas", closed: false, pos: 1 }],
    cards: [{ id: "k1", idList: "l1", name: "Fly", desc: "", pos: 1, closed: false, idLabels: [], idMembers: [], idChecklists: [], attachments: [{ id: "a", name: "plan.pdf", url: "https://example.com/plan.pdf", isUpload: true }] }],
    labels: [], members: [], checklists: [], actions: [],
  };
  await drop(ana, "trello.json", JSON.stringify(trello));
  await ana.page.getByRole("dialog", { name: "“Old work” is imported" }).waitFor();
  await ana.page.getByText("1 column and 1 card.").waitFor();
  await button(ana, "Open the board").click();
  await allSee([ana], { Ideas: ["Fly"] });
  await ana.page.goto(`http://${relay.address}/`);
  await ana.page.locator("input[type=file]").setInputFiles({ name: "r.json", mimeType: "application/json", buffer: Buffer.from(json.text) });
  await button(ana, "Open the board").or(ana.card("Plan")).first().waitFor();
  if (await button(ana, "Open the board").count()) await button(ana, "Open the board").click();
  await allSee([ana], CARDS_SHOWN);
});

for (const [kind, device] of [["wide", DESKTOP], ["on a phone", PHONE]]) {
  for (const theme of ["light", "dark"]) {
    test(`selection, copy and home have no violation, ${theme}, ${kind}`, async (t) => {
      const { ana, relay } = await alone(t, { theme, device });
      const found = {};
      const look = async (name) => {
        await ana.picture(`${name}-${theme}-${kind.replaceAll(" ", "-")}`);
        found[name] = await violations(ana.page);
        const wider = await ana.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        if (wider) found[name].push("wider than the screen");
      };
      await ana.focuses("Plan");
      await ana.press("x");
      await look("selection");
      await ana.press("Escape");
      await chooses(ana, "Board menu", "Copy this board…");
      await look("copy");
      await ana.page.goto(`http://${relay.address}/`);
      await ana.page.getByRole("heading", { name: "Your boards" }).waitFor();
      await look("home");
      assert.deepEqual(found, { selection: [], copy: [], home: [] });
    });
  }
}
