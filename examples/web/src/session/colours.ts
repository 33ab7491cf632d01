export const COLOURS = ["teal", "blue", "violet", "rose", "brick", "ochre", "moss", "slate"] as const;

export type Colour = (typeof COLOURS)[number];

/** The colour that was chosen for a board, or one that its id gives it, the same on every device. */
export function colourOf(boardId: string, chosen: string | undefined): Colour {
  const known = COLOURS.find((colour) => colour === chosen);
  if (known) return known;
  let sum = 0;
  for (const letter of boardId) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return COLOURS[sum % COLOURS.length] ?? "teal";
}
