// Tabs of one browser that have boards of one account open: each keeps what it knows of them until it closes them.

/** A tab that the browser has put to sleep does not let go. */
const PATIENCE_MS = 5_000;

const nameOf = (account: string | undefined) => `kanban.boards.${account ?? ""}`;

/** None where a page came without TLS from another machine. */
const locks = (): LockManager | undefined => ("locks" in navigator ? navigator.locks : undefined);

/** This tab has them open, until it calls back. */
export function holdInTab(account: string | undefined): () => void {
  let letGo = () => {};
  const until = new Promise<void>((resolve) => (letGo = resolve));
  locks()
    ?.request(nameOf(account), { mode: "shared" }, () => until)
    .catch(reportError);
  return letGo;
}

/** Waits until no tab has them open any more, as far as one can wait for that. */
export async function untilNoTabHolds(account: string | undefined): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    await locks()?.request(nameOf(account), { signal }, () => {});
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
