// The board as several people use it at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addressOf, allSee, boardAt, eventually, opensFromNode, Person, startBrowser, startRelay, withoutNetwork } from "./support/boards.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const CARDS = { "To do": ["Plan", "Write", "Review", "Ship"], Doing: [], Done: [] };

async function team(t, names = ["ana", "ben"], columns = CARDS, path) {
  const relay = await startRelay(t);
  const board = await boardAt(t, relay, columns);
  const people = [];
  for (const name of names) people.push(await Person.opens(t, browser, addressOf(relay, board, path), name));
  return { relay, board, people };
}

const isOffline = (person) => eventually(() => person.page.getByText(/^Offline/).first().waitFor({ timeout: 1000 }));

test("drags of two people at once are both kept", async (t) => {
  const { people: [ana, ben] } = await team(t);
  await Promise.all([ana.picksUp("Write"), ben.picksUp("Ship")]);
  await Promise.all([ana.carriesTo("Doing"), ben.carriesTo("Done")]);
  await Promise.all([ana.drops(), ben.drops()]);
  await allSee([ana, ben], { "To do": ["Plan", "Review"], Doing: ["Write"], Done: ["Ship"] });
  await ben.drags("Review", "To do", { before: "Plan" });
  await allSee([ana, ben], { "To do": ["Review", "Plan"], Doing: ["Write"], Done: ["Ship"] });
});

test("no card jumps back after a drop", async (t) => {
  const { people: [ana, ben] } = await team(t);
  await ana.picksUp("Write");
  await ana.carriesTo("Doing");
  const seen = ana.page.evaluate(
    () =>
      new Promise((done) => {
        const seen = [];
        let ends;
        const look = () => {
          const card = [...document.querySelectorAll("[data-card]")].find((it) => it.textContent.includes("Write"));
          const { x, y } = card?.getBoundingClientRect() ?? {};
          seen.push(`${card?.closest("[data-column]")?.ariaLabel} ${Math.round(x)} ${Math.round(y)}`);
          if (performance.now() < ends) requestAnimationFrame(look);
          else done(seen);
        };
        document.addEventListener("drop", () => setTimeout(() => ((ends = performance.now() + 1000), look())), { once: true, capture: true });
      }),
  );
  await ana.drops();
  const places = new Set(await seen);
  assert.equal(places.size, 1, [...places].join(", "));
  await allSee([ana, ben], { "To do": ["Plan", "Review", "Ship"], Doing: ["Write"], Done: [] });
});

test("a drag lands where it is dropped while others change the board, and the relay is killed, under it", async (t) => {
  const { relay, board, people: [ana, ben] } = await team(t);
  await ana.picksUp("Ship");
  await ana.carriesTo("To do", { before: "Write" });
  await board.apply({ type: "moveCard", card: board.view.columns[0].cards[0].id, column: board.view.columns[2].id, to: "last" });
  await eventually(async () => assert.deepEqual((await ana.shows()).Done, ["Plan"]));
  await relay.kill();
  await isOffline(ana);
  await ana.carriesTo("To do", { before: "Review" });
  await ana.drops();
  await eventually(async () => assert.deepEqual((await ana.shows())["To do"], ["Write", "Ship", "Review"]));
  await relay.restart();
  await allSee([ana, ben], { "To do": ["Write", "Ship", "Review"], Doing: [], Done: ["Plan"] });
});

test("the card that is dragged may be moved, and even deleted, by others meanwhile", async (t) => {
  const { board, people: [ana, ben] } = await team(t);
  const [todo, doing, done] = board.view.columns;
  await ana.picksUp("Write");
  await ana.carriesTo("Done");
  await board.apply({ type: "moveCard", card: todo.cards[1].id, column: doing.id, to: "last" });
  await eventually(async () => assert.deepEqual((await ana.shows()).Doing, ["Write"]));
  await ana.drops();
  await allSee([ana, ben], { "To do": ["Plan", "Review", "Ship"], Doing: [], Done: ["Write"] });
  await ana.picksUp("Plan");
  await ana.carriesTo("Done");
  await board.apply({ type: "deleteCard", card: todo.cards[0].id });
  await eventually(async () => assert.deepEqual((await ana.shows())["To do"], ["Review", "Ship"]));
  await ana.drops();
  await allSee([ana, ben], { "To do": ["Review", "Ship"], Doing: [], Done: ["Write"] });
  assert.equal(done.name, "Done");
});

