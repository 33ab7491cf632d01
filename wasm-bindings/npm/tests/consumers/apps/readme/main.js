// Shows one board by the README's example of each framework, and its cards by components that count. The examples
// are written beside this by the test.

import { idOf, KanbanClient } from "kanban-crdt";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { mount } from "svelte";
import { createApp } from "vue";
import { drawn } from "./drawn.js";
import { BoardView as ReactView } from "./example_react.tsx";
import SvelteView from "./Example.svelte";
import { BoardView as VueView } from "./example_vue.ts";
import { Cards as ReactCards } from "./react_cards.jsx";
import SvelteCards from "./Cards.svelte";
import { Cards as VueCards } from "./vue_cards.js";

async function start() {
  const board = await new KanbanClient().create("Release");
  const [column, docs, ship] = ["todo", "docs", "ship"].map(idOf);
  await board.apply({ type: "createColumn", column, name: "To do", at: "last" });
  for (const [card, title] of [[docs, "Docs"], [ship, "Ship"]]) {
    await board.apply({ type: "createCard", card, column, at: "last", title, description: "" });
  }
  const place = (id) => document.getElementById(id);
  for (const [id, View] of [["react", ReactView], ["react-cards", ReactCards]]) {
    createRoot(place(id)).render(createElement(View, { board }));
  }
  for (const [id, View] of [["vue", VueView], ["vue-cards", VueCards]]) createApp(View, { board }).mount(place(id));
  for (const [id, View] of [["svelte", SvelteView], ["svelte-cards", SvelteCards]]) {
    mount(View, { target: place(id), props: { board } });
  }
  globalThis.example = {
    drawn,
    renameCard: (title) => board.apply({ type: "renameCard", card: docs, title }),
    renameColumn: (name) => board.apply({ type: "renameColumn", column, name }),
  };
}

start().catch((error) => (document.body.dataset.failed = String(error)));
