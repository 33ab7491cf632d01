// The small parts for frameworks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KanbanClient } from "kanban-crdt";
import { boardStatus, boardView } from "kanban-crdt/svelte";
import { useBoard } from "kanban-crdt/vue";
import { useBoard as useBoardInReact, useBoardPart, useBoardStatus } from "kanban-crdt/react";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { effectScope, nextTick, watchEffect } from "vue";

async function board(t) {
  const client = new KanbanClient();
  t.after(() => client.close());
  const made = await client.create("Release");
  await made.apply({ type: "createColumn", column: "todo", name: "To do", at: "last" });
  await made.apply({ type: "createColumn", column: "done", name: "Done", at: "last" });
  return made;
}

const rename = (column, name) => ({ type: "renameColumn", column, name });

test("in Vue an effect runs again for the column that changed and for no other", async (t) => {
  const made = await board(t);
  const runs = { todo: 0, done: 0 };
  const scope = effectScope();
  scope.run(() => {
    const { view, status } = useBoard(made);
    assert.equal(status.value.state, "local");
    for (const [index, id] of ["todo", "done"].entries()) {
      let shown;
      watchEffect(() => {
        const column = view.value.columns[index];
        if (column !== shown) runs[id] += 1;
        shown = column;
      });
    }
  });
  await made.apply(rename("todo", "Later"));
  await nextTick();
  assert.deepEqual(runs, { todo: 2, done: 1 });
  scope.stop();
  await made.apply(rename("done", "Finished"));
  await nextTick();
  assert.deepEqual(runs, { todo: 2, done: 1 }, "nobody listens any more");
});

test("in React a board is drawn, and its snapshot is the same object until it changes", async (t) => {
  const made = await board(t);
  const Names = () => {
    const names = useBoardInReact(made).columns.map((column) => column.name);
    const first = useBoardPart(made, (view) => view.columns[0]);
    return createElement("p", null, `${names} ${first.name} ${useBoardStatus(made).state}`);
  };
  assert.equal(renderToString(createElement(Names)), "<p>To do,Done To do local</p>");
  // What `useSyncExternalStore` relies on.
  const { subscribe } = made;
  let calls = 0;
  const stop = subscribe(() => (calls += 1));
  const before = made.view;
  await made.apply(rename("todo", "To do"));
  assert.deepEqual([calls, made.view === before], [0, true], "nothing changed");
  await made.apply(rename("todo", "Later"));
  assert.deepEqual([calls, made.view === before], [1, false]);
  stop();
  await made.apply(rename("todo", "Never"));
  assert.equal(calls, 1);
});

test("in Svelte a board is a store that says what it has at once", async (t) => {
  const made = await board(t);
  const names = [];
  const stop = boardView(made).subscribe((view) => names.push(view.columns[0].name));
  await made.apply(rename("todo", "Later"));
  stop();
  await made.apply(rename("todo", "Never"));
  assert.deepEqual(names, ["To do", "Later"]);
  let state;
  boardStatus(made).subscribe((status) => (state = status.state))();
  assert.equal(state, "local");
});
