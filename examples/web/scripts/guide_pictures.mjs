// Takes the pictures of the user guide, into docs/guide/pictures, by doing in the app what the guide describes:
//
//     npm run guide
//
// Behind it the names of chapters, as in `npm run guide -- together`, take the pictures of these alone.

import { mkdir } from "node:fs/promises";
import { Studio } from "./guide/studio.mjs";
import { offline } from "./guide/offline.mjs";
import { past } from "./guide/past.mjs";
import { start } from "./guide/start.mjs";
import { together } from "./guide/together.mjs";
import { work } from "./guide/work.mjs";

const CHAPTERS = { start, work, together, offline, past };
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CHAPTERS);

for (const name of wanted) {
  const chapter = CHAPTERS[name];
  if (!chapter) throw new Error(`There is no chapter ${name}; there are ${Object.keys(CHAPTERS).join(", ")}.`);
  const studio = await Studio.opens();
  try {
    await mkdir(studio.directory, { recursive: true });
    await chapter(studio);
  } finally {
    await studio.closes();
  }
}