/** Ana, offline, and Ben have moved one card to two columns. */
async function movedTwice(t) {
  const { people: [ana, ben], ...rest } = await team(t);
  await ben.context.setOffline(true);
  await isOffline(ben);
  await ben.drags("Write", "Done");
  await ana.drags("Write", "Doing");
  await ben.context.setOffline(false);
  for (const person of [ana, ben]) await person.page.getByRole("button", { name: "1 decision" }).waitFor();
  const shown = await allSee([ana, ben]);
  const [here, there] = shown.Doing.includes("Write") ? ["Doing", "Done"] : ["Done", "Doing"];
  return { ana, ben, here, there, ...rest };
}

test("of a card that two people moved, both read who moved it where; one click moves it there", async (t) => {
  const { ana, ben, here, there } = await movedTwice(t);
  for (const person of [ana, ben]) {
    const note = await person.card("Write").getByRole("group").innerText();
    assert.match(note, new RegExp(`(You|ana|ben) moved it to “${there}” at the same time \\((just now|\\d+ \\w+ ago)\\)`));
  }
  await ben.card("Write").getByRole("button", { name: `Move to ${there}` }).click();
  await allSee([ana, ben], { "To do": ["Plan", "Review", "Ship"], [here]: [], [there]: ["Write"] });
  await eventually(async () => assert.equal(await ana.page.getByText(/decision/).count(), 0));
});

test("a conflict is settled by keys alone", async (t) => {
  const { ana, ben, here } = await movedTwice(t);
  await ana.focuses("Plan");
  await ana.press("d");
  await eventually(async () => assert.equal(await ana.page.evaluate(() => document.activeElement.textContent.trim()), `Keep in ${here}`));
  await ana.press("Enter");
  await ana.hears(`Decided: Keep in ${here}`);
  await eventually(async () => assert.equal(await ben.page.getByRole("button", { name: "1 decision" }).count(), 0));
  await eventually(async () => assert.match(await ana.focused(), /^card /));
  assert.ok((await allSee([ana, ben]))[here].includes("Write"));
});

test("a card that somebody deletes while it is moved stays, flagged, until one click decides", async (t) => {
  for (const [choice, remains] of [["Keep the card", ["Write"]], ["Delete it", []]]) {
    const { people: [ana, ben] } = await team(t);
    await ben.context.setOffline(true);
    await isOffline(ben);
    await ben.drags("Write", "Done");
    await ana.focuses("Write");
    await ana.press("Delete");
    await ben.context.setOffline(false);
    await ana.card("Write").getByText(/deleted this card at the same time/).waitFor();
    await ana.card("Write").getByRole("button", { name: choice }).click();
    await allSee([ana, ben], { "To do": ["Plan", "Review", "Ship"], Doing: [], Done: remains });
    await eventually(async () => assert.equal(await ben.page.getByText(/decision/).count(), 0));
  }
});

test("a card deleted while it is open stays, with what was typed, and comes back by one click", async (t) => {
  const { board, people: [ana] } = await team(t, ["ana"]);
  const card = board.view.columns[0].cards[1].id;
  await ana.link("Write").click();
  await (await ana.describes()).fill("Half a");
  await eventually(() => assert.equal(board.ask({ type: "card", card }).description, "Half a"));
  await ana.page.keyboard.type(" sentence");
  await board.apply({ type: "deleteCard", card });
  await ana.page.getByText(/deleted this card .*What you typed/).waitFor();
  assert.equal(await ana.page.getByRole("textbox", { name: "Description" }).inputValue(), "Half a sentence");
  await ana.page.getByRole("button", { name: "Keep the card" }).click();
  await eventually(() => assert.equal(board.view.columns[0].cards[1]?.description, "Half a sentence"));
  assert.deepEqual(withoutNetwork(ana.errors), []);
});

