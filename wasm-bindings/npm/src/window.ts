// What the window does in which boards are open. A worker has none: the page tells it.

export type WindowEvent = "online" | "offline" | "shown" | "hidden";

const told = new Set<(what: WindowEvent) => void>();

/** In a worker: the page says what its window does. */
export function windowDid(what: WindowEvent): void {
  for (const listener of [...told]) listener(what);
}

/** Calls back until `signal` ends it. */
export function onWindow(listener: (what: WindowEvent) => void, signal: AbortSignal): void {
  told.add(listener);
  signal.addEventListener("abort", () => told.delete(listener), { once: true });
  const hear = (event: string, what: WindowEvent) => {
    globalThis.addEventListener?.(event, () => listener(what), { signal });
  };
  // Browsers leave an open socket open when the network goes, and say nothing for minutes.
  hear("online", "online");
  hear("offline", "offline");
  hear("pagehide", "hidden");
  hear("pageshow", "shown");
  const look = () => listener(globalThis.document.visibilityState === "visible" ? "shown" : "hidden");
  globalThis.document?.addEventListener("visibilitychange", look, { signal });
}
