import { shallowReactive } from "vue";

/** The dialogs that are open, the topmost last: nothing outside of that one can be reached. */
export const openDialogs = shallowReactive<HTMLDialogElement[]>([]);
