// A team's board, for pictures.

const id = (text) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
const labels = [
  ["Design", "purple"],
  ["Bug", "red"],
  ["Docs", "blue"],
  ["Relay", "green"],
].map(([name, colour]) => ({ id: id(name), name, colour }));
const members = [
  ["Ana", "teal"],
  ["Ben", "orange"],
  ["Chie", "pink"],
].map(([name, colour]) => ({ id: id(name), name, colour }));

function card(title, { labels = [], people = [], description = "", items, ...rest } = {}) {
  const checklists = items && [
    {
      id: `${id(title)}-list`,
      name: "To do",
      items: items.map(([text, done], at) => ({ id: `${id(title)}-${at}`, text, done })),
    },
  ];
  return {
    id: id(title),
    title,
    description,
    labels: labels.map(id),
    assignees: people.map(id),
    ...(checklists && { checklists }),
    ...rest,
  };
}

/** Dates stand around the day on which the pictures are taken. */
export function sampleBoard(today) {
  const day = (after) => new Date(today + after * 86_400_000).toISOString().slice(0, 10);
  const said = (by, at, text) => ({ id: `said-${at}`, by, at: Math.floor(today / 1000) - at, text });
  const column = (name, cards, more = {}) => ({ id: id(name), name, cards, ...more });
  return {
    name: "Release 2.0",
    labels,
    members,
    columns: [
      column("Ideas", [
        card("Keyboard shortcuts for filters", { labels: ["Design"] }),
        card("Calendar feed of due dates"),
        card("Sort a column by due date", { labels: ["Docs"], people: ["Chie"] }),
        card("Emoji in column names 🎉"),
      ]),
      column("To do", [
        card("Write the upgrade guide", {
          labels: ["Docs"],
          people: ["Ana"],
          due: day(3),
          description: "What changes for people who host the relay, and how long it takes.",
          items: [
            ["New options", true],
            ["Backups first", true],
            ["Downtime", false],
          ],
        }),
        card("Print styles", { labels: ["Design"] }),
        card("Card covers load late on slow networks", { labels: ["Bug"], people: ["Ben"], cover: "orange" }),
      ]),
      column(
        "Doing",
        [
          card("Relay keeps sessions over a restart", {
            labels: ["Relay", "Bug"],
            people: ["Ben", "Chie"],
            due: day(-1),
            comments: [said("ben", 7200, "It was the clock of the test machine."), said("chie", 3600, "Then let us say so.")],
          }),
          card("日本語の入力中に他の人の文字が届く", { labels: ["Docs"], people: ["Chie"] }),
          card("Long press lifts a card on phones", {
            people: ["Ana"],
            items: [
              ["iOS", true],
              ["Android", false],
            ],
          }),
        ],
        { wipLimit: 3 },
      ),
      column("Done", [
        card("Offline after a reload", { labels: ["Relay"], done: true }),
        card("Two people in one description", { people: ["Ana", "Ben"], done: true }),
      ]),
    ],
  };
}
