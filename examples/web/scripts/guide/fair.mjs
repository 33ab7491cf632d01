// The board of the guide: three people prepare a summer fair.

import { idOf, KanbanClient } from "kanban-crdt";

const id = (text) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
const DAY_MS = 86_400_000;
const LABELS = [["Food", "orange"], ["Music", "purple"], ["Money", "green"], ["Press", "blue"]];
const PEOPLE = ["ana", "ben", "chie"];

function card(title, { labels = [], people = [], items, ...rest } = {}) {
  const list = items && { id: `${id(title)}-list`, name: "To do", items: items.map(([text, done], at) => ({ id: `${id(title)}-${at}`, text, done })) };
  return { id: id(title), title, labels: labels.map(id), assignees: people, ...(list && { checklists: [list] }), ...rest };
}

/** Dates stand around today. */
function draft(today) {
  const day = (after) => new Date(today + after * DAY_MS).toISOString().slice(0, 10);
  const said = (by, at, text) => ({ id: `said-${at}`, by, at: Math.floor(today / 1000) - at, text });
  const columns = {
    Ideas: [card("Face painting"), card("A raffle for the library", { labels: ["Money"] }), card("Lanterns for the evening")],
    "To do": [
      card("Order drinks", { labels: ["Food"], people: ["ben"], due: day(5) }),
      card("Print the posters", { labels: ["Press"], people: ["chie"], due: day(1), items: [["Choose a picture", true], ["Proofread the text", false], ["Send to the printer", false]] }),
      card("Rent tables and chairs"),
    ],
    Doing: [
      card("Book the band", {
        labels: ["Music", "Money"],
        people: ["ana", "ben"],
        due: day(-1),
        description: "Five people, two sets of 45 minutes.\n\n- [x] ask for a price\n- [ ] sign the contract\n\nTheir page: https://band.example",
        comments: [said("ben", 7200, "They can come at **six**."), said("chie", 3600, "Then the stage has to be up by five.")],
      }),
      card("Ask the bakery about cakes", { labels: ["Food"], people: ["chie"], cover: "orange" }),
    ],
    Done: [card("Ask the town for the square", { people: ["ana"], done: true }), card("Insurance", { labels: ["Money"], done: true })],
  };
  return {
    name: "Summer fair",
    labels: LABELS.map(([name, colour]) => ({ id: id(name), name, colour })),
    members: PEOPLE.map((name) => ({ id: name, name, colour: "" })),
    columns: Object.entries(columns).map(([name, cards]) => ({ id: idOf(id(name)), name, cards, ...(name === "Doing" && { wipLimit: 3 }) })),
  };
}

/** The board as a file that can be imported. */
export async function fair() {
  const client = new KanbanClient();
  const board = await client.create({ type: "draft", draft: draft(Date.now()) });
  const json = board.ask({ type: "json" });
  await client.close();
  return json;
}