test("a column that was deleted while a card was moved into it is kept, or let go, by one click", async (t) => {
  for (const [choice, columns] of [
    ["Keep the column", { "To do": ["Plan", "Review", "Ship"], Doing: ["Write"], Done: [] }],
    ["Let it go, cards to To do", { "To do": ["Plan", "Review", "Ship", "Write"], Done: [] }],
  ]) {
    const { board, people: [ana, ben] } = await team(t);
    await ben.context.setOffline(true);
    await isOffline(ben);
    await ben.drags("Write", "Doing");
    await board.apply({ type: "deleteColumn", column: board.view.columns[1].id, cards: null });
    await ben.context.setOffline(false);
    await ana.column("Doing").getByText(/maker deleted this column/).waitFor();
    await ana.column("Doing").getByRole("button", { name: choice }).click();
    await allSee([ana, ben], columns);
    await eventually(async () => assert.equal(await ben.page.getByText(/decision/).count(), 0));
  }
});

test("a name half typed survives that others reorder the columns, with the caret", async (t) => {
  const { board, people: [ana] } = await team(t, ["ana"]);
  await ana.column("Doing").locator(".handle").dblclick();
  await ana.page.keyboard.type("In progress");
  await ana.press("ArrowLeft", "ArrowLeft", "ArrowLeft");
  for (const [column, to] of [[0, "last"], [1, "first"], [0, "last"]]) {
    await board.apply({ type: "moveColumn", column: board.view.columns[column].id, to });
    await ana.page.waitForTimeout(100);
  }
  await ana.page.keyboard.type("*");
  assert.deepEqual(
    await ana.page.evaluate(() => [document.activeElement.value, document.activeElement.selectionStart]),
    ["In progr*ess", 9],
  );
  await ana.press("Enter");
  await eventually(() => assert.ok(board.view.columns.some(({ name, id }) => name === "In progr*ess" && id === "column1")));
  assert.match(await ana.focused(), /^column column1$/);
});

test("a title half typed survives that somebody moves the card to another column", async (t) => {
  const { board, people: [ana, ben] } = await team(t);
  await ana.focuses("Write");
  await ana.press("e");
  await ana.page.keyboard.type("Write it");
  await ben.drags("Write", "Done");
  await eventually(() => assert.equal(board.view.columns[2].cards.length, 1));
  await eventually(async () => assert.equal(await ana.column("Done").locator("textarea").count(), 1));
  await ana.page.keyboard.type(" down");
  await ana.press("Enter");
  await allSee([ana, ben], { "To do": ["Plan", "Review", "Ship"], Doing: [], Done: ["Write it down"] });
});

test("a tab that was away for long takes nothing back", async (t) => {
  const { board, people: [ana, ben] } = await team(t);
  await ben.context.setOffline(true);
  await isOffline(ben);
  const [todo, doing, done] = board.view.columns;
  await board.apply({ type: "moveCard", card: todo.cards[0].id, column: done.id, to: "last" });
  await board.apply({ type: "renameCard", card: todo.cards[2].id, title: "Review twice" });
  await board.apply({ type: "moveColumn", column: doing.id, to: "last" });
  await ben.drags("Ship", "Doing");
  await ben.context.setOffline(false);
  await allSee([ana, ben], { "To do": ["Write", "Review twice"], Done: ["Plan"], Doing: ["Ship"] });
  assert.deepEqual(await ben.columns(), ["To do", "Done", "Doing"]);
});

test("both work offline, one reloads, and all of it merges", async (t) => {
  const { relay, people: [ana, ben] } = await team(t);
  await relay.kill();
  await Promise.all([isOffline(ana), isOffline(ben)]);
  await ana.drags("Plan", "Doing");
  await ana.focuses("Review");
  await ana.press("n");
  await ana.page.keyboard.type("Written offline");
  await ana.press("Enter", "Escape");
  await ben.drags("Ship", "Done");
  await relay.restart();
  await allSee([ana, ben], { "To do": ["Write", "Review", "Written offline"], Doing: ["Plan"], Done: ["Ship"] });
});

