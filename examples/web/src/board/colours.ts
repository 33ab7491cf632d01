// Colours that people, and imported boards, gave things.

/** Names as Trello has them, in tones that go with the rest. */
const NAMED = {
  green: "#4f9d69",
  yellow: "#d9a520",
  orange: "#d97b29",
  red: "#c4503e",
  purple: "#8a63b8",
  blue: "#3d78c2",
  sky: "#3fa1c0",
  lime: "#84a93c",
  pink: "#cf6a9b",
  black: "#5a6070",
} as const;

export type ColourName = keyof typeof NAMED;

/** In the order of a rainbow. */
export const COLOUR_NAMES: readonly ColourName[] = ["red", "orange", "yellow", "lime", "green", "sky", "blue", "purple", "pink", "black"];

const isColourName = (name: string): name is ColourName => Object.hasOwn(NAMED, name);

/** The name of a colour that has one here. */
export function colourName(colour: string | null | undefined): ColourName | undefined {
  const name = (colour ?? "").trim().toLowerCase().replace(/_(dark|light)$/, "");
  return isColourName(name) ? name : undefined;
}

/** What may be given to the style sheet: a known name or a number, never anything that others could make up. */
export function paint(colour: string | null | undefined): string | undefined {
  if (!colour) return undefined;
  const known = colourName(colour);
  if (known) return NAMED[known];
  const number = colour.trim().toLowerCase();
  return /^#([0-9a-f]{3}|[0-9a-f]{6})$/.test(number) ? number : undefined;
}
