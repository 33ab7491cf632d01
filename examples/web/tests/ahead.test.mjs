// What the app shows until a board has answered is what the board then shows.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { KanbanClient } from "kanban-crdt";
import ts from "typescript";

const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
const SEEDS = 60;
const STEPS = 40;

/** The module with those that it imports, which know nothing of browsers. */
async function compiled(t) {
  const directory = await mkdtemp(fileURLToPath(new URL("ahead-", import.meta.url)));
  t.after(() => rm(directory, { recursive: true }));
  for (const name of ["ahead", "aheadParts", "places"]) {
    const source = await readFile(new URL(`../src/board/${name}.ts`, import.meta.url), "utf8");
    await writeFile(join(directory, `${name}.js`), ts.transpileModule(source, { compilerOptions }).outputText);
  }
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  return import(pathToFileURL(join(directory, "ahead.js")));
}

/** The same numbers from the same seed. */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const CARDS = ["a", "b", "c", "d", "e"];
const COLUMNS = ["todo", "doing", "done"];
const CONTENT = {
  name: "Plan",
  labels: [{ id: "red", name: "Red", colour: "red" }, { id: "blue", name: "Blue", colour: "blue" }],
  members: [{ id: "ana", name: "Ana" }, { id: "ben", name: "Ben" }],
  columns: COLUMNS.map((id) => ({ id, name: id, cards: id === "todo" ? CARDS.map(cardNamed) : [] })),
};

function cardNamed(id) {
  const items = (list) => ["x", "y", "z"].map((name) => ({ id: `${id}${list}${name}`, text: name, done: false }));
  return { id, title: id, checklists: ["k", "l"].map((list) => ({ id: id + list, name: list, items: items(list) })) };
}

function commandFrom(roll, step) {
  const one = (all) => all[roll(all.length)];
  const slot = (all) => one(["first", "last", { before: one(all) }, { after: one(all) }]);
  const card = one(CARDS);
  const lists = [`${card}k`, `${card}l`];
  const items = lists.flatMap((list) => ["x", "y", "z"].map((name) => list + name));
  return one([
    () => ({ type: "moveCard", card, column: one(COLUMNS), to: slot(CARDS) }),
    () => ({ type: "moveColumn", column: one(COLUMNS), to: slot(COLUMNS) }),
    () => ({ type: one(["assign", "unassign"]), card, member: one(["ana", "ben"]) }),
    () => ({ type: one(["addLabel", "removeLabel"]), card, label: one(["red", "blue"]) }),
    () => ({ type: "moveItem", card, item: one(items), checklist: one(lists), to: slot(items) }),
    () => ({ type: "moveChecklist", card, checklist: one(lists), to: slot(lists) }),
    () => ({ type: "addItem", card, checklist: one(lists), item: `n${step}`, text: "new", at: slot(items) }),
    () => ({ type: "setItemDone", card, item: one(items), done: roll(2) === 0 }),
    () => ({ type: "setDone", card, done: roll(2) === 0 }),
    () => ({ type: "renameCard", card, title: `title ${step}` }),
    () => ({ type: "batch", commands: CARDS.slice(0, 2).map((id) => ({ type: "moveCard", card: id, column: one(COLUMNS), to: one(["first", "last"]) })) }),
  ])();
}

const drawn = (view) =>
  view.columns.map(({ id, cards }) => [id, cards.map((card) => ({
    card: card.id,
    column: card.column,
    title: card.title,
    done: card.done,
    marks: [...card.labels, ...card.assignees].sort(),
    checklists: card.checklists.map((list) => [list.id, list.items.map((item) => `${item.id}${item.text}${item.done}`)]),
  }))]);

test("what is shown until a board answers is what it shows then, and nothing is shown of what it refuses", async (t) => {
  const { after } = await compiled(t);
  const client = new KanbanClient();
  t.after(() => client.close());
  let carriedOut = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const roll = dice(seed);
    const board = await client.create({ type: "draft", draft: CONTENT });
    for (let step = 0; step < STEPS; step += 1) {
      const command = commandFrom(roll, step);
      const about = `seed ${seed}, step ${step}: ${JSON.stringify(command)}`;
      const before = board.view;
      const ahead = after(before, command);
      try {
        await board.apply(command);
        carriedOut += 1;
      } catch {
        assert.ok(ahead === before, about);
        continue;
      }
      assert.deepEqual(drawn(ahead), drawn(board.view), about);
      // Of a batch, one may undo what another did: only its answer says that it is there.
      if (command.type !== "batch") assert.ok(after(board.view, command) === board.view, `${about}, again`);
    }
    await board.close();
  }
  assert.ok(carriedOut > (SEEDS * STEPS) / 3, `${carriedOut} were carried out`);
});
