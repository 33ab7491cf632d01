import { KanbanError } from "kanban-crdt";

/** Asked by a timer, a board may be closed by now, or be opening anew; then there is no answer. */
export function whileOpen<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (thrown) {
    const error = KanbanError.of(thrown);
    if (error.code === "closed" || error.code === "crashed") return undefined;
    throw error;
  }
}