test("what waits is still there after a reload without a connection to the relay, and is sent later", async (t) => {
  const { relay, board, people: [ana, ben] } = await team(t);
  await ana.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await relay.kill();
  await ana.page.reload();
  await ana.card("Write").waitFor();
  await ana.drags("Write", "Done");
  await ana.page.getByText("Offline: 1 change waiting").first().waitFor();
  await ana.page.reload();
  await ana.card("Write").waitFor();
  assert.deepEqual((await ana.shows()).Done, ["Write"]);
  assert.equal(board.view.columns[2].cards.length, 0);
  await ana.opensATab();
  await ana.page.close();
  await relay.restart();
  await allSee([ben], { "To do": ["Plan", "Review", "Ship"], Doing: [], Done: ["Write"] });
});

test("two tabs of one person show the same, offline too", async (t) => {
  const { relay, people: [ana] } = await team(t, ["ana"]);
  const tab = await ana.opensATab();
  await relay.kill();
  await ana.drags("Write", "Doing");
  await allSee([ana, tab], { "To do": ["Plan", "Review", "Ship"], Doing: ["Write"], Done: [] });
  await tab.drags("Plan", "Done");
  await relay.restart();
  await allSee([ana, tab], { "To do": ["Review", "Ship"], Doing: ["Write"], Done: ["Plan"] });
});

test("two people who type in one description see each other's words, and the caret stays", async (t) => {
  const { board, people: [ana, ben] } = await team(t, ["ana", "ben"], { "To do": [{ title: "Write", description: "one two" }] });
  const field = (person) => person.page.getByRole("textbox", { name: "Description" });
  for (const person of [ana, ben]) {
    await person.link("Write").click();
    await person.describes();
  }
  await field(ana).evaluate((area) => (area.focus(), area.setSelectionRange(3, 3)));
  await field(ben).evaluate((area) => (area.focus(), area.setSelectionRange(7, 7)));
  for (const [first, second] of [..." and a half"].map((letter, index) => [letter, "  and three"[index]])) {
    await ana.page.keyboard.type(first);
    await ben.page.keyboard.type(second);
  }
  const text = "one and a half two  and three";
  for (const person of [ana, ben]) await eventually(async () => assert.equal(await field(person).inputValue(), text));
  assert.equal(board.view.columns[0].cards[0].description, text);
  assert.equal(await field(ana).evaluate((area) => area.selectionStart), "one and a half".length);
  assert.equal(await field(ben).evaluate((area) => area.selectionStart), text.length);
});

test("what an input method composes is not disturbed by others", async (t) => {
  const { board, people: [ana] } = await team(t, ["ana"], { "To do": [{ title: "Write", description: "始め" }] });
  await ana.link("Write").click();
  const field = await ana.describes();
  await field.evaluate((area) => (area.focus(), area.setSelectionRange(2, 2)));
  const devtools = await ana.context.newCDPSession(ana.page);
  await devtools.send("Input.imeSetComposition", { text: "にほ", selectionStart: 2, selectionEnd: 2 });
  await board.apply({ type: "editDescription", card: board.view.columns[0].cards[0].id, at: 0, remove: 0, insert: "前。" });
  await ana.page.waitForTimeout(500);
  assert.equal(await field.inputValue(), "始めにほ");
  await devtools.send("Input.imeSetComposition", { text: "日本", selectionStart: 2, selectionEnd: 2 });
  await devtools.send("Input.insertText", { text: "日本" });
  await eventually(async () => assert.equal(await field.inputValue(), "前。始め日本"));
  await eventually(() => assert.equal(board.view.columns[0].cards[0].description, "前。始め日本"));
});

