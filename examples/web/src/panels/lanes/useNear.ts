// Rows that are far from what is in sight are not drawn; their height is kept, so that nothing jumps.

import { onBeforeUnmount, onMounted, ref, type Ref } from "vue";

/** What is drawn beyond the edges. */
const MARGIN_PX = 300;

interface Row {
  readonly element: Readonly<Ref<HTMLElement | null>>;
  /** Its part that is not drawn while it is far. */
  readonly content: Readonly<Ref<HTMLElement | null>>;
  /** Somebody is busy with it, wherever it is. */
  readonly isBusy: () => boolean;
}

export function useNear({ element, content, isBusy }: Row, isNearAtFirst: boolean) {
  const isNear = ref(isNearAtFirst);
  /** In pixels, once it was drawn. */
  const height = ref<number>();
  let observer: IntersectionObserver | undefined;

  function seen(entries: readonly IntersectionObserverEntry[]): void {
    const isSeen = entries.at(-1)?.isIntersecting === true;
    if (isSeen === isNear.value || (!isSeen && isBusy())) return;
    if (!isSeen) height.value = content.value?.offsetHeight;
    isNear.value = isSeen;
  }

  onMounted(() => {
    if (!element.value) return;
    observer = new IntersectionObserver(seen, {
      root: element.value.closest("[data-lanes]"),
      rootMargin: `${MARGIN_PX}px`,
    });
    observer.observe(element.value);
  });
  onBeforeUnmount(() => observer?.disconnect());

  /** Draws it once it is known that it still is in sight. */
  function lookAgain(): void {
    if (!observer || !element.value) return;
    isNear.value = false;
    height.value = undefined;
    observer.unobserve(element.value);
    observer.observe(element.value);
  }

  return { isNear, height, lookAgain };
}
