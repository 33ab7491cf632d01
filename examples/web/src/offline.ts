// Keeps the app on this device, and offers newer versions of it.

import { useNotices } from "./ui/notices.js";
import { useWords } from "./words/index.js";

const LOOK_EVERY_MS = 60 * 60_000;

const words = useWords();
const { tell } = useNotices();

/** Never by itself: somebody may be writing. */
function offer(reload: () => void): void {
  tell(words.common.newVersion, { stays: true, action: { label: words.common.reload, run: reload } });
}

function offerWhenReady(registration: ServiceWorkerRegistration): void {
  const { installing, waiting } = registration;
  const takeOver = (worker: ServiceWorker) => () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    worker.postMessage("take over");
  };
  if (waiting && navigator.serviceWorker.controller) offer(takeOver(waiting));
  installing?.addEventListener("statechange", () => {
    const isUpdate = navigator.serviceWorker.controller !== null;
    if (installing.state === "installed" && isUpdate) offer(takeOver(installing));
  });
}

/** Browsers keep it only for pages that came safely, or from this machine. */
export async function keepOffline(): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
  offerWhenReady(registration);
  registration.addEventListener("updatefound", () => offerWhenReady(registration));
  const look = () => {
    // Without a connection there is nothing to look at.
    if (navigator.onLine) registration.update().catch(() => {});
  };
  setInterval(look, LOOK_EVERY_MS);
}
