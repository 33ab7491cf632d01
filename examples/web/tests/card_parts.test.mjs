// What a card holds beside its title, changed by two people at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addressOf, boardAt, eventually, PHONE, Person, startBrowser, startRelay, withoutNetwork } from "./support/boards.mjs";
import { violations } from "./support/look.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const LABELS = [{ id: "bug", name: "Bug", colour: "red" }, { id: "ux", name: "Experience", colour: "purple" }];
const MEMBERS = [{ id: "ana", name: "ana", colour: "" }, { id: "ben", name: "ben", colour: "" }];
const LIST = { id: "k", name: "Steps", items: [{ id: "i1", text: "One", done: false }, { id: "i2", text: "Two", done: false }] };
const COMMENTS = [{ id: "r1", by: "ben", at: 1_700_000_000, text: "Hello **you**" }];

async function openCard(t, { card = {}, names = ["ana", "ben"], extra = { labels: LABELS, members: MEMBERS }, options } = {}) {
  const relay = await startRelay(t);
  const board = await boardAt(t, relay, { "To do": [{ title: "Plan", ...card }, "Write"] }, extra);
  const id = board.view.columns[0].cards[0].id;
  const people = [];
  for (const name of names) people.push(await Person.opens(t, browser, addressOf(relay, board, id), name, options));
  const now = () => board.ask({ type: "card", card: id });
  return { relay, board, id, people, now };
}

const dialog = (person) => person.page.locator("dialog[open]");
const button = (person, name) => dialog(person).getByRole("button", { name, exact: true });

/** Both do it without hearing of each other. */
async function apart(people, ...deeds) {
  for (const person of people) await person.context.setOffline(true);
  for (const person of people) await person.page.getByText(/^Offline/).first().waitFor({ state: "attached" });
  for (const [index, deed] of deeds.entries()) await deed(people[index]);
  for (const person of people) await person.context.setOffline(false);
}

async function ticks(person, opener, name) {
  await button(person, opener).click();
  await person.page.getByRole("checkbox", { name, exact: true }).click();
  await person.press("Escape");
}

test("labels that two people give at once are both there, and one may be made, renamed and deleted", async (t) => {
  const { board, people: [ana, ben], now } = await openCard(t);
  await apart([ana, ben], (it) => ticks(it, "Edit labels", "Bug"), (it) => ticks(it, "Edit labels", "Experience"));
  await eventually(() => assert.deepEqual([...now().labels].sort(), ["bug", "ux"]));
  await dialog(ben).getByRole("list", { name: "Labels" }).getByText("Bug").waitFor();

  await button(ana, "Edit labels").click();
  await ana.page.getByLabel("Search labels or name a new one").fill("Urgent");
  await ana.press("Enter");
  await eventually(() => assert.equal(now().labels.length, 3));
  await button(ana, "Change the label Urgent").click();
  await ana.page.getByLabel("Name", { exact: true }).fill("Today");
  await ana.page.getByRole("radio", { name: "Sky" }).check({ force: true });
  await button(ana, "Save").click();
  await dialog(ben).getByRole("list", { name: "Labels" }).getByText("Today").waitFor();
  // In whatever view the name is, the colour is too.
  await eventually(() => assert.ok(board.view.labels.some(({ name }) => name === "Today")));
  assert.equal(board.view.labels.find(({ name }) => name === "Today").colour, "sky");
  await button(ana, "Change the label Today").click();
  await ana.page.locator("[popover]").getByRole("button", { name: "Delete", exact: true }).click();
  await ana.press("Escape");
  await eventually(() => assert.equal(board.view.labels.length, 2));
  await button(ana, "Undo").click();
  await dialog(ben).getByRole("list", { name: "Labels" }).getByText("Today").waitFor();
  assert.deepEqual(withoutNetwork([...ana.errors, ...ben.errors]), []);
});

test("two names that people gave one label at once can both be seen where it is changed", async (t) => {
  const { people: [ana, ben] } = await openCard(t);
  const renames = (name) => async (person) => {
    await button(person, "Edit labels").click();
    await button(person, "Change the label Bug").click();
    await person.page.getByLabel("Name", { exact: true }).fill(name);
    await button(person, "Save").click();
    await button(person, `Change the label ${name}`).waitFor();
  };
  await apart([ana, ben], renames("Defect"), renames("Fault"));
  await eventually(async () => {
    const shown = await Promise.all([ana, ben].map((it) => it.page.locator("[popover] .chip").allTextContents()));
    assert.deepEqual(shown[0], shown[1]);
  });
  await ana.page.getByRole("button", { name: /^Change the label (Defect|Fault)$/ }).click();
  await ana.page.getByText(/Somebody named it “(Defect|Fault)” at the same time/).waitFor();
});