test("columns are dragged, added one after another, and deleted with a word about their cards", async (t) => {
  const { people: [ana, ben] } = await team(t);
  await ana.dragsColumn("Done", "To do");
  await eventually(async () => assert.deepEqual(await ben.columns(), ["Done", "To do", "Doing"]));
  await ana.page.getByRole("button", { name: "Add a column" }).click();
  for (const name of ["Later", "Never"]) {
    await ana.page.keyboard.type(name);
    await ana.press("Enter");
  }
  await eventually(async () => assert.deepEqual(await ben.columns(), ["Done", "To do", "Doing", "Later", "Never"]));
  await ana.press("Escape");
  await ana.page.getByRole("button", { name: "Menu of column To do" }).click();
  await ana.page.getByRole("menuitem", { name: "Delete the column" }).click();
  await ana.page.getByRole("dialog").getByRole("combobox").selectOption({ label: "Later" });
  await ana.page.getByRole("dialog").getByRole("button", { name: "Delete the column" }).click();
  await allSee([ana, ben], { Done: [], Doing: [], Later: ["Plan", "Write", "Review", "Ship"], Never: [] });
  await ana.page.getByRole("button", { name: "Undo", exact: true }).click();
  await allSee([ana, ben], { Done: [], "To do": ["Plan", "Write", "Review", "Ship"], Doing: [], Later: [], Never: [] });
});

test("several pasted lines are as many cards, in order", async (t) => {
  const { people: [ana, ben] } = await team(t);
  await ana.column("Doing").getByRole("button", { name: "Add a card" }).click();
  await ana.page.getByRole("textbox", { name: "Title of the new card" }).fill("One\n Two \n\nThree");
  await ana.press("Enter");
  await ana.page.keyboard.type("Four");
  await ana.press("Enter");
  await allSee([ana, ben], { "To do": ["Plan", "Write", "Review", "Ship"], Doing: ["One", "Two", "Three", "Four"], Done: [] });
});

test("a search finds all that is written on cards, says how many, and moves what it shows", async (t) => {
  const checklists = [{ id: "k", name: "Steps", items: [{ id: "i", text: "A first draft", done: false }] }];
  const comments = [{ id: "m", by: null, at: 1, text: "Who reads the proofs?" }];
  const columns = { "To do": ["Plan", { title: "Write", description: "the whole PLAN" }, { title: "Review", checklists, comments }], Doing: ["Plan B"] };
  const { people: [ana] } = await team(t, ["ana"], columns);
  for (const text of ["DRAFT", "proofs", "steps first"]) {
    await ana.page.getByPlaceholder("Search cards").fill(text);
    await eventually(async () => assert.deepEqual(await ana.shows(), { "To do": ["Review"], Doing: [] }));
  }
  await ana.page.getByPlaceholder("Search cards").fill("plan");
  await eventually(async () => assert.deepEqual(await ana.shows(), { "To do": ["Plan", "Write"], Doing: ["Plan B"] }));
  await ana.hears("3 of 4 cards match");
  assert.equal(await ana.page.locator("mark").count(), 3);
  await ana.drags("Plan B", "To do", { before: "Write" });
  await eventually(async () => assert.deepEqual(await ana.shows(), { "To do": ["Plan", "Plan B", "Write"], Doing: [] }));
});

test("the dialog of a card has an address, and says so if there is no such card", async (t) => {
  const { board, relay, people: [ana] } = await team(t, ["ana"]);
  await ana.link("Write").click();
  await ana.page.waitForURL(/\/card\/c0-1$/);
  await ana.page.goBack();
  await eventually(async () => assert.equal(await ana.page.locator("dialog[open]").count(), 0));
  assert.equal(await ana.focused(), "card c0-1");
  await ana.page.goto(addressOf(relay, board, "c0-2"));
  const title = ana.page.getByRole("dialog").getByRole("textbox", { name: "Title" });
  await title.fill("Review all");
  await title.press("Enter");
  await eventually(() => assert.equal(board.view.columns[0].cards[2].title, "Review all"));
  await ana.page.getByRole("combobox", { name: "Column" }).selectOption({ label: "Done" });
  await ana.page.getByRole("button", { name: "Move", exact: true }).click();
  await eventually(() => assert.equal(board.view.columns[2].cards.length, 1));
  await ana.page.goto(addressOf(relay, board, "nobody"));
  await ana.page.getByText(/There is no such card/).first().waitFor();
});
