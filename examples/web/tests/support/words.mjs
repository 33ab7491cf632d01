// The app's dictionaries, for programs that check texts against them.

import { readdir, readFile } from "node:fs/promises";
import ts from "typescript";

const WORDS = new URL("../../src/words/", import.meta.url);
const OPTIONS = { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } };
/** What is put into words that have gaps: the guide writes one of these, or `…` for whatever may stand there. */
const FILLINGS = ["…", 0, 1, 2, 3, "To do", "Doing", "Done", { name: "…", isMe: false }];
const GAPS_MAX = 3;

/** Every word of a language, by area. */
export async function dictionary(language) {
  const directory = new URL(`${language}/`, WORDS);
  const names = (await readdir(directory)).filter((name) => name.endsWith(".ts"));
  const areas = await Promise.all(names.map((name) => areaOf(new URL(name, directory))));
  return Object.assign({}, ...areas);
}

/** Only types are imported there, so what is left stands alone. */
async function areaOf(file) {
  const { outputText } = ts.transpileModule(await readFile(file, "utf8"), OPTIONS);
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

/** All that can stand on the screen, as far as the fillings say. */
export function sentences(word) {
  if (typeof word === "string") return [word];
  if (typeof word === "function") return fillings(Math.min(word.length, GAPS_MAX)).flatMap((gaps) => filled(word, gaps));
  if (typeof word === "object" && word !== null) return Object.values(word).flatMap(sentences);
  return [];
}

function fillings(count) {
  if (count === 0) return [[]];
  return fillings(count - 1).flatMap((gaps) => FILLINGS.map((filling) => [...gaps, filling]));
}

function filled(word, gaps) {
  try {
    const text = word(...gaps);
    return typeof text === "string" ? [text] : [];
  } catch (error) {
    // A filling of another type than the gap takes.
    if (error instanceof TypeError) return [];
    throw error;
  }
}