test("two who list and assign the same person at once list one", async (t) => {
  const { board, people: [ana, ben], now } = await openCard(t, { extra: {} });
  const assigns = async (person) => {
    await button(person, "Assign people").click();
    await person.page.getByLabel("Search people or name somebody").fill("Chie Mori");
    await person.press("Enter");
    await dialog(person).getByRole("list", { name: "People" }).getByText("Chie Mori").waitFor();
    await person.press("Escape");
  };
  await apart([ana, ben], assigns, assigns);
  await eventually(() => assert.equal(now().assignees.length, 1));
  assert.deepEqual(board.view.members.map(({ name }) => name), ["Chie Mori"]);
});

test("a due date of one and a done mark of the other are both kept; overdue is said in words", async (t) => {
  const { people: [ana, ben], now } = await openCard(t);
  await apart(
    [ana, ben],
    async (it) => {
      await it.page.getByLabel("Due", { exact: false }).first().fill("2024-02-29");
      await it.page.getByLabel("Start").fill("2024-02-01");
      await it.press("Tab");
    },
    (it) => it.page.getByRole("checkbox", { name: "Done", exact: true }).click(),
  );
  await eventually(() => assert.deepEqual([now().start, now().due, now().done], ["2024-02-01", "2024-02-29", true]));
  await ben.page.getByRole("checkbox", { name: "Done", exact: true }).click();
  await dialog(ana).getByText("Overdue").waitFor();
  await ana.press("Escape");
  await ana.card("Plan").getByText("Overdue").waitFor({ state: "attached" });
  await button(ben, "Clear the due date").click();
  await eventually(() => assert.equal(now().due, null));
});

test("items are typed one after another, ticked, moved by keys and deleted, and what others add stays", async (t) => {
  const { people: [ana, ben], now } = await openCard(t, { card: { checklists: [LIST] } });
  await apart(
    [ana, ben],
    async (it) => {
      await button(it, "Add an item").click();
      await it.page.keyboard.type("Three\nFour\n", { delay: 5 });
      await it.press("Escape");
    },
    (it) => it.page.getByRole("checkbox", { name: "Done: Two" }).click(),
  );
  const items = () => now().checklists[0].items.map(({ text, done }) => `${text}${done ? "!" : ""}`);
  await eventually(() => assert.deepEqual(items(), ["One", "Two!", "Three", "Four"]));
  await ben.page.getByRole("textbox", { name: "Item", exact: true }).nth(3).waitFor();
  await ben.page.getByRole("checkbox", { name: "Done: Four" }).focus();
  await ben.press("Alt+ArrowUp", "Alt+ArrowUp");
  await eventually(() => assert.deepEqual(items(), ["One", "Four", "Two!", "Three"]));
  assert.equal(await ben.page.evaluate(() => document.activeElement.ariaLabel), "Done: Four");
  await ana.page.getByRole("textbox", { name: "Item", exact: true }).first().focus();
  await ana.press("Enter");
  await ana.page.keyboard.type("Between\n");
  await ana.press("Escape");
  await eventually(() => assert.deepEqual(items(), ["One", "Between", "Four", "Two!", "Three"]));
  await button(ana, "Menu of the item Four").click();
  await ana.page.getByRole("menuitem", { name: "Delete" }).click();
  await eventually(() => assert.equal(items().length, 4));
  await dialog(ben).getByRole("progressbar", { name: "Steps: 1 of 4 done" }).waitFor();
  assert.deepEqual(withoutNetwork([...ana.errors, ...ben.errors]), []);
});

