import { ref, type Ref } from "vue";

const drafts = new Map<string, Ref<string>>();

/** What somebody began to write and did not send, for as long as the page runs. */
export function draftOf(place: string): Ref<string> {
  const kept = drafts.get(place) ?? ref("");
  drafts.set(place, kept);
  return kept;
}
