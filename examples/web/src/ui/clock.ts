import { readonly, ref, type Ref } from "vue";

const MINUTE_MS = 60_000;

const now = ref(Date.now());
const tick = () => (now.value = Date.now());
setInterval(tick, MINUTE_MS);
// Timers of tabs in the background are late.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") tick();
});

/** Now, in milliseconds since 1970; another value each minute. */
export function useNow(): Readonly<Ref<number>> {
  return readonly(now);
}
