// Boards to test with, and people in front of them, each with a browser of their own.

import { chromium } from "playwright-core";
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { idOf, KanbanClient } from "kanban-crdt";
import { eventually, PATIENCE_MS } from "../../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../../tests/interop/support/relay.mjs";

// Node.js has no sockets of its own before 22.
const WebSocket = createRequire(new URL("../../../../tests/interop/package.json", import.meta.url))("ws");

export { eventually, Relay };
export const DIST = process.env.KANBAN_WEB ?? fileURLToPath(new URL("../../dist", import.meta.url));
/** Where to leave pictures for a person to look at; none are taken without it. */
const PICTURES = process.env.KANBAN_PICTURES;

export const DESKTOP = { viewport: { width: 1100, height: 720 } };
export const PHONE = { viewport: { width: 360, height: 720 }, hasTouch: true, isMobile: true };

export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Chromium's sandbox does not start for root, as which containers run tests.
    args: ["--no-sandbox"],
  });
}

/** A relay with the built page that knows people by name only. */
export function startRelay(t) {
  return Relay.start(t, { webDir: DIST });
}

/** `{ "To do": ["Plan", { title, description }] }` as a board at the relay; returns it as somebody else has it. */
export async function boardAt(t, relay, columns, { by = "maker", ...rest } = {}) {
  const client = new KanbanClient({ relay: relay.socketUrl, account: by, WebSocket });
  t.after(() => client.close());
  const draft = {
    name: "Release",
    ...rest,
    columns: Object.entries(columns).map(([name, cards], at) => ({
      id: idOf(`column${at}`),
      name,
      cards: cards.map((card, index) => ({
        id: idOf(`c${at}-${index}`),
        ...(typeof card === "string" ? { title: card } : card),
      })),
    })),
  };
  const board = await client.create({ type: "draft", draft });
  await board.whenSaved();
  return board;
}

/** The same board for another program. */
export async function opensFromNode(t, relay, board, by) {
  const client = new KanbanClient({ relay: relay.socketUrl, account: by, WebSocket });
  t.after(() => client.close());
  const opened = await client.open(board.url);
  await opened.whenReady();
  return opened;
}

export function addressOf(relay, board, card) {
  const path = `board/${board.url.replace("automerge:", "")}${card ? `/card/${card}` : ""}`;
  return `http://${relay.address}/${path}`;
}

/** Somebody in front of a board. */
export class Person {
  static async opens(t, browser, address, name, { language = "en", theme, device = DESKTOP } = {}) {
    const context = await browser.newContext({ locale: language, ...device });
    t.after(() => context.close());
    await context.addInitScript(
      ([name, language, theme]) => {
        localStorage.setItem("kanban.session", JSON.stringify({ name, mode: "open" }));
        localStorage.setItem("kanban.language", language);
        if (theme) localStorage.setItem("kanban.theme", theme);
      },
      [name, language, theme],
    );
    return Person.opensIn(context, address);
  }

  static async opensIn(context, address) {
    const person = new Person();
    person.context = context;
    person.page = await context.newPage();
    person.page.setDefaultTimeout(PATIENCE_MS);
    person.errors = [];
    person.dialogs = 0;
    person.page.on("pageerror", (error) => person.errors.push(error));
    person.page.on("console", (message) => message.type() === "error" && person.errors.push(new Error(message.text())));
    person.page.on("dialog", (dialog) => {
      person.dialogs += 1;
      void dialog.dismiss();
    });
    await person.page.goto(address);
    await person.page.locator("[data-column], dialog[open], .opener").first().waitFor();
    return person;
  }

  /** Another tab of the same browser. */
  opensATab(address = this.page.url()) {
    return Person.opensIn(this.context, address);
  }

  card(title) {
    return this.page.locator(".canvas [data-card]").filter({ has: this.page.getByText(title, { exact: true }) });
  }

  link(title) {
    return this.card(title).locator("a.title");
  }

  column(name) {
    return this.page.locator(`[data-column][aria-label=${JSON.stringify(name)}]`);
  }

  /** Opens the description of the open card for writing; returns its field. */
  async describes() {
    await this.page.getByRole("button", { name: /^(Add a|Edit the) description$/ }).click();
    return this.page.getByRole("textbox", { name: "Description" });
  }

  async focuses(title) {
    await this.link(title).focus();
  }

  press(...keys) {
    return keys.reduce((done, key) => done.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  /** Drags a card by the mouse before another, or to the end of a column. */
  async drags(title, column, { before } = {}) {
    await this.picksUp(title);
    await this.carriesTo(column, { before });
    await this.drops();
  }

  async picksUp(title) {
    const { x, y } = middle(await this.card(title).boundingBox());
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.move(x + 8, y + 8);
    await this.page.locator(".card.lifted").first().waitFor();
  }

  async carriesTo(column, { before } = {}) {
    const box = await this.column(column).boundingBox();
    const target = before ? await this.card(before).boundingBox() : undefined;
    const y = target ? target.y + 4 : box.y + box.height - 8;
    await this.page.mouse.move(box.x + box.width / 2, y, { steps: 4 });
    // A drag is told of with the next frame.
    await this.page.waitForTimeout(120);
  }

  drops() {
    return this.page.mouse.up();
  }

  async dragsColumn(name, before) {
    const from = await this.column(name).locator("header .count").boundingBox();
    const to = await this.column(before).boundingBox();
    await this.page.mouse.move(from.x + 4, from.y + 8);
    await this.page.mouse.down();
    await this.page.mouse.move(from.x + 14, from.y + 12);
    await this.page.mouse.move(to.x + 20, to.y + 60, { steps: 5 });
    await this.page.waitForTimeout(120);
    await this.page.mouse.up();
  }

  /** What stands on the board: `{ name: [titles] }`. */
  shows() {
    return this.page.evaluate(() => {
      const columns = [...document.querySelectorAll("[data-column]")].map((column) => {
        const cards = [...column.querySelectorAll("[data-card]")];
        cards.sort((one, other) => Number(one.dataset.index) - Number(other.dataset.index));
        return [column.ariaLabel, cards.map((card) => card.querySelector(".title, textarea")?.textContent.trim() ?? "")];
      });
      return Object.fromEntries(columns);
    });
  }

  /** The order of the columns. */
  async columns() {
    return Object.keys(await this.shows());
  }

  hears(text) {
    return eventually(async () => {
      const said = await this.page.locator("[aria-live=polite]").allTextContents();
      assert.ok(said.some((it) => (text instanceof RegExp ? text.test(it) : it.includes(text))), `${text} in ${said}`);
    });
  }

  focused() {
    return this.page.evaluate(() => document.activeElement?.closest("[data-focus]")?.getAttribute("data-focus") ?? document.activeElement?.tagName);
  }

  async picture(name) {
    if (PICTURES) await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }
}

export function middle({ x, y, width, height }) {
  return { x: x + width / 2, y: y + height / 2 };
}

/** Waits until everybody sees the same board, and it is this one; without errors. */
export async function allSee(people, columns) {
  await eventually(async () => {
    const boards = await Promise.all(people.map((person) => person.shows()));
    for (const board of boards) assert.deepEqual(board, boards[0]);
    if (columns) assert.deepEqual(boards[0], columns);
  }, 15_000);
  for (const person of people) assert.deepEqual(withoutNetwork(person.errors), []);
  return people[0].shows();
}

/** That a relay is away is said by the browser too. */
export function withoutNetwork(errors) {
  return errors.filter(({ message }) => !/WebSocket|ERR_|Failed to load resource|Failed to fetch/.test(message));
}
