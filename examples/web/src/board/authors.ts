// Who did something.

/** A person to name; `isMe` for whoever reads it. */
export interface Author {
  readonly name: string;
  readonly isMe: boolean;
}

/** None if nobody is known. */
export type Who = Author | undefined;

/**
 * Of placements the package gives authors as bytes, of everything else as text; until it is text everywhere,
 * this takes both.
 */
export function authorOf(author: string | readonly number[] | null, me: string | undefined): Who {
  if (author === null) return undefined;
  const name = typeof author === "string" ? author : new TextDecoder().decode(Uint8Array.from(author));
  return name.trim() === "" ? undefined : { name, isMe: name === me };
}
