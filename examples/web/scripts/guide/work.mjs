// The second chapter: what a card holds, and how one finds and moves many.

import { choose, dialog, dismissAll, isSaved, onBoard, PHONE, popover, press } from "./studio.mjs";
import { middle } from "../../tests/support/boards.mjs";

export async function work(studio) {
  const { ana, ben } = await studio.team();
  await card(studio, ana);
  await description(studio, ana);
  await searching(studio, ana);
  await rows(studio, ana);
  await several(studio, ana);
  await byKeys(studio, ana);
  await byFinger(studio, ben.page.url());
}

async function card(studio, ana) {
  const { page } = ana;
  await ana.link("Book the band").click();
  await dialog(page).waitFor();
  await studio.picture(page, "card", dialog(page));
  await press(page, "Edit labels");
  await studio.picture(page, "labels", [dialog(page).getByRole("heading", { name: "Labels" }), popover(page)]);
  await page.keyboard.press("Escape");
  await page.getByRole("textbox", { name: "Write a comment" }).click();
  await page.keyboard.type("When do they need power, @b");
  await page.getByRole("option", { name: "ben" }).waitFor();
  await page.locator(".comment-field").scrollIntoViewIfNeeded();
  await studio.picture(page, "mention", [page.locator(".comment-field"), page.locator(".offered")]);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+Enter");
  await page.keyboard.press("Escape");
  await ana.link("Print the posters").click();
  await dialog(page).waitFor();
  await studio.picture(page, "checklist", dialog(page).locator("[data-checklist]"));
}

/** Still in the dialog of the posters, which has no description yet. */
async function description(studio, ana) {
  const { page } = ana;
  const field = await ana.describes();
  await field.fill("## Where\n\n- town hall\n- library\n- **both** bakeries\n\nSize A3, 40 of them.");
  await studio.picture(page, "description-writing", [dialog(page).locator("section.description, .description").first()]);
  await press(page, "Done");
  await studio.picture(page, "description", [dialog(page).locator("section.description, .description").first()]);
  await page.keyboard.press("Escape");
  await isSaved(ana);
  await dismissAll(page);
}

async function searching(studio, ana) {
  const { page } = ana;
  await page.locator(".filter-button").click();
  for (const name of ["Money", "Music"]) await page.getByRole("checkbox", { name, exact: true }).check();
  const panel = popover(page).or(page.locator(".filter-panel:visible"));
  await studio.picture(page, "filter", [page.locator(".filter-button"), panel], { margin: 8 });
  await page.keyboard.press("Escape");
  await page.getByPlaceholder("Search cards").fill("band");
  await studio.picture(page, "filtered", [page.locator("header.bar").first(), ana.column("To do"), ana.column("Doing")], { margin: 0, below: 12 });
  await page.getByPlaceholder("Search cards").fill("");
  await press(page, "Clear filters");
}

async function rows(studio, ana) {
  const { page } = ana;
  await choose(page, "Board menu", "Assignee");
  await page.getByText("Nobody assigned").first().waitFor();
  await studio.picture(page, "rows");
  await choose(page, "Board menu", "Columns only");
  await ana.card("Order drinks").waitFor();
}

async function several(studio, ana) {
  const { page } = ana;
  await ana.link("Face painting").click({ modifiers: ["Control"] });
  await ana.link("Lanterns for the evening").click({ modifiers: ["Shift"] });
  await page.locator(".selection-bar").waitFor();
  await studio.picture(page, "selection", [ana.column("Ideas"), page.locator(".selection-bar")]);
  await press(page, "End selection");
}

async function byKeys(studio, ana) {
  const { page } = ana;
  await ana.focuses("Rent tables and chairs");
  await ana.press("Space", "ArrowRight");
  await studio.picture(page, "by-keys", [ana.column("To do"), ana.column("Doing")]);
  await page.keyboard.press("Escape");
}

async function byFinger(studio, address) {
  const page = await studio.signsIn("ben", PHONE);
  await page.goto(address);
  const ben = await onBoard(page);
  await isSaved(ben);
  await dismissAll(page);
  await ben.column("To do").evaluate((column) => column.scrollIntoView({ inline: "center" }));
  const devtools = await page.context().newCDPSession(page);
  const touch = (type, ...touchPoints) => devtools.send("Input.dispatchTouchEvent", { type, touchPoints });
  const from = middle(await ben.card("Order drinks").boundingBox());
  await touch("touchStart", from);
  await page.locator(".card.lifted").waitFor();
  await touch("touchMove", { x: from.x + 10, y: from.y + 70 });
  await touch("touchMove", { x: from.x + 14, y: from.y + 150 });
  await studio.picture(page, "phone");
  await touch("touchEnd");
}
