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

const SCRIPTS = ["EventDispatch", "FunctionCall", "RunMicrotasks", "TimerFire", "FireAnimationFrame", "HandlePostMessage", "EvaluateScript", "MinorGC", "MajorGC"];
const LAYOUTS = ["Layout", "UpdateLayoutTree", "RecalculateStyles", "PrePaint"];
const CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "v8", "blink.user_timing"];

/** Does something again and again, and says of each time how long scripts, and style and layout, computed for it. */
async function traced(browser, page, actions) {
  await browser.startTracing(page, { categories: CATEGORIES });
  for (const [index, action] of actions.entries()) {
    await action.prepare?.();
    await page.evaluate((name) => performance.mark(name), `begin ${index}`);
    await action.run();
    await settle(page);
    await page.evaluate((name) => performance.mark(name), `end ${index}`);
    await action.check?.();
  }
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const marks = new Map(traceEvents.filter(({ name }) => /^(begin|end) \d+$/.test(name)).map((it) => [it.name, it]));
  return actions.map((_, index) => spentBetween(traceEvents, marks.get(`begin ${index}`), marks.get(`end ${index}`)));
}

/** Computing time of the page's thread, which other programs on the machine do not lengthen. */
function spentBetween(events, { ts: begin, pid, tid }, { ts: end }) {
  const ours = events.filter((it) => it.ph === "X" && it.pid === pid && it.tid === tid && it.ts >= begin && it.ts < end);
  const outermost = (names) => {
    let until = 0;
    return ours
      .filter(({ name }) => names.includes(name))
      .sort((one, other) => one.ts - other.ts || other.dur - one.dur)
      .filter(({ ts, dur = 0 }) => ts >= until && ((until = ts + dur), true));
  };
  const sum = (some) => some.reduce((total, { tdur = 0 }) => total + tdur, 0) / 1000;
  const scripts = outermost(SCRIPTS);
  const layouts = outermost(LAYOUTS);
  const isInside = (it) => scripts.some(({ ts, dur }) => it.ts >= ts && it.ts < ts + dur);
  return { script: sum(scripts) - sum(layouts.filter(isInside)), layout: sum(layouts) };
}

const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60))));

function drop({ page }, index) {
  const sections = page.locator("[data-column]");
  const from = sections.nth(index % 4).locator("[data-card]").nth(1);
  const to = sections.nth((index + 1) % 4);
  let moved;
  return {
    prepare: async () => {
      moved = await from.getAttribute("data-card");
      const [source, target] = [await from.boundingBox(), await to.locator("[data-card]").nth(3).boundingBox()];
      await page.mouse.move(source.x + 60, source.y + 20);
      await page.mouse.down();
      await page.mouse.move(source.x + 70, source.y + 26);
      await page.mouse.move(target.x + 60, target.y + 6, { steps: 4 });
      await settle(page);
    },
    run: () => page.mouse.up(),
    check: async () => {
      if ((await to.locator(`[data-card="${moved}"]`).count()) !== 1) throw new Error(`drop ${index} did not land`);
    },
  };
}

function remoteChange({ page }, board, index) {
  const title = `Renamed ${index}`;
  return {
    run: async () => {
      await board.apply({ type: "renameCard", card: board.view.columns[index % 4].cards[5].id, title });
      await page.getByText(title, { exact: true }).waitFor();
    },
  };
}

/** Each word finds other cards than the one before. */
function letters({ page }) {
  const keys = ["1", "12", "7", "desc", "99", "title"].flatMap((word) => [...word, ...Array(word.length).fill("Backspace")]);
  return keys.map((key) => ({ run: () => page.keyboard.press(key) }));
}

/** In the page, before its script: when cards were painted, and every task of more than 50 ms. */
function watchOpening() {
  globalThis.watched = { begun: 0, painted: 0, longest: 0 };
  const { watched } = globalThis;
  document.addEventListener("readystatechange", () => (watched.begun ||= performance.now()));
  const longer = ({ duration }) => (watched.longest = Math.max(watched.longest, duration));
  new PerformanceObserver((list) => list.getEntries().forEach(longer)).observe({ type: "longtask", buffered: true });
  const look = new MutationObserver(() => {
    if (!document.querySelector("[data-card]")) return;
    look.disconnect();
    // A task after the frame: it is painted.
    requestAnimationFrame(() => setTimeout(() => (watched.painted = performance.now())));
  });
  look.observe(document, { childList: true, subtree: true });
}

/** Opens the board anew, in milliseconds since its script has come and the document is read. */
async function opening(page) {
  await page.reload({ waitUntil: "commit" });
  await page.waitForFunction(() => globalThis.watched?.painted > 0);
  await page.waitForFunction(() => document.querySelector("[data-sync] .text")?.textContent === "Saved");
  const found = await page.evaluate(() => {
    const script = performance.getEntriesByType("resource").find(({ name }) => /assets\/index-[^/]*\.js$/.test(name));
    return { ...globalThis.watched, begun: Math.max(script.responseEnd, globalThis.watched.begun), saved: performance.now() };
  });
  // What comes after the first seconds, as being kept, is no part of opening.
  await page.waitForTimeout(4000);
  return { painted: found.painted - found.begun, saved: found.saved - found.begun, longest: found.longest };
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

  await page.addInitScript(watchOpening);
  const openings = [];
  for (let run = 0; run < 9; run += 1) openings.push(await opening(page));

  await page.waitForTimeout(1500);
  const times = Array.from({ length: DROPS }, (_, index) => index);
  const drops = await traced(browser, page, times.map((index) => drop(person, index)));
  const remote = await traced(browser, page, times.map((index) => remoteChange(person, board, index)));
  await page.getByPlaceholder("Search cards").focus();
  const typed = await traced(browser, page, letters(person));
  await person.context.close();
  const rows = (what, spent) => [
    row(`${what}: script`, spent.map(({ script }) => script)),
    row(`${what}: style and layout`, spent.map(({ layout }) => layout)),
  ];
  return [
    row("a reload: cards are painted, after the script runs", openings.map((it) => it.painted)),
    row("a reload: the board is here and saved, after the script runs", openings.map((it) => it.saved)),
    row("a reload: the longest task until then", openings.map((it) => it.longest)),
    ...rows("a drop", drops),
    ...rows("somebody else's change", remote),
    ...rows("a letter in the search", typed),
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
