// Edits of a text by two people at once, as the description's field brings them together.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import ts from "typescript";

const source = await readFile(new URL("../src/board/text/splices.ts", import.meta.url), "utf8");
const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
const { spliceBetween, spliced, rebased, placeAfter } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);

/** The same numbers from the same seed. */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const SIGNS = ["a", "b", "a", " ", "日", "🙂", "👩‍💻", "\n"];
const words = (roll, most) => Array.from({ length: roll(most) }, () => SIGNS[roll(SIGNS.length)]).join("");

function edited(text, roll) {
  const signs = [...text];
  signs.splice(roll(signs.length + 1), roll(4), words(roll, 5));
  return signs.join("");
}

test("a splice makes one text of the other, and never cuts a character", () => {
  for (let seed = 1; seed <= 3000; seed += 1) {
    const roll = dice(seed);
    const before = words(roll, 12);
    const after = edited(before, roll);
    const splice = spliceBetween(before, after, roll(after.length + 1));
    if (!splice) assert.equal(before, after);
    else {
      assert.equal(spliced(before, splice), after, `seed ${seed}`);
      for (const part of [before.slice(0, splice.at), splice.insert, before.slice(splice.at + splice.remove)]) {
        assert.ok(part.isWellFormed?.() ?? encodeURIComponent(part), `seed ${seed}`);
      }
    }
  }
});

test("an edit of a text that somebody else has edited stays inside it, and takes nothing of theirs away", () => {
  for (let seed = 1; seed <= 3000; seed += 1) {
    const roll = dice(seed);
    const before = words(roll, 12);
    const [mine, theirs] = [edited(before, roll), edited(before, roll).replaceAll("b", "c")];
    const [own, arrived] = [spliceBetween(before, mine), spliceBetween(before, theirs)];
    if (!own || !arrived) continue;
    const { at, remove, insert } = rebased(own, arrived);
    assert.ok(at >= 0 && remove >= 0 && at + remove <= theirs.length, `seed ${seed}`);
    const merged = spliced(theirs, { at, remove, insert });
    assert.ok(merged.includes(own.insert), `seed ${seed}: mine is there`);
    assert.ok(merged.includes(arrived.insert) || own.insert !== "", `seed ${seed}: theirs is there`);
    encodeURIComponent(merged);
  }
});

test("the caret stays behind what was typed", () => {
  const theirs = { at: 2, remove: 1, insert: "xyz" };
  assert.deepEqual([0, 2, 3, 5].map((place) => placeAfter(place, theirs)), [0, 2, 5, 7]);
});
