// Those who want to hear of something.

/** Tells each value to everybody before the next, also if a listener causes the next. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();
  readonly #waiting: T[] = [];
  #isTelling = false;

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  add(listener: (value: T) => void): () => void {
    // Another function for each call: who subscribes the same one twice hears twice.
    const own = (value: T) => listener(value);
    this.#all.add(own);
    return () => this.#all.delete(own);
  }

  tell(value: T): void {
    this.#waiting.push(value);
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      for (const listener of [...this.#all]) {
        try {
          listener(next);
        } catch (error) {
          // One that fails does not keep the others from hearing.
          report(error);
        }
      }
    }
    this.#isTelling = false;
  }

  clear(): void {
    this.#all.clear();
  }
}

/** As an error that nobody has caught. */
export function report(error: unknown): void {
  queueMicrotask(() => {
    if (typeof globalThis.reportError === "function") globalThis.reportError(error);
    else console.error(error);
  });
}
