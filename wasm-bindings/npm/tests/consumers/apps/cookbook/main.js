// Shows one board by the recipe of each framework. The recipes are written beside this by the test.

import { idOf, KanbanClient } from "kanban-crdt";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { mount } from "svelte";
import { createApp } from "vue";
import { FirstColumn as ReactColumn } from "./react_board.tsx";
import SvelteColumn from "./SvelteBoard.svelte";
import { FirstColumn as VueColumn } from "./vue_board.ts";

async function start() {
  const board = await new KanbanClient().create("Release");
  const [column, card] = [idOf("todo"), idOf("docs")];
  await board.apply({ type: "createColumn", column, name: "To do", at: "last" });
  await board.apply({ type: "createCard", card, column, at: "last", title: "Docs", description: "" });
  const place = (id) => document.getElementById(id);
  createRoot(place("react")).render(createElement(ReactColumn, { board }));
  createApp(VueColumn, { board }).mount(place("vue"));
  mount(SvelteColumn, { target: place("svelte"), props: { board } });
  globalThis.rename = (title) => board.apply({ type: "renameCard", card, title });
}

start().catch((error) => (document.body.dataset.failed = String(error)));
