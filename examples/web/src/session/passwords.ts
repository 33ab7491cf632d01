// Which passwords the relay takes, to say so before it is asked.

import { useWords } from "../words/index.js";

const LETTERS_MIN = 10;
const BYTES_MAX = 1024;

const words = useWords();

/** What is wrong with a new password for this name; nothing if the relay takes it. */
export function passwordMistake(password: string, name: string): string | undefined {
  const letters = [...password];
  if (letters.length < LETTERS_MIN) return words.account.passwordTooShort;
  if (new TextEncoder().encode(password).length > BYTES_MAX) return words.account.passwordTooLong;
  const isObvious = new Set(letters).size === 1 || password.toLowerCase() === name;
  return isObvious ? words.account.passwordObvious : undefined;
}
