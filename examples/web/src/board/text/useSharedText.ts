// A text area that several people write in. What is typed here goes to the board in small pieces; what comes from
// there is put in around the caret. While an input method composes, neither disturbs it.

import { onBeforeUnmount, onMounted, watch, type Ref } from "vue";
import { placeAfter, rebased, spliceBetween, spliced, type Splice } from "./splices.js";

/** Others see words as they come, and the history does not get a change for each letter. */
const SENT_EVERY_MS = 250;

export interface SharedText {
  readonly field: Readonly<Ref<HTMLTextAreaElement | null>>;
  readonly initial: string;
  /** The text on the board; none while it cannot be changed there. */
  readonly text: () => string | undefined;
  readonly edit: (splice: Splice) => Promise<boolean>;
  readonly changed: () => void;
}

export function useSharedText({ field, initial, text, edit, changed }: SharedText) {
  /** What the board and the field last had in common. */
  let common = initial;
  let isComposing = false;
  let sending: ReturnType<typeof setTimeout> | undefined;

  /** Takes over what others wrote, and sends what was typed here meanwhile. */
  function reconcile(): void {
    clearTimeout(sending);
    sending = undefined;
    const area = field.value;
    const theirs = text();
    if (!area || theirs === undefined || isComposing) return;
    const typed = spliceBetween(common, area.value, area.selectionStart);
    const arrived = spliceBetween(common, theirs);
    const own = typed && arrived ? rebased(typed, arrived) : typed;
    const merged = own ? spliced(theirs, own) : theirs;
    // Their edit as it shows in a text that has ours already.
    show(area, merged, typed && arrived ? rebased(arrived, typed) : arrived);
    common = merged;
    if (own) void edit(own).then((isTaken) => isTaken || (common = text() ?? common));
  }

  function show(area: HTMLTextAreaElement, merged: string, arrived: Splice | undefined): void {
    if (area.value === merged) return;
    const { selectionStart, selectionEnd, selectionDirection, scrollTop } = area;
    area.value = merged;
    const after = (place: number) => (arrived ? placeAfter(place, arrived) : place);
    if (document.activeElement === area) {
      area.setSelectionRange(after(selectionStart), after(selectionEnd), selectionDirection);
    }
    area.scrollTop = scrollTop;
    changed();
  }

  watch(text, reconcile, { flush: "post" });
  onMounted(() => {
    if (field.value) field.value.value = common;
    changed();
    addEventListener("pagehide", reconcile);
  });
  onBeforeUnmount(() => {
    isComposing = false;
    reconcile();
    removeEventListener("pagehide", reconcile);
  });

  return {
    typed: () => {
      changed();
      if (!isComposing) sending ??= setTimeout(reconcile, SENT_EVERY_MS);
    },
    composes: (isNow: boolean) => {
      isComposing = isNow;
      if (!isNow) reconcile();
    },
    reconcile,
  };
}
