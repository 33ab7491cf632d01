// What is searched for and filtered by, kept in the page's address, so that a link shows the same.

import type { BoardView } from "kanban-crdt/page";
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from "vue";
import { useRoute, useRouter } from "vue-router";
import type { CardTest } from "../../board/search/search.js";
import { useNow } from "../../ui/clock.js";
import { filtersIn, groupingIn, queryFor, testFor, textIn, type Filters, type Grouping } from "./filters.js";

/** Browsers allow only so many new addresses a second. */
const WRITTEN_AFTER_MS = 300;

export interface Filtering {
  readonly text: Ref<string>;
  readonly filters: ShallowRef<Filters>;
  readonly grouping: Ref<Grouping | undefined>;
  readonly test: Readonly<Ref<CardTest | undefined>>;
}

export function useFilters(view: Readonly<Ref<BoardView | undefined>>): Filtering {
  const route = useRoute();
  const router = useRouter();
  const now = useNow();
  const text = ref(textIn(route.query));
  const filters = shallowRef(filtersIn(route.query));
  const grouping = ref(groupingIn(route.query));
  let writing: ReturnType<typeof setTimeout> | undefined;
  let written = JSON.stringify(route.query);

  /** Time matters only where something is due. */
  const minute = computed(() => (filters.value.due.length > 0 ? now.value : 0));
  const labels = computed(() => view.value?.labels);
  const members = computed(() => view.value?.members);
  const test = computed(() => {
    if (!labels.value || !members.value) return undefined;
    return testFor(filters.value, { labels: labels.value, members: members.value }, minute.value);
  });

  function write(): void {
    const query = queryFor(filters.value, text.value, grouping.value);
    written = JSON.stringify(query);
    void router.replace({ path: route.path, hash: route.hash, query });
  }

  watch([text, filters, grouping], () => {
    clearTimeout(writing);
    writing = setTimeout(write, WRITTEN_AFTER_MS);
  });
  // Going back, or following a link to the same board.
  watch(
    () => route.query,
    (query) => {
      if (JSON.stringify(query) === written) return;
      written = JSON.stringify(query);
      text.value = textIn(query);
      filters.value = filtersIn(query);
      grouping.value = groupingIn(query);
    },
  );
  onScopeDispose(() => clearTimeout(writing));
  return { text, filters, grouping, test };
}
