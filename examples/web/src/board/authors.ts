// Who did something.

/** A person to name; `isMe` for whoever reads it. */
export interface Author {
  readonly name: string;
  readonly isMe: boolean;
}

/** None if nobody is known. */
export type Who = Author | undefined;

export function authorOf(author: string | null, me: string | undefined): Who {
  const name = author?.trim();
  return name ? { name, isMe: name === me } : undefined;
}
