// The fourth chapter: what the sync words mean, without a connection, and without an account any more.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { choose, dialog, dismissAll, isSaved, popover, press, says } from "./studio.mjs";

const sync = (page) => page.locator("[data-sync]").first();

export async function offline(studio) {
  const { ana, ben } = await studio.team();
  await saved(studio, ana);
  await away(studio, ana);
  await takenAway(studio, ana, ben);
  await ended(studio, ana);
}

async function saved(studio, { page }) {
  await sync(page).click();
  await studio.picture(page, "saved", [sync(page), popover(page)]);
  await page.keyboard.press("Escape");
}

async function away(studio, ana) {
  const { page } = ana;
  await ana.context.setOffline(true);
  await says(ana, /^Offline/);
  await ana.drags("Order drinks", "Doing");
  await ana.drags("Face painting", "To do");
  await says(ana, /2 changes/);
  await dismissAll(page);
  await sync(page).click();
  await studio.picture(page, "offline", [sync(page), popover(page)]);
  await page.keyboard.press("Escape");
  await press(page, "Back to your boards");
  await page.getByText("2 changes waiting").waitFor();
  await studio.picture(page, "home-offline", [page.locator("header").first(), page.locator("[data-board]")], { margin: 0, below: 16 });
  await choose(page, "Settings", "Log out");
  await dialog(page).waitFor();
  await studio.picture(page, "log-out", dialog(page));
  await press(page, "Keep working");
  await ana.context.setOffline(false);
  await page.getByRole("link", { name: "Summer fair" }).click();
  await isSaved(ana);
}

async function takenAway(studio, ana, ben) {
  await press(ana.page, "Share this board");
  await press(ana.page, "Remove ben");
  await press(ana.page, "Remove");
  await says(ben, /^No longer shared/);
  await sync(ben.page).click();
  await studio.picture(ben.page, "taken-away", [sync(ben.page), popover(ben.page)]);
  await ana.page.keyboard.press("Escape");
  await dismissAll(ana.page);
}

/** Whoever runs the relay signs Ana out everywhere. */
async function ended(studio, ana) {
  const { program, data } = studio.relay;
  await promisify(execFile)(program, ["user", "sign-out", "ana", "--data", data]);
  await ana.page.locator(".session-bar").waitFor();
  // The focus is where the last dialog was opened, and of no interest here.
  await ana.page.evaluate(() => document.activeElement?.blur());
  await studio.picture(ana.page, "signed-out", [ana.page.locator(".session-bar"), ana.page.locator("header.bar").first()], { margin: 0 });
}