test("comments of two people at once are both there, and each changes only their own", async (t) => {
  const { people: [ana, ben], now } = await openCard(t, { card: { comments: COMMENTS } });
  const says = (text) => async (person) => {
    await person.page.getByRole("textbox", { name: "Write a comment" }).fill(text);
    await person.press("Control+Enter");
  };
  await apart([ana, ben], says("From *ana*"), says("From ben"));
  await eventually(() => assert.deepEqual(now().comments.map(({ text }) => text).slice(1).sort(), ["From *ana*", "From ben"]));
  await dialog(ana).getByText("From ben").waitFor();
  assert.equal(await dialog(ana).getByRole("button", { name: "Menu of your comment" }).count(), 1);
  assert.equal(await dialog(ben).getByRole("button", { name: "Menu of your comment" }).count(), 2);
  await button(ana, "Menu of your comment").click();
  await ana.page.getByRole("menuitem", { name: "Change" }).click();
  await ana.page.getByRole("textbox", { name: "Change the comment" }).fill("Changed");
  await button(ana, "Save").click();
  await dialog(ben).getByText("Changed", { exact: true }).waitFor();
  await button(ana, "Menu of your comment").click();
  await ana.page.getByRole("menuitem", { name: "Delete" }).click();
  await eventually(() => assert.equal(now().comments.length, 2));
});

test("the field of a comment offers names after @, and who is mentioned stands out", async (t) => {
  const { people: [ana, ben] } = await openCard(t);
  await ana.page.getByRole("textbox", { name: "Write a comment" }).click();
  await ana.page.keyboard.type("Ask @b");
  await ana.page.getByRole("option", { name: "ben" }).waitFor();
  await ana.press("Enter");
  await ana.page.keyboard.type("today, not x@ben.org");
  await ana.press("Control+Enter");
  const mine = dialog(ben).locator(".mention.mine");
  await mine.waitFor();
  assert.deepEqual(await mine.allTextContents(), ["@ben"]);
});

test("a card is duplicated, gets a cover and a link; an address of a script is refused", async (t) => {
  const { board, people: [ana], now } = await openCard(t, { names: ["ana"] });
  await button(ana, "Add a link").click();
  await ana.page.getByLabel("Address").fill("javascript:alert(1)");
  await button(ana, "Add").click();
  await dialog(ana).getByText(/An address begins with/).waitFor();
  await ana.page.getByLabel("Address").fill("example.org/spec");
  await button(ana, "Add").click();
  await eventually(() => assert.equal(now().links[0]?.url, "https://example.org/spec"));
  await button(ana, "Choose the cover’s colour").click();
  await ana.page.getByRole("radio", { name: "Blue" }).check({ force: true });
  await eventually(() => assert.equal(now().cover, "blue"));
  await ana.press("Escape");
  await button(ana, "Duplicate").click();
  await eventually(() => assert.deepEqual(board.view.columns[0].cards.map(({ title }) => title), ["Plan", "Plan", "Write"]));
});

for (const [theme, device, language] of [["light", undefined, "en"], ["dark", PHONE, "ja"]]) {
  test(`axe finds nothing in the dialog and its panels, ${theme}, ${device ? "on a phone" : "wide"}, ${language}`, async (t) => {
    const card = { description: "# Goal\n- [x] a\n- [ ] b\n\n`code` https://example.org\n\n|a|b|\n|-|-|\n|1|2|", due: "2024-01-01", labels: ["bug"], assignees: ["ben"], checklists: [LIST], comments: COMMENTS, cover: "blue" };
    const { people: [ana] } = await openCard(t, { card, names: ["ana"], options: { theme, language, ...(device && { device }) } });
    const look = async (what) => assert.deepEqual(await violations(ana.page), [], what);
    await look("dialog");
    for (const part of ["labels", "people", "cover"]) {
      await dialog(ana).locator(`.${part} .popover-button`).click();
      await look(part);
      if (part === "labels") {
        await ana.page.locator("[popover] .icon-button").first().click();
        await look("label");
      }
      await ana.press("Escape");
    }
    await dialog(ana).locator(".description .icon-button").click();
    await look("description");
    await ana.press("Escape");
    await dialog(ana).locator("[data-checklist] .add").click();
    await look("item");
    await ana.press("Escape");
    await dialog(ana).locator(".comment-field textarea").click();
    await ana.page.keyboard.type("@b");
    await ana.page.locator(".offered [role=option]").waitFor();
    await look("mention");
    const isWide = await ana.page.evaluate(() => document.querySelector("dialog[open] .body").scrollWidth > document.querySelector("dialog[open] .body").clientWidth);
    assert.equal(isWide, false);
  });
}
