import { KanbanError } from "kanban-crdt/page";

/** Asked by a timer, a board may be closed by now, or be opening anew; then there is no answer. */
export async function whileOpen<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    const error = KanbanError.of(thrown);
    if (error.code === "closed" || error.code === "crashed" || error.code === "worker") return undefined;
    throw error;
  }
}
