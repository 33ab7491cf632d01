// A relay with accounts, people in browsers of their own, and pictures of what they see.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DIST, eventually, Person, Relay, startBrowser } from "../../tests/support/boards.mjs";
import { PASSWORD } from "../../tests/support/app.mjs";
import { fair } from "./fair.mjs";

export const WIDE = { viewport: { width: 1240, height: 720 } };
export const PHONE = { viewport: { width: 390, height: 640 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const DIRECTORY = process.env.KANBAN_PICTURES ?? fileURLToPath(new URL("../../../../docs/guide/pictures", import.meta.url));
/** A guide is read over slow lines too. */
const BYTES_MAX = 120 * 1024;
/** Fonts, movements and the pause after which a panel speaks come to rest. */
const REST_MS = 500;

export class Studio {
  #ends = [];
  directory = DIRECTORY;

  static async opens() {
    const studio = new Studio();
    const t = { after: (end) => studio.#ends.unshift(end) };
    studio.browser = await startBrowser();
    t.after(() => studio.browser.close());
    studio.relay = await Relay.start(t, { webDir: DIST, options: ["--auth", "accounts", "--sign-up", "everybody", "--metrics", "off"] });
    return studio;
  }

  async closes() {
    for (const end of this.#ends) await end();
  }

  get address() {
    return `http://${this.relay.address}/`;
  }

  /** Somebody's browser, at an address of the relay. */
  async visits(path = "", device = WIDE) {
    const context = await this.browser.newContext({ locale: "en-GB", colorScheme: "light", reducedMotion: "reduce", ...device });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(this.address + path);
    return page;
  }

  /** The same with a new account, at home. */
  async signsUp(name, device) {
    const page = await this.visits("", device);
    await fillIn(page, { Name: name, Password: PASSWORD });
    await press(page, "Create account");
    await page.getByRole("heading", { name: "Your boards" }).waitFor();
    return page;
  }

  /** Somebody who has an account, in another browser. */
  async signsIn(name, device) {
    const page = await this.visits("", device);
    await press(page, "You have an account? Sign in");
    await fillIn(page, { Name: name, Password: PASSWORD });
    await press(page, "Sign in");
    await page.getByRole("heading", { name: "Your boards" }).waitFor();
    return page;
  }

  /** Ana, who has brought the team's board from a file, and Ben and Chie, with whom she shares it. */
  async team() {
    const [anas, bens] = [await this.signsUp("ana"), await this.signsUp("ben")];
    const chies = await this.signsUp("chie");
    await anas.locator("input[type=file]").setInputFiles({ name: "fair.json", mimeType: "application/json", buffer: Buffer.from(await fair()) });
    const ana = await onBoard(anas);
    await isSaved(ana);
    await press(anas, "Share this board");
    for (const name of ["ben", "chie"]) {
      await fillIn(anas, { "Add somebody by name": name });
      await press(anas, "Add");
      await anas.locator(`[data-member="${name}"]`).waitFor();
    }
    await anas.keyboard.press("Escape");
    const [ben, chie] = [await this.#comesTo(anas.url(), bens), await this.#comesTo(anas.url(), chies)];
    return { ana, ben, chie };
  }

  async #comesTo(address, page) {
    await page.goto(address);
    const person = await onBoard(page);
    await isSaved(person);
    return person;
  }

  /** What stands there, with a margin around all of it. */
  async picture(page, name, parts, { margin = 12, below = 0 } = {}) {
    await page.mouse.move(0, 0);
    await page.waitForTimeout(REST_MS);
    const path = join(DIRECTORY, `${name}.png`);
    const clip = parts && (await around(page, [parts].flat(), margin, below));
    await page.screenshot({ path, ...(clip && { clip }) });
    const { size } = await stat(path);
    if (size > BYTES_MAX) throw new Error(`${name}.png has ${size} bytes: show less`);
    console.log(`${name}.png ${Math.ceil(size / 1024)} KB`);
  }
}

async function around(page, parts, margin, below) {
  const boxes = await Promise.all(parts.map((part) => part.first().boundingBox()));
  const { width, height } = page.viewportSize();
  const left = Math.max(0, Math.min(...boxes.map((box) => box.x)) - margin);
  const top = Math.max(0, Math.min(...boxes.map((box) => box.y)) - margin);
  const right = Math.min(width, Math.max(...boxes.map((box) => box.x + box.width)) + margin);
  const bottom = Math.min(height, Math.max(...boxes.map((box) => box.y + box.height)) + margin + below);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The helpers of the tests, for somebody who is on a board. */
export async function onBoard(page) {
  const person = Object.assign(new Person(), { page, context: page.context(), errors: [], dialogs: 0 });
  await page.locator("[data-column]").first().waitFor();
  return person;
}

export const button = (page, name) => page.getByRole("button", { name, exact: true }).first();
export const press = (page, name) => button(page, name).click();
export const dialog = (page) => page.locator("dialog[open]");
export const popover = (page) => page.locator("[popover]:popover-open");

export async function fillIn(page, fields) {
  for (const [label, text] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).first().fill(text);
}

export async function choose(page, menu, item) {
  await press(page, menu);
  await page.getByRole("menuitem", { name: item, exact: true }).or(page.getByRole("menuitemradio", { name: item, exact: true })).click();
}

export function says(person, words) {
  return eventually(async () => {
    const said = await person.page.locator("[data-sync] .text").textContent();
    if (!words.test(said)) throw new Error(`${said} is not ${words}`);
  });
}

export const isSaved = (person) => says(person, /^Saved$/);

/** All do what they do without hearing of each other; then all have all of it. */
export async function apart(people, ...deeds) {
  for (const person of people) await person.context.setOffline(true);
  for (const person of people) await says(person, /^Offline/);
  for (const [index, deed] of deeds.entries()) await deed(people[index]);
  for (const person of people) await person.context.setOffline(false);
  for (const person of people) await isSaved(person);
}

/** Notices are for moments, and in the way of pictures. */
export async function dismissAll(page) {
  const dismiss = page.getByRole("button", { name: "Dismiss", exact: true });
  while (await dismiss.count()) await dismiss.first().click();
}
