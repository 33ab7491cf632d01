// The hostile changes that the Rust tests are made with.

import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";

/** What can be seen of a change only by whoever has an index of all operations of the document. */
const NEEDS_AN_INDEX = new Set([
  "a gap in the sequence",
  "operations numbered beyond what can be counted",
  "an object that is none",
  "an object that does not exist",
  "an element that does not exist",
  "an element of another text",
  "an element that is the text itself",
  "a change of an element that does not exist",
  "a mark in a list",
  "an element key in a map",
  "a key in a text",
  "a key in a list",
  "a predecessor under another key",
  "a predecessor in another object",
  "a predecessor that is another element",
  "a change of a mark",
  "a deletion of a mark",
  "a mark that ends where it begins, before it",
  "a mark that ends before it begins",
  "a mark that ends at the beginning of the text",
  "a mark that ends in an older branch before it",
  "what the change does not build on",
  "a deletion of a deletion",
  "a value over an increment",
  "a deletion of what does not exist",
  "a deletion in two places at once",
  "objects nested deeply",
  "a jump far ahead",
  "a jump back",
  "a next change that does not build on the last",
  // Only Automerge finds that out, by a panic.
  "a document whose changes lie",
]);

/**
 * What `hostile_corpus` prints: `world`, the changes that all others build on; `plain`, those that are wrong by
 * themselves; `subtle`, those that are wrong in their document; and `messages`, the payloads of sync messages.
 */
export function hostileCorpus(relayProgram) {
  const program = join(dirname(relayProgram), "examples/hostile_corpus");
  const text = execFileSync(program, { maxBuffer: 64 * 1024 * 1024 }).toString();
  const all = text.trimEnd().split("\n").map((line) => {
    const [kind, name, hex] = line.split("\t");
    return { kind, name, bytes: new Uint8Array(Buffer.from(hex, "hex")) };
  });
  const special = ["world", "sync message"];
  const ofKind = (kind) => all.filter((it) => it.kind === kind).map((it) => it.bytes);
  const changes = all.filter(({ kind }) => !special.includes(kind));
  return {
    world: ofKind("world"),
    plain: changes.filter(({ name }) => !NEEDS_AN_INDEX.has(name)),
    subtle: changes.filter(({ name }) => NEEDS_AN_INDEX.has(name)),
    messages: ofKind("sync message"),
  };
}

/** The payload of a sync message that brings changes and says nothing else. */
export function bringing(...changes) {
  const parts = changes.flatMap((change) => [leb(change.length), change]);
  return new Uint8Array(Buffer.concat([Uint8Array.of(0x42, 0, 0, 0), leb(changes.length), ...parts]));
}

/** LEB128. */
export function leb(number) {
  const bytes = [];
  for (; number >= 0x80; number = Math.floor(number / 0x80)) bytes.push((number % 0x80) | 0x80);
  return Uint8Array.of(...bytes, number);
}
