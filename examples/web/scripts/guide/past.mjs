// The fifth chapter: what was, what was put away, and files.

import { choose, dialog, dismissAll, isSaved, onBoard, press } from "./studio.mjs";

/** The board's history counts in seconds. */
const SECOND_MS = 1100;

export async function past(studio) {
  const team = await studio.team();
  await news(studio, team);
  await activity(studio, team);
  await before(studio, team);
  await putAway(studio, team);
  await files(studio, team);
}

async function news(studio, { ana, ben }) {
  await press(ana.page, "Back to your boards");
  await ana.page.getByRole("link", { name: "Summer fair" }).waitFor();
  await ben.drags("Order drinks", "Done");
  await ben.page.waitForTimeout(SECOND_MS);
  await ben.link("Book the band").click();
  await ben.page.getByRole("textbox", { name: "Write a comment" }).fill("The contract is in the post, @ana");
  await ben.press("Control+Enter");
  await ben.press("Escape");
  await ben.page.waitForTimeout(SECOND_MS);
  await ben.focuses("Rent tables and chairs");
  await ben.press("e");
  await ben.page.keyboard.type("Rent tables and benches");
  await ben.press("Enter");
  await isSaved(ben);
  await ana.page.getByRole("link", { name: "Summer fair" }).click();
  await ana.page.getByText(/^Since /).first().waitFor();
  await isSaved(ana);
  await dismissAll(ana.page);
  await studio.picture(ana.page, "news", [ana.page.getByText(/^Since /).locator(".."), ...["Ideas", "To do", "Doing", "Done"].map((name) => ana.column(name))], { margin: 0, below: 12 });
  await press(ana.page, "Mark all as seen");
}

async function activity(studio, { ana }) {
  const { page } = ana;
  await choose(page, "Board menu", "Activity");
  await page.locator("[data-activity]").first().waitFor();
  await studio.picture(page, "activity", page.locator(".side-panel"), { margin: 0 });
}

async function before(studio, { ana: { page } }) {
  await page.locator("[data-activity]").filter({ hasText: "commented on" }).getByRole("button", { name: "Show the board as it was then" }).click();
  await page.getByText("Read only").waitFor();
  await studio.picture(page, "then", page.locator("section.past"), { margin: 0 });
  await page.locator("section.past [data-card] a.title").filter({ hasText: "Rent tables" }).click();
  await dialog(page).waitFor();
  await studio.picture(page, "card-then", dialog(page));
  await page.keyboard.press("Escape");
  await press(page, "Back to now");
  await page.keyboard.press("Escape");
}

async function putAway(studio, { ana }) {
  const { page } = ana;
  for (const title of ["Face painting", "Ask the town for the square"]) {
    await ana.focuses(title);
    await ana.press("a");
  }
  await ana.focuses("Insurance");
  await ana.press("Delete");
  await dismissAll(page);
  await choose(page, "Board menu", "Archive and trash");
  await studio.picture(page, "archive", page.locator(".side-panel"), { margin: 0 });
  await page.keyboard.press("Escape");
  await isSaved(ana);
}

async function files(studio, { ana: { page } }) {
  await press(page, "Board menu");
  await studio.picture(page, "board-menu", [page.getByRole("button", { name: "Board menu" }), page.locator("[role=menu]:visible")]);
  await page.getByRole("menuitem", { name: "Copy this board…" }).click();
  await studio.picture(page, "copy-board", dialog(page));
  await page.keyboard.press("Escape");
  await press(page, "Back to your boards");
  await page.getByRole("link", { name: "Summer fair" }).waitFor();
  const file = { name: "club-trip.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(TRELLO)) };
  await page.locator("input[type=file]").setInputFiles(file);
  await page.getByText("“Club trip” is imported").first().waitFor();
  await studio.picture(page, "import-report", dialog(page));
  await press(page, "Open the board");
  await onBoard(page);
}

const card = (id, idList, name, more) => ({ id, idList, name, desc: "", pos: 1, closed: false, idLabels: [], idMembers: [], idChecklists: [], attachments: [], ...more });

/** What Trello's export of a board looks like, cut short. */
const TRELLO = {
  name: "Club trip",
  lists: [{ id: "l1", name: "To do", closed: false, pos: 1 }, { id: "l2", name: "Done", closed: false, pos: 2 }],
  cards: [
    card("k1", "l1", "Book the coach", { idLabels: ["b1"], idMembers: ["m1"], idChecklists: ["c1"] }),
    card("k2", "l1", "Packing list", { attachments: [{ id: "a1", name: "packing.pdf", url: "https://trello.com/packing.pdf", isUpload: true }] }),
    card("k3", "l2", "Choose a date", { closed: true }),
  ],
  labels: [{ id: "b1", name: "Urgent", color: "red" }],
  members: [{ id: "m1", fullName: "Ana", username: "ana" }],
  checklists: [{ id: "c1", idCard: "k1", name: "Ask", pos: 1, checkItems: [{ id: "i1", name: "price", state: "complete", pos: 1 }, { id: "i2", name: "luggage", state: "incomplete", pos: 2 }] }],
  actions: [{ id: "x1", type: "commentCard", date: "2026-05-01T10:00:00.000Z", memberCreator: { id: "m1", fullName: "Ana", username: "ana" }, data: { card: { id: "k1" }, text: "48 seats" } }],
};
