// Asks the browser to keep what waits here when the disk gets full.

import type { WorkerClient } from "kanban-crdt/page";
import { readonly, ref } from "vue";
import { recalled, remember } from "../settings.js";

const isRefused = ref(false);
let isAsked = false;

/** The browser may clear what is kept here; not known to be so before it was asked. */
export const mayBeCleared = readonly(isRefused);

/** Browsers refuse a tab what they grant the installed app, so that asks once more. */
function key(): string {
  return `kanban.asked-to-keep.${matchMedia("(display-mode: standalone)").matches ? "app" : "tab"}`;
}

/** Asks once on this device: some browsers ask the person each time. */
export async function askToKeep(client: WorkerClient): Promise<void> {
  if (isAsked) return;
  isAsked = true;
  const wasAsked = recalled(key()) !== null;
  remember(key(), "yes");
  isRefused.value = !(await (wasAsked ? isKept() : client.persist()));
}

/** Where nothing is ever cleared it is so anyway, as in the package. */
async function isKept(): Promise<boolean> {
  const storage: Partial<StorageManager> | undefined = "storage" in navigator ? navigator.storage : undefined;
  return storage?.persisted === undefined || storage.persisted();
}
