import { chromium } from "playwright-core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, PATIENCE_MS } from "./eventually.mjs";

/** The page as `cargo xtask page` builds it. */
export const PAGE =
  process.env.KANBAN_PAGE ?? fileURLToPath(new URL("../../../target/page", import.meta.url));

/** Where to leave pictures for a person to look at; none are taken without it. */
const PICTURES = process.env.KANBAN_PICTURES;

export async function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Chromium's sandbox does not start for root, as which containers run tests.
    args: ["--no-sandbox"],
  });
}

/** A browser window with the board in it, and somebody in front of it. */
export class Window {
  static async opens(t, browser, address, device = { viewport: { width: 1100, height: 700 } }) {
    const context = await browser.newContext(device);
    t.after(() => context.close());
    return Window.opensIn(context, address);
  }

  /** Another tab of the same person's browser. */
  async opensATab(address = this.address) {
    return Window.opensIn(this.context, address);
  }

  static async opensIn(context, address) {
    const window = new Window();
    window.context = context;
    window.page = await context.newPage();
    window.page.setDefaultTimeout(PATIENCE_MS);
    window.errors = [];
    window.page.on("pageerror", (error) => window.errors.push(error));
    await window.page.goto(address);
    await window.page.locator("[data-column]").first().waitFor();
    return window;
  }

  get address() {
    return this.page.url();
  }

  card(title) {
    return this.page
      .locator("#board .card")
      .filter({ has: this.page.getByText(title, { exact: true }) });
  }

  column(name) {
    const heading = this.page.getByRole("heading", { name, exact: true });
    return this.page.locator("[data-column]").filter({ has: heading });
  }

  async adds(title, column) {
    const input = this.column(column).getByPlaceholder("Add a card");
    await input.fill(title);
    await input.press("Enter");
  }

  /** Drags a card by the mouse before another, or to the end of a column. */
  async drags(title, column, { before } = {}) {
    await this.picksUp(title);
    await this.carriesTo(column, { before });
    await this.page.mouse.up();
  }

  async picksUp(title) {
    const { x, y } = middle(await this.card(title).boundingBox());
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.move(x + 8, y + 8);
  }

  async carriesTo(column, { before } = {}) {
    const list = await this.column(column).locator(".cards").boundingBox();
    const target = before ? await this.card(before).boundingBox() : undefined;
    const y = target ? target.y + 4 : list.y + list.height - 2;
    await this.page.mouse.move(list.x + list.width / 2, y, { steps: 5 });
  }

  /** Drags a card with a finger on its grip to the end of a column. */
  async dragsWithAFinger(title, column) {
    const from = middle(await this.card(title).locator(".grip").boundingBox());
    const to = middle(await this.column(column).locator(".cards").boundingBox());
    const devtools = await this.context.newCDPSession(this.page);
    const touch = (type, ...touchPoints) =>
      devtools.send("Input.dispatchTouchEvent", { type, touchPoints });
    await touch("touchStart", from);
    await touch("touchMove", { x: from.x, y: from.y + 20 });
    await touch("touchMove", to);
    await touch("touchEnd");
  }

  /** What stands on the board: `{ heads, columns: { name: [titles] } }`. */
  shows() {
    return this.page.evaluate(() => {
      const board = document.querySelector("#board");
      const columns = [...board.querySelectorAll("[data-column]")].map((column) => [
        column.querySelector("h2").textContent,
        [...column.querySelectorAll(".card span.title")].map((title) => title.textContent),
      ]);
      return { heads: board.dataset.heads, columns: Object.fromEntries(columns) };
    });
  }

  async says(state) {
    await eventually(async () => {
      assert.equal(await this.page.locator("#state").textContent(), state);
    });
  }

  async picture(name) {
    if (PICTURES) await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }
}

function middle({ x, y, width, height }) {
  return { x: x + width / 2, y: y + height / 2 };
}

/** Waits until all windows show the same board, saved, and it is this one; without errors. */
export async function allShow(windows, columns) {
  await eventually(async () => {
    const boards = await Promise.all(windows.map((window) => window.shows()));
    for (const board of boards) assert.deepEqual(board, boards[0]);
    if (columns) assert.deepEqual(boards[0].columns, columns);
    for (const window of windows) {
      assert.equal(await window.page.locator("#state").textContent(), "All changes saved");
    }
  });
  for (const window of windows) assert.deepEqual(window.errors, []);
  return (await windows[0].shows()).columns;
}
