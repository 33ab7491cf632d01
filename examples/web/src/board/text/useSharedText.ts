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
  /** The same also once what shows it is gone. */
  readonly latest: () => string | undefined;
  readonly edit: (splice: Splice) => Promise<boolean>;
  readonly changed: () => void;
}

export function useSharedText({ field, initial, text, latest, edit, changed }: SharedText) {
  /** What the board and the field last had in common. */
  let common = initial;
  let isComposing = false;
  /** What was sent last is not on the board yet, as far as is known here. */
  let isSending = false;
  let sending: ReturnType<typeof setTimeout> | undefined;

  /** Takes over what others wrote, and sends what was typed here meanwhile. */
  function reconcile(): void {
    clearTimeout(sending);
    sending = undefined;
    const area = field.value;
    const theirs = text();
    if (!area || theirs === undefined || isComposing || isSending) return;
    const { typed, arrived, own } = between(area.value, theirs, area.selectionStart);
    const merged = own ? spliced(theirs, own) : theirs;
    // Their edit as it shows in a text that has ours already.
    show(area, merged, typed && arrived ? rebased(arrived, typed) : arrived);
    common = merged;
    if (own) void send(own);
  }

  /** What was typed here, what came from others, and the first as it is to be done to the second. */
  function between(ours: string, theirs: string, caret?: number) {
    const typed = spliceBetween(common, ours, caret);
    const arrived = spliceBetween(common, theirs);
    return { typed, arrived, own: typed && arrived ? rebased(typed, arrived) : typed };
  }

  async function send(own: Splice): Promise<void> {
    isSending = true;
    const isTaken = await edit(own);
    isSending = false;
    if (!isTaken) common = text() ?? common;
    else if (left === undefined) reconcile();
    else await sendLeft(left);
  }

  /** What stood in the field when it went, while what was typed before was on its way. */
  let left: string | undefined;

  async function sendLeft(ours: string): Promise<void> {
    const theirs = latest();
    const own = theirs === undefined ? undefined : between(ours, theirs).own;
    if (own) await edit(own);
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

  /** A worker ends with its page: what it has only now been sent might be lost. */
  function leaving(event: BeforeUnloadEvent): void {
    if (sending === undefined) return;
    reconcile();
    event.preventDefault();
  }

  watch(text, reconcile, { flush: "post" });
  onMounted(() => {
    if (field.value) field.value.value = common;
    changed();
    addEventListener("beforeunload", leaving);
    document.addEventListener("visibilitychange", reconcile);
  });
  onBeforeUnmount(() => {
    isComposing = false;
    if (isSending) left = field.value?.value;
    else reconcile();
    removeEventListener("beforeunload", leaving);
    document.removeEventListener("visibilitychange", reconcile);
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
