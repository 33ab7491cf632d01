import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { eventually, PATIENCE_MS } from "../../../../tests/interop/support/eventually.mjs";
import { Relay } from "../../../../tests/interop/support/relay.mjs";

export { eventually };

/** The app as `npm run build` makes it. */
export const BUILT = process.env.KANBAN_WEB ?? fileURLToPath(new URL("../../dist", import.meta.url));

/** Where to leave pictures for a person to look at; none are taken without it. */
const PICTURES = process.env.KANBAN_PICTURES;

export const PASSWORD = "long enough for it";
export const PHONE = { viewport: { width: 360, height: 720 }, hasTouch: true, isMobile: true };

let browser;

/** One browser for all tests of a file. */
export function withBrowser() {
  before(async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // Chromium's sandbox does not start for root, as which containers run tests.
      args: ["--no-sandbox"],
    });
  });
  after(() => browser.close());
}

const started = (t, options) => Relay.start(t, { webDir: BUILT, options: ["--metrics", "off", ...options] });

export const openRelay = (t) => started(t, []);
export const relayWithAccounts = (t, signUp = "everybody") =>
  started(t, ["--auth", "accounts", "--sign-up", signUp]);

/** Somebody in front of a browser of their own. */
export class Visitor {
  static async comes(t, relay, { device = {}, path = "" } = {}) {
    const visitor = new Visitor();
    visitor.relay = relay;
    visitor.context = await browser.newContext({
      viewport: { width: 1100, height: 700 },
      locale: "en-GB",
      reducedMotion: "reduce",
      ...device,
    });
    t.after(() => visitor.context.close());
    visitor.errors = [];
    visitor.page = await visitor.opensTab(path);
    return visitor;
  }

  async opensTab(path = "") {
    const page = await this.context.newPage();
    page.setDefaultTimeout(PATIENCE_MS / 2);
    page.on("pageerror", (error) => this.errors.push(error));
    await page.goto(this.relay.pageUrl + path);
    return page;
  }

  /** Somebody with an account, at home. */
  static async signsUp(t, relay, name, options) {
    const visitor = await Visitor.comes(t, relay, options);
    await visitor.fillsIn({ Name: name, Password: PASSWORD });
    await visitor.presses("Create account");
    await visitor.isAtHome();
    return visitor;
  }

  /** Somebody with a name, where there are no accounts. */
  static async isCalled(t, relay, name, options) {
    const visitor = await Visitor.comes(t, relay, options);
    await visitor.fillsIn({ "Your name": name });
    await visitor.presses("Start");
    return visitor;
  }

  async fillsIn(fields) {
    for (const [label, text] of Object.entries(fields)) {
      await this.page.getByLabel(label, { exact: true }).fill(text);
    }
  }

  presses(name) {
    return this.page.getByRole("button", { name, exact: true }).click();
  }

  async chooses(menu, item) {
    await this.presses(menu);
    await this.page.getByRole("menuitem", { name: item, exact: true }).click();
  }

  /** Somebody with an account becomes a member of the board. */
  async sharesWith(name) {
    await this.presses("Share this board");
    await this.fillsIn({ "Add somebody by name": name });
    await this.presses("Add");
    await this.sees(this.page.locator(`[data-member="${name}"]`));
  }

  async logsOut({ removing = false } = {}) {
    await this.chooses("Settings", "Log out");
    const dialog = this.page.getByRole("dialog");
    if (removing) await dialog.getByLabel("Also remove this account's boards from this device").check();
    await dialog.getByRole("button", { name: "Log out" }).click();
  }

  isAtHome() {
    return this.sees(this.page.getByRole("heading", { name: "Your boards" }));
  }

  sees(what) {
    const found = typeof what === "string" ? this.page.getByText(what) : what;
    return found.first().waitFor();
  }

  seesNo(what) {
    const found = typeof what === "string" ? this.page.getByText(what) : what;
    return eventually(async () => assert.equal(await found.count(), 0));
  }

  board(name) {
    return this.page.getByRole("link", { name, exact: true });
  }

  /** Makes a board, and is on it. */
  async adds(name, { isEmpty = false } = {}) {
    await this.page.getByRole("button", { name: "Add board" }).first().click();
    await this.fillsIn({ Name: name });
    if (isEmpty) await this.page.getByLabel("No columns").check();
    await this.presses("Create board");
    await this.isOn(name);
  }

  isOn(name) {
    return this.sees(this.page.getByRole("heading", { level: 1, name, exact: true }));
  }

  goesHome() {
    return this.presses("Back to your boards");
  }

  async renames(name) {
    const heading = this.page.getByRole("heading", { level: 1 });
    await heading.getByRole("button").dblclick();
    await this.fillsIn({ "Name of the board": name });
    await this.page.keyboard.press("Enter");
    await this.isOn(name);
  }

  /** What the bar says of the relay. */
  syncSays(text) {
    return eventually(async () => assert.equal(await this.page.locator("[data-sync] .text").textContent(), text));
  }

  get boardId() {
    return /board\/(\w+)/.exec(this.page.url())?.[1];
  }

  /** A picture for a person to look at, where they are asked for. */
  async picture(name) {
    if (PICTURES) await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }

  /** Nothing failed without being told. */
  hadNoErrors() {
    assert.deepEqual(this.errors, []);
  }
}
