import { readonly, shallowRef } from "vue";

/** Two things said within this time are heard as one: a word that stood for less is one nobody heard. */
const ONE_BREATH_MS = 400;
const SILENCE_MS = 50;
const STANDS_MS = 10_000;

interface Said {
  readonly text: string;
  readonly at: number;
  readonly isStep: boolean;
}

const spoken = shallowRef("");
let last: Said | undefined;
let speaking: ReturnType<typeof setTimeout> | undefined;
let emptying: ReturnType<typeof setTimeout> | undefined;

/** What the live regions say. */
export const announcement = readonly(spoken);

/** Says something to people who hear the page, once whatever they are hearing has been said. */
export function announce(text: string): void {
  say({ text, at: performance.now(), isStep: false });
}

/** Says a step on the way to a place, which nobody misses once the next one is said. */
export function announceStep(text: string): void {
  say({ text, at: performance.now(), isStep: true });
}

function say(now: Said): void {
  const { text } = now;
  const isInOneBreath = last && !last.isStep && last.text !== text && now.at - last.at < ONE_BREATH_MS;
  const whole = last && isInOneBreath ? `${ended(last.text)} ${text}` : text;
  last = now;
  clearTimeout(speaking);
  clearTimeout(emptying);
  // The same words twice are heard twice only if there was something else in between.
  spoken.value = "";
  speaking = setTimeout(() => (spoken.value = whole), SILENCE_MS);
  emptying = setTimeout(() => (spoken.value = ""), STANDS_MS);
}

const ended = (text: string) => (/[.!?。]$/.test(text) ? text : `${text}.`);
