// Documents of all types of Automerge, and edits of them that anybody can carry out on whatever
// they have: places are counted around the end. `sync-server/tests/interop_sessions` does the same
// in Rust.

import * as Automerge from "@automerge/automerge";

export function freshDocument() {
  return { map: {}, list: [], text: "", counter: new Automerge.Counter(0), nested: { map: {} } };
}

export function applyEdit(document, edit) {
  const [what, details] = Object.entries(edit)[0];
  edits[what](document, details);
}

const edits = {
  put: (document, { key, value }) => (document.map[key] = value),
  putNested: (document, { key, value }) => (document.nested.map[key] = value),
  delete: (document, { key }) => delete document.map[key],
  splice(document, { at, remove, insert }) {
    const place = at % (document.list.length + 1);
    document.list.splice(place, Math.min(remove, document.list.length - place), ...insert);
  },
  type(document, { at, remove, insert }) {
    const place = at % (document.text.length + 1);
    const removed = Math.min(remove, document.text.length - place);
    Automerge.splice(document, ["text"], place, removed, insert);
  },
  increment: (document, { by }) => document.counter.increment(by),
};

/** One text for equal documents: keys in order, and strings of every type as strings. */
export function canonicalJson(document) {
  return JSON.stringify(canonical(document));
}

function canonical(value) {
  if (Automerge.isCounter(value)) return value.value;
  if (Automerge.isImmutableString(value)) return value.toString();
  // What Automerge gives for the largest numbers that a double still holds.
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, canonical(value[key])]));
}
