// Descriptions and comments as they read: Markdown, and nothing that does harm.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addressOf, boardAt, eventually, Person, startBrowser, startRelay, withoutNetwork } from "./support/boards.mjs";
import { PAYLOADS } from "./support/payloads.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

/** Harm in the dress of Markdown. */
const dressed = (payload) => {
  const line = payload.replace(/\n/g, " ");
  return [line, `[x](${line})`, `[x](<${line}> "${line}")`, `![${line}](${line})`, `<${line}>`, `- [x] ${line}`, `> ${line}`, `# ${line}`, `\`${line}`, `|${line}|b|\n|-|-|\n|c|${line}|`, `[r]: ${line}\n\n[r]`, `\`\`\`${line}\n${line}\n\`\`\``].join("\n\n");
};

const look = (person) =>
  person.page.evaluate(() => {
    const all = [...document.querySelectorAll(".markdown, .markdown *")];
    const known = ["div", "a", "blockquote", "br", "code", "del", "em", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"];
    const safe = ["class", "href", "title", "target", "rel", "role", "aria-label", "align", "start", "data-v"];
    return {
      isHurt: "hurt" in window,
      strange: all.map((it) => it.localName).filter((name) => !known.includes(name)),
      attributes: all.flatMap((it) => it.getAttributeNames()).filter((name) => !safe.some((it) => name.startsWith(it))),
      addresses: all.filter((it) => it.hasAttribute("href")).map((it) => it.protocol).filter((it) => !["http:", "https:", "mailto:"].includes(it)),
      open: all.filter((it) => it.hasAttribute("href") && (it.rel !== "noopener noreferrer" || it.target !== "_blank")).length,
    };
  });
const NOTHING = { isHurt: false, strange: [], attributes: [], addresses: [], open: 0 };

test("no Markdown of anybody runs, loads or becomes an element that is not of Markdown", async (t) => {
  assert.ok(PAYLOADS.length >= 100);
  const groups = Array.from({ length: 6 }, (_, at) => PAYLOADS.filter((_, index) => index % 6 === at));
  const relay = await startRelay(t);
  const cards = groups.map((group, at) => ({
    title: `Card ${at}`,
    description: group.map(dressed).join("\n\n"),
    comments: group.map((text, index) => ({ id: `m${index}`, by: "evil", at: 1, text: dressed(text) })),
  }));
  const board = await boardAt(t, relay, { "To do": cards }, { members: [{ id: "evil", name: PAYLOADS[2], colour: "" }] });
  const ana = await Person.opens(t, browser, addressOf(relay, board), "ana");
  const asked = [];
  ana.page.on("request", (request) => new URL(request.url()).host !== relay.address && /^http/.test(request.url()) && asked.push(request.url()));
  for (const [at, group] of groups.entries()) {
    await ana.link(`Card ${at}`).click();
    await eventually(async () => assert.equal(await ana.page.locator(".markdown").count(), group.length + 1));
    assert.deepEqual(await look(ana), NOTHING);
    await ana.press("Escape");
    await ana.page.locator("dialog[open]").waitFor({ state: "detached" });
  }
  assert.deepEqual(asked, []);
  assert.equal(ana.dialogs, 0);
  assert.deepEqual(withoutNetwork(ana.errors), []);
});

test("a description reads as Markdown, and a click or E opens it for writing while others' words still arrive", async (t) => {
  const relay = await startRelay(t);
  const description = "# Goal\n\nShip **1.0**, see https://example.org\n\n- [x] Draft\n- [ ] Review\n\n![a cat](https://example.org/cat.png)\n\n```\nnpm test\n```";
  const board = await boardAt(t, relay, { "To do": [{ title: "Plan", description }] });
  const card = board.view.columns[0].cards[0].id;
  const ana = await Person.opens(t, browser, addressOf(relay, board, card), "ana");
  const text = ana.page.locator(".description .markdown");
  await text.getByRole("heading", { name: "Goal" }).waitFor();
  await text.getByRole("img", { name: "Done" }).waitFor();
  await text.getByRole("link", { name: "Image: a cat" }).waitFor();
  assert.equal(await text.locator("pre").textContent(), "npm test\n");
  await board.apply({ type: "editDescription", card, at: 2, remove: 4, insert: "Aim" });
  await text.getByRole("heading", { name: "Aim" }).waitFor();
  await ana.press("e");
  const field = ana.page.getByRole("textbox", { name: "Description" });
  await eventually(async () => assert.equal(await ana.page.evaluate(() => document.activeElement.localName), "textarea"));
  await ana.page.keyboard.type("\nmore");
  await board.apply({ type: "editDescription", card, at: 2, remove: 3, insert: "The aim" });
  await eventually(async () => assert.match(await field.inputValue(), /^# The aim[^]*more$/));
  await ana.press("Escape");
  await text.getByText("more").waitFor();
  await text.getByText("Ship").click();
  await field.waitFor();
  await eventually(() => assert.match(board.view.columns[0].cards[0].description, /^# The aim[^]*more$/));
});

test("a description of any shape opens", async (t) => {
  const relay = await startRelay(t);
  const shapes = ["> ".repeat(2000) + "x", "[".repeat(5000), "*a ".repeat(5000), "- ".repeat(3000) + "x", "long ".repeat(10_000)];
  const board = await boardAt(t, relay, { "To do": shapes.map((description, at) => ({ title: `Card ${at}`, description })) });
  const ana = await Person.opens(t, browser, addressOf(relay, board), "ana");
  for (const at of shapes.keys()) {
    await ana.link(`Card ${at}`).click();
    await ana.page.locator(".description .markdown").waitFor();
    await ana.press("Escape");
    await ana.page.locator("dialog[open]").waitFor({ state: "detached" });
  }
  assert.deepEqual(withoutNetwork(ana.errors), []);
});
