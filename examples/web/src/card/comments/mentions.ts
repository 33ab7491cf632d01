// Names in texts, as in "@Ana Lopes".

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
/** What follows a name in letters without spaces between words is no part of it. */
const endOf = (name: string) => (/[A-Za-z0-9_]$/.test(name) ? "(?![A-Za-z0-9_])" : "");

/** Finds `@name` for each of the names, the longest that fits; none if there are none. */
export function mentionsOf(names: readonly string[]): RegExp | undefined {
  const longestFirst = [...new Set(names)].filter((name) => name !== "").sort((one, other) => other.length - one.length);
  if (longestFirst.length === 0) return undefined;
  // What stands behind letters is an address for mail.
  return new RegExp(`(?<![A-Za-z0-9_.])@(?:${longestFirst.map((name) => escaped(name) + endOf(name)).join("|")})`, "giu");
}

export function isMentioned(text: string, name: string): boolean {
  return mentionsOf([name])?.test(text) ?? false;
}

export interface Typed {
  /** Where the sign stands. */
  readonly at: number;
  readonly start: string;
}

const NAME_MAX = 40;

/** The name that is being typed before the caret, if one is. */
export function typedMention(text: string, caret: number): Typed | undefined {
  const at = text.lastIndexOf("@", caret - 1);
  if (at < 0 || /[A-Za-z0-9_.]/.test(text.charAt(at - 1))) return undefined;
  const start = text.slice(at + 1, caret);
  return start.length > NAME_MAX || /[\n@]|^\s/.test(start) ? undefined : { at, start };
}
