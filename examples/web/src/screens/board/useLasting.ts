import { onScopeDispose, readonly, ref, watch, type Ref } from "vue";

/** Whether something has held for so long; as soon as it does not, it is false. */
export function useLasting(holds: () => boolean, afterMs: number): Readonly<Ref<boolean>> {
  const lasts = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(
    holds,
    (isSo) => {
      clearTimeout(timer);
      if (isSo) timer = setTimeout(() => (lasts.value = true), afterMs);
      else lasts.value = false;
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));
  return readonly(lasts);
}
