import { readonly, shallowRef } from "vue";

const spoken = shallowRef("");
let emptying: ReturnType<typeof setTimeout> | undefined;

/** What the live regions say. */
export const announcement = readonly(spoken);

/** Says something to people who hear the page, once whatever they are hearing has been said. */
export function announce(text: string): void {
  clearTimeout(emptying);
  spoken.value = "";
  // The same words twice are heard twice only if there was something else in between.
  setTimeout(() => (spoken.value = text), 50);
  emptying = setTimeout(() => (spoken.value = ""), 10_000);
}
