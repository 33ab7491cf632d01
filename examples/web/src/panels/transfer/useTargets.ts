// The boards that cards can go to, and the one of them that was chosen.

import type { Board, ColumnId } from "kanban-crdt/page";
import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";
import { myBoards } from "../../session/client.js";
import { boardList } from "../../session/list.js";
import { inWords } from "../../session/problem.js";
import { useWords } from "../../words/index.js";

/** A board that is not on this device has to come from the relay. */
const ARRIVAL_MS = 10_000;

export function useTargets(ownId: string) {
  const words = useWords();
  const boardId = ref("");
  const column = ref<ColumnId>();
  const target = shallowRef<Board>();
  const problem = ref<string>();
  let holding: string | undefined;

  const choices = computed(() =>
    boardList.entries.value
      .filter(({ id, role }) => id !== ownId && role !== "reader")
      .map(({ id, name }) => ({ value: id, label: name || words.home.unnamed })),
  );
  const columns = computed(() => target.value?.view?.columns.map(({ id, name }) => ({ value: id, label: name })) ?? []);

  function letGo(): void {
    if (holding !== undefined) myBoards.value?.release(holding);
    holding = undefined;
    target.value = undefined;
    column.value = undefined;
    problem.value = undefined;
  }

  async function open(id: string): Promise<void> {
    letGo();
    const boards = myBoards.value;
    if (!boards || id === "") return;
    holding = id;
    try {
      const board = await boards.hold(id);
      const view = await board.whenReady({ signal: AbortSignal.timeout(ARRIVAL_MS) });
      if (holding !== id) return;
      if (board.status.isReadOnly) problem.value = words.transfer.mayNotChange;
      else if (view.columns.length === 0) problem.value = words.transfer.noColumns;
      else {
        target.value = board;
        column.value = view.columns[0]?.id;
      }
    } catch (error) {
      const isLate = error instanceof DOMException && error.name === "TimeoutError";
      if (holding === id) problem.value = isLate ? words.transfer.notHere : inWords(error);
    }
  }

  boardList.refresh().catch(reportError);
  watch(choices, (all) => {
    if (!all.some(({ value }) => value === boardId.value)) boardId.value = all[0]?.value ?? "";
  }, { immediate: true });
  watch(boardId, (id) => void open(id), { immediate: true });
  onScopeDispose(letGo);

  return { choices, boardId, columns, column, target, problem };
}
