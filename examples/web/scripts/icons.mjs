// Draws the app's icons from `favicon.svg`: node scripts/icons.mjs

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const publicDir = new URL("../public/", import.meta.url);
const svg = await readFile(new URL("favicon.svg", publicDir), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

/** Launchers cut maskable icons to shapes of their own, so the ground fills all of it. */
async function draw(name, size, isMaskable) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const drawn = isMaskable ? svg.replace('rx="8"', 'rx="0"').replace("<g ", '<g transform="translate(4.8 4.8) scale(.7)" ') : svg;
  await page.setContent(`<body style="margin:0">${drawn}</body>`);
  const path = fileURLToPath(new URL(name, publicDir));
  await page.screenshot({ path, omitBackground: true });
  await page.close();
}

await draw("icon-192.png", 192, false);
await draw("icon-512.png", 512, false);
await draw("icon-maskable-512.png", 512, true);
await browser.close();
