// The user guide speaks of the app as it is: its words, its keys, its pictures.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { dictionary, sentences } from "./support/words.mjs";

const GUIDE = fileURLToPath(new URL("../../../docs/guide/", import.meta.url));
const pages = await Promise.all(
  (await readdir(GUIDE)).filter((name) => name.endsWith(".md")).map(async (name) => ({ name, text: await readFile(GUIDE + name, "utf8") })),
);
const words = await dictionary("en");
/** Keys that the list of the app leaves out, and what shows that they are there. */
const MORE_KEYS = [
  ["@", "words/en/comments.ts", "@ mentions somebody"],
  ["Esc", "words/en/board.ts", "Esc puts back"],
  ["⌘", "panels/select/selection.ts", "event.metaKey"],
];
const all = (pattern) => pages.flatMap(({ name, text }) => [...text.matchAll(pattern)].map((found) => ({ name, found })));

test("each picture that a page shows is there, and each that is there is shown", async () => {
  const shown = all(/pictures\/([\w-]+\.png)/g).map(({ found }) => found[1]);
  assert.deepEqual([...new Set(shown)].sort(), (await readdir(`${GUIDE}pictures`)).sort());
});

test("each picture has words for those who do not see it", () => {
  const bare = all(/!\[\s*\]\(|<img (?![^>]*alt="[^"]+")/g);
  assert.deepEqual(bare.map(({ name }) => name), []);
});

test("what is said to stand on the screen is a word of the app", () => {
  const known = new Set(sentences(words));
  // What has a meaning inside of texts is shown as it is typed, not as a word of the app.
  const unknown = all(/`[^`]*`|\*\*([^*]+?)\*\*/gs)
    .filter(({ found }) => found[1] !== undefined)
    .map(({ name, found }) => ({ name, word: found[1].replaceAll(/\s+/g, " ") }))
    .filter(({ word }) => !known.has(word))
    .map(({ name, word }) => `${name}: ${word}`);
  assert.deepEqual(unknown, []);
});

test("the list of keys is the app's", async () => {
  const { text } = pages.find(({ name }) => name === "2-work.md");
  const rows = [...text.matchAll(/^\| ((?:<kbd>[^<]+<\/kbd> ?)+) \| (.+) \|$/gm)].map(([, keys, what]) => [keysIn(keys), what]);
  assert.deepEqual(rows, words.board.shortcutList);
});

test("no other keys are named than those that the app says of itself", async () => {
  const known = new Set(words.board.shortcutList.flatMap(([keys]) => keys));
  for (const [key, file, proof] of MORE_KEYS) {
    assert.ok((await readFile(new URL(`../src/${file}`, import.meta.url), "utf8")).includes(proof), `${key} in ${file}`);
    known.add(key);
  }
  const unknown = all(/<kbd>([^<]+)<\/kbd>/g).filter(({ found }) => !known.has(found[1]));
  assert.deepEqual(unknown.map(({ name, found }) => `${name}: ${found[1]}`), []);
});

test("each link leads to a page and a heading that are there", async () => {
  for (const { name, found } of all(/\]\(([^)#:]*)(?:#([^)]+))?\)/g)) {
    const [, path, heading] = found;
    const text = await readFile(path === "" ? GUIDE + name : new URL(path, `file://${GUIDE}`), "utf8");
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => anchorOf(title));
    if (heading !== undefined) assert.ok(headings.includes(heading), `${name} links ${path}#${heading}`);
  }
});

const keysIn = (text) => [...text.matchAll(/<kbd>([^<]+)<\/kbd>/g)].map(([, key]) => key);

/** As code hosts make them. */
function anchorOf(title) {
  return title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}
