// Copies with something changed, which are the same objects if nothing is.

import type { Slot } from "kanban-crdt/page";

export function but<It extends object, Key extends keyof It>(it: It, key: Key, value: It[Key]): It {
  return it[key] === value ? it : { ...it, [key]: value };
}

export function changedEach<It>(all: readonly It[], change: (it: It) => It): readonly It[] {
  const changed = all.map(change);
  return changed.every((it, at) => it === all[at]) ? all : changed;
}

export function marked<Id>(marks: readonly Id[], mark: Id, isOn: boolean): readonly Id[] {
  if (marks.includes(mark) === isOn) return marks;
  return isOn ? [...marks, mark] : marks.filter((it) => it !== mark);
}

/** With one of them in a slot; as they are if what it goes next to is not here. */
export function placed<Id, It extends { readonly id: Id }>(all: readonly It[], id: Id, slot: Slot<Id>): readonly It[] {
  const at = all.findIndex((it) => it.id === id);
  const it = all[at];
  if (!it) return all;
  const others = all.filter((other) => other !== it);
  return indexOfSlot(others, slot) === at ? all : (inserted(others, it, slot) ?? all);
}

/** With one more; none if what it goes next to is not here. */
export function inserted<Id, It extends { readonly id: Id }>(all: readonly It[], it: It, slot: Slot<Id>): readonly It[] | undefined {
  const to = indexOfSlot(all, slot);
  return to < 0 ? undefined : [...all.slice(0, to), it, ...all.slice(to)];
}

function indexOfSlot<Id, It extends { readonly id: Id }>(others: readonly It[], slot: Slot<Id>): number {
  if (slot === "first") return 0;
  if (slot === "last") return others.length;
  if ("before" in slot) return others.findIndex(({ id }) => id === slot.before);
  const at = others.findIndex(({ id }) => id === slot.after);
  return at < 0 ? -1 : at + 1;
}
