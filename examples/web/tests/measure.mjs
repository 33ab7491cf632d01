// How long the page is busy, in Chromium, with 1,000 and 10,000 cards in four columns: until somebody can use it,
// after a drop, after somebody else's change, after a letter typed into the search. Prints a table.
//
//     node tests/measure.mjs [cards…]

import { addressOf, boardAt, eventually, Person, startBrowser, startRelay } from "./support/boards.mjs";

const DROPS = 24;
const COLUMNS = ["To do", "Doing", "Review", "Done"];
const ends = [];
const t = { after: (end) => ends.push(end) };

/** Titles of 30 letters, descriptions of 120 on half of them. */
function cards(count) {
  return Array.from({ length: count }, (_, at) => ({
    title: `Card ${String(at).padStart(5, "0")} has a title of so many`.slice(0, 30),
    description: at % 2 ? "A description of twenty-four ".repeat(5).slice(0, 120) : "",
  }));
}

const sorted = (values) => [...values].sort((one, other) => one - other);
const at = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];
const row = (what, values) => [what, at(values, 0.5).toFixed(1), at(values, 0.95).toFixed(1), values.length];

/** Time on the main thread, without what is painted by other threads. */
async function busy(devtools, action) {
  const read = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    const value = (name) => metrics.find((metric) => metric.name === name).value * 1000;
    return { script: value("ScriptDuration"), layout: value("LayoutDuration") + value("RecalcStyleDuration") };
  };
  const before = await read();
  await action();
  const after = await read();
  return { script: after.script - before.script, layout: after.layout - before.layout };
}

const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60))));

async function drop(person, devtools, index) {
  const { page } = person;
  const sections = page.locator("[data-column]");
  const from = sections.nth(index % 4).locator("[data-card]").nth(1);
  const to = sections.nth((index + 1) % 4).locator("[data-card]").nth(3);
  const [source, target] = [await from.boundingBox(), await to.boundingBox()];
  await page.mouse.move(source.x + 60, source.y + 20);
  await page.mouse.down();
  await page.mouse.move(source.x + 70, source.y + 26);
  await page.mouse.move(target.x + 60, target.y + 6, { steps: 4 });
  await settle(page);
  const moved = await from.getAttribute("data-card");
  const spent = await busy(devtools, async () => {
    await page.mouse.up();
    await settle(page);
  });
  const isThere = await sections.nth((index + 1) % 4).locator(`[data-card="${moved}"]`).count();
  if (isThere !== 1) throw new Error(`drop ${index} did not land`);
  return spent;
}

async function measured(browser, count) {
  const relay = await startRelay(t);
  const share = cards(count / 4);
  const board = await boardAt(t, relay, Object.fromEntries(COLUMNS.map((name) => [name, share])));
  const address = addressOf(relay, board);
  const person = await Person.opens(t, browser, address, "ana", { device: { viewport: { width: 1280, height: 800 } } });
  const { page } = person;
  await page.locator("[data-card]").first().waitFor();
  await eventually(() => page.getByText("Saved", { exact: true }).waitFor({ timeout: 5000 }));

  const opened = [];
  for (let run = 0; run < 5; run += 1) {
    await page.reload({ waitUntil: "commit" });
    await page.locator("[data-card]").first().waitFor();
    opened.push(await page.evaluate(() => performance.now()));
    await page.waitForTimeout(500);
  }

  const devtools = await person.context.newCDPSession(page);
  await devtools.send("Performance.enable");
  await page.waitForTimeout(1500);
  const drops = [];
  for (let index = 0; index < DROPS; index += 1) drops.push(await drop(person, devtools, index));

  const remote = [];
  for (let index = 0; index < DROPS; index += 1) {
    const { columns } = board.view;
    const card = columns[index % 4].cards[5];
    const title = `Renamed ${index}`;
    remote.push(
      await busy(devtools, async () => {
        await board.apply({ type: "renameCard", card: card.id, title });
        await page.getByText(title, { exact: true }).waitFor();
        await settle(page);
      }),
    );
  }

  const typed = [];
  const search = page.getByRole("searchbox").or(page.getByPlaceholder("Search cards")).first();
  await search.focus();
  for (const letter of "card 00 description twent") {
    typed.push(
      await busy(devtools, async () => {
        await page.keyboard.press(letter === " " ? "Space" : letter);
        await settle(page);
      }),
    );
  }
  await person.context.close();
  const script = (all) => all.map((spent) => spent.script);
  const layout = (all) => all.map((spent) => spent.layout);
  return [
    row("usable after a reload, warm cache", opened),
    row("a drop: script", script(drops)),
    row("a drop: style and layout", layout(drops)),
    row("somebody else's change: script", script(remote)),
    row("a letter in the search: script", script(typed)),
    row("a letter in the search: style and layout", layout(typed)),
  ];
}

const browser = await startBrowser();
try {
  for (const count of process.argv.slice(2).map(Number).concat(process.argv.length > 2 ? [] : [1000, 10_000])) {
    const rows = await measured(browser, count);
    console.log(`\n| ${count} cards | median ms | p95 ms | of |\n|---|---|---|---|`);
    for (const cells of rows) console.log(`| ${cells.join(" | ")} |`);
  }
} finally {
  await browser.close();
  for (const end of ends.reverse()) await end();
}
