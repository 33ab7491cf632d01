import { after, test } from "node:test";
import { Person } from "./person.mjs";
import { startBrowser } from "./browser.mjs";

let browser;
after(async () => (await browser)?.close());

/**
 * A test that is told twice: with people whose automerge-repo runs in Node, and with people in tabs
 * of a browser. `person(name, options)` makes one.
 */
export function everywhere(name, story) {
  test(name, (t) => story(t, (name, options) => new Person(t, name, options)));
  test(`in a browser: ${name}`, async (t) => {
    browser ??= startBrowser();
    const options = { browser: await browser };
    await story(t, (name, more) => new Person(t, name, { ...more, ...options }));
  });
}
