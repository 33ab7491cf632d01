import { onScopeDispose, readonly, ref, type Ref } from "vue";

/** Whether a media query holds. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const list = matchMedia(query);
  const holds = ref(list.matches);
  const look = () => (holds.value = list.matches);
  list.addEventListener("change", look);
  onScopeDispose(() => list.removeEventListener("change", look));
  return readonly(holds);
}
