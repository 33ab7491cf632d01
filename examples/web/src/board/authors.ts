// Who did something, as a name to show.

/**
 * Of placements the package gives authors as bytes, of everything else as text; until it is text everywhere,
 * this takes both.
 */
export function authorName(author: string | readonly number[] | null): string | undefined {
  if (author === null) return undefined;
  const name = typeof author === "string" ? author : new TextDecoder().decode(Uint8Array.from(author));
  return name.trim() === "" ? undefined : name;
}
