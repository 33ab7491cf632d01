import type { presence } from "../../words/en/presence.js";
import type { AtCard } from "./company.js";

type Words = typeof presence;

export function companyInWords({ name, doing, part }: AtCard, words: Words): string {
  const who = name || words.guest;
  return doing === "editing" && part !== undefined ? words.writing[part](who) : words[doing](who);
}
