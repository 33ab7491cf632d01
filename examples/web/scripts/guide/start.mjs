// The first chapter: an account, a board, columns and cards.

import { button, choose, dialog, dismissAll, fillIn, isSaved, onBoard, press } from "./studio.mjs";
import { PASSWORD } from "../../tests/support/app.mjs";

export async function start(studio) {
  const page = await studio.visits();
  await fillIn(page, { Name: "ana", Password: PASSWORD });
  await studio.picture(page, "create-account", page.locator("main form").locator(".."), { margin: 24 });
  await press(page, "Create account");
  await page.getByText("No boards yet").waitFor();
  await studio.picture(page, "empty-home", [page.locator("header").first(), page.getByText("No boards yet"), page.getByRole("button", { name: "Add board" }).last()], { margin: 0, below: 20 });
  await page.getByRole("button", { name: "Add board" }).first().click();
  await fillIn(page, { Name: "Summer fair" });
  await studio.picture(page, "new-board", dialog(page));
  await press(page, "Create board");
  const ana = await onBoard(page);
  await isSaved(ana);
  await columnsAndCards(studio, ana);
}

async function columnsAndCards(studio, ana) {
  const { page } = ana;
  await ana.column("To do").getByRole("button", { name: "Add a card", exact: true }).click();
  await page.keyboard.insertText("Order drinks\nPrint the posters\nRent tables and chairs");
  await studio.picture(page, "add-cards", ana.column("To do"));
  await page.keyboard.press("Enter");
  await ana.card("Rent tables and chairs").waitFor();
  await page.keyboard.press("Escape");
  await isSaved(ana);
  await dismissAll(page);
  await studio.picture(page, "board-bar", page.locator("header.bar").first(), { margin: 0 });
  await press(page, "Menu of column To do");
  await studio.picture(page, "column-menu", [ana.column("To do").locator("header"), page.locator("[role=menu]:visible")]);
  await page.keyboard.press("Escape");
  await choose(page, "Menu of column Doing", "Set a card limit");
  await dialog(page).locator("input").first().fill("1");
  await press(page, "Save");
  await ana.drags("Order drinks", "Doing");
  await ana.drags("Print the posters", "Doing");
  await isSaved(ana);
  await dismissAll(page);
  await studio.picture(page, "first-board", [ana.column("To do"), ana.column("Doing"), ana.column("Done")], { margin: 16 });
  await press(page, "Settings");
  await studio.picture(page, "settings", [button(page, "Settings"), page.locator("[role=menu]:visible")]);
}

