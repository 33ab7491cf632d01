// The third chapter: others on the board, and what two people do at once.

import { eventually } from "../../tests/support/boards.mjs";
import { apart, dialog, dismissAll, isSaved, press, says } from "./studio.mjs";

export async function together(studio) {
  const team = await studio.team();
  await sharing(studio, team);
  await company(studio, team);
  await oneCardTwoColumns(studio, team);
  await deletedMeanwhile(studio, team);
  await twoTitles(studio, team);
  await goneWhileOpen(studio, team);
  await columnDeletedMeanwhile(studio, team);
  await undoRefused(studio, team);
}

async function sharing(studio, { ana: { page }, chie }) {
  await press(page, "Share this board");
  await page.locator('[data-member="chie"]').waitFor();
  await page.getByLabel("What chie may do").selectOption("reader");
  await studio.picture(page, "share", dialog(page));
  await says(chie, /^Read only/);
  await page.getByLabel("What chie may do").selectOption("editor");
  await isSaved(chie);
  await press(page, "Make a link");
  await page.getByLabel("Link to this board").waitFor();
  await page.getByLabel("Link to this board").scrollIntoViewIfNeeded();
  await studio.picture(page, "link", dialog(page));
  await page.keyboard.press("Escape");
  await dismissAll(page);
}

async function company(studio, { ana, ben, chie }) {
  await ben.link("Order drinks").click();
  await (await ben.describes()).pressSequentially("Apple juice, ");
  await chie.picksUp("Ask the bakery about cakes");
  await chie.carriesTo("To do");
  await ana.page.locator(".people-here, header").first().waitFor();
  await ana.page.getByRole("button", { name: "2 other people are here" }).click();
  await ana.page.getByText("edits “Order drinks”").waitFor();
  await studio.picture(ana.page, "here", [ana.page.locator("header.bar").first(), ana.column("To do"), ana.column("Doing")], { margin: 0, below: 8 });
  await ana.page.keyboard.press("Escape");
  await chie.press("Escape");
  await chie.drops();
  await press(ben.page, "Done");
  await ben.press("Escape");
}

async function oneCardTwoColumns(studio, { ana, ben }) {
  await apart([ana, ben], (it) => it.drags("Rent tables and chairs", "Doing"), (it) => it.drags("Rent tables and chairs", "Done"));
  await ana.page.getByRole("button", { name: "1 decision" }).waitFor();
  const here = (await ana.shows()).Doing.includes("Rent tables and chairs") ? "Doing" : "Done";
  await dismissAll(ana.page);
  await studio.picture(ana.page, "two-columns", [ana.page.getByRole("button", { name: "1 decision" }), ana.column(here)]);
  await ana.card("Rent tables and chairs").getByRole("button", { name: `Keep in ${here}` }).click();
  await isSaved(ana);
}

async function deletedMeanwhile(studio, { ana, ben }) {
  const deletes = async (person) => {
    await person.focuses("Order drinks");
    await person.press("Delete");
  };
  await apart([ana, ben], deletes, (it) => it.drags("Order drinks", "Doing"));
  await ben.card("Order drinks").getByText(/deleted this card/).waitFor();
  await dismissAll(ben.page);
  await studio.picture(ben.page, "deleted-meanwhile", ben.card("Order drinks"));
  await ben.card("Order drinks").getByRole("button", { name: "Keep the card" }).click();
  await isSaved(ben);
}

async function twoTitles(studio, { ana, ben }) {
  const renames = (title) => async (person) => {
    await person.focuses("Insurance");
    await person.press("e");
    await person.page.keyboard.type(title);
    await person.press("Enter");
  };
  await apart([ana, ben], renames("Insurance for the stage"), renames("Insurance, one day"));
  const card = ana.page.locator(".canvas [data-card]").filter({ hasText: "Insurance" });
  await card.getByText(/set the title to/).waitFor();
  await dismissAll(ana.page);
  await studio.picture(ana.page, "two-titles", card);
  await card.getByRole("button", { name: /^Keep “/ }).click();
  await isSaved(ana);
}

async function goneWhileOpen(studio, { ana, ben }) {
  await ben.link("Face painting").click();
  await (await ben.describes()).fill("Two tables, water, and a mirror");
  await ana.focuses("Face painting");
  await ana.press("Delete");
  await ben.page.getByText(/deleted this card/).waitFor();
  await studio.picture(ben.page, "gone-while-open", dialog(ben.page));
  await ben.page.getByRole("button", { name: "Keep the card" }).click();
  await press(ben.page, "Done");
  await ben.press("Escape");
  await isSaved(ben);
}

async function columnDeletedMeanwhile(studio, { ana, ben }) {
  const deletes = async ({ page }) => {
    await press(page, "Menu of column Ideas");
    await page.getByRole("menuitem", { name: "Delete the column" }).click();
    await page.getByLabel("Delete the cards too").check();
    await studio.picture(page, "delete-column", dialog(page));
    await dialog(page).getByRole("button", { name: "Delete the column", exact: true }).click();
  };
  await dismissAll(ana.page);
  await apart([ana, ben], deletes, (it) => it.drags("Print the posters", "Ideas"));
  await ben.column("Ideas").getByText(/deleted this column/).waitFor();
  await dismissAll(ben.page);
  await studio.picture(ben.page, "recovered-column", ben.column("Ideas"));
  await ben.column("Ideas").getByRole("button", { name: "Keep the column" }).click();
  await isSaved(ben);
}

async function undoRefused(studio, { ana, ben }) {
  await ana.focuses("Book the band");
  await ana.press("Alt+ArrowRight");
  await eventually(async () => {
    if (!(await ben.shows()).Done.includes("Book the band")) throw new Error("Ben does not see it yet");
  });
  await ben.drags("Book the band", "To do");
  await isSaved(ben);
  await eventually(async () => {
    if (!(await ana.shows())["To do"].includes("Book the band")) throw new Error("Ana does not see it yet");
  });
  await dismissAll(ana.page);
  await press(ana.page, "Undo last change");
  const notice = ana.page.getByText(/Not undone: somebody has changed it since/).last();
  await notice.waitFor();
  await studio.picture(ana.page, "undo-refused", notice.locator("xpath=ancestor::li|ancestor::*[contains(@class,'notice')]").last());
}
