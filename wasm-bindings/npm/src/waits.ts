// Those who wait for a value that holds.

interface Waiting<T> {
  look(value: T): void;
  fail(error: unknown): void;
}

export class Waits<T> {
  readonly #all = new Set<Waiting<T>>();

  /** Resolves once `holds`, which may throw, to reject. */
  until(holds: (value: T) => boolean, now: T, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const end = (how: () => void) => {
        this.#all.delete(waiting);
        signal?.removeEventListener("abort", abort);
        how();
      };
      const fail = (error: unknown) => end(() => reject(error as Error));
      const look = (value: T) => {
        try {
          if (holds(value)) end(resolve);
        } catch (error) {
          fail(error);
        }
      };
      const abort = () => fail(signal?.reason);
      const waiting = { look, fail };
      this.#all.add(waiting);
      signal?.addEventListener("abort", abort, { once: true });
      look(now);
    });
  }

  /** Another value. */
  look(value: T): void {
    for (const waiting of [...this.#all]) waiting.look(value);
  }

  /** There will be none. */
  end(error: unknown): void {
    for (const waiting of [...this.#all]) waiting.fail(error);
  }
}
