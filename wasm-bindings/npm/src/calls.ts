// The page's end of the line to a worker: what is called there, and whether it is still there.

import { errorOf, failureOf, KanbanError } from "./errors.js";
import type { TokenSource } from "./link.js";
import type { BoardNews, CallName, Calls, FromPage, FromWorker, Port } from "./messages.js";

/** A worker that loads its script over the slowest network has said hello by then. */
const HELLO_MS = 60_000;

interface Called {
  resolve(json: string | undefined): void;
  reject(error: unknown): void;
}

export interface LineOptions {
  readonly token: TokenSource | undefined;
  news(news: BoardNews): void;
  /** The worker is not there any more: nothing will be answered. */
  ended(error: KanbanError): void;
}

export class Line {
  readonly #port: Port;
  readonly #options: LineOptions;
  readonly #called = new Map<number, Called>();
  #last = 0;
  #error: KanbanError | undefined;
  readonly #watching = new AbortController();
  #greeting: ReturnType<typeof setTimeout> | undefined;

  constructor(port: Port, options: LineOptions) {
    this.#port = port;
    this.#options = options;
    port.addEventListener("message", (event) => this.#hear((event as MessageEvent<FromWorker>).data));
    port.addEventListener("messageerror", () => this.end("a message of it could not be read"));
    // Channels say it where they can.
    port.addEventListener("close", () => this.end("it has closed the channel"));
    port.addEventListener("error", (event) => {
      // Once it runs, it goes on after an error that nobody has caught; the browser reports that.
      if (this.#greeting !== undefined) this.end((event as ErrorEvent).message || "its script could not be loaded");
    });
    port.start?.();
    const silent = `it has said nothing for ${HELLO_MS / 1000} s; its script must call serveBoards()`;
    this.#greeting = setTimeout(() => this.end(silent), HELLO_MS);
  }

  /** Whether calls can still be answered. */
  check(): void {
    if (this.#error) throw this.#error;
  }

  say(message: FromPage): void {
    if (!this.#error) this.#port.postMessage(message);
  }

  /** Resolves with what the worker answers. */
  call<N extends CallName>(name: N, given: Calls[N][0], signal?: AbortSignal): Promise<Calls[N][1]> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.check();
      const id = (this.#last += 1);
      const json = JSON.stringify(given);
      const abort = () => {
        this.#called.delete(id);
        this.say({ type: "abort", id });
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", abort, { once: true });
      const done = () => signal?.removeEventListener("abort", abort);
      this.#called.set(id, {
        resolve: (json) => (done(), resolve(json === undefined ? undefined : JSON.parse(json))),
        reject: (error) => (done(), reject(error as Error)),
      });
      this.say({ type: "call", id, name, json });
    });
  }

  /** Nothing more is said or heard; what is still to be answered fails. */
  end(why: string): void {
    if (this.#error) return;
    const error = new KanbanError("worker", `The worker that has the boards cannot be used: ${why}. Make another client.`);
    this.hangUp(error);
    this.#options.ended(error);
  }

  /** The same, as agreed. */
  hangUp(error: KanbanError): void {
    if (this.#error) return;
    this.#error = error;
    clearTimeout(this.#greeting);
    this.#watching.abort();
    for (const { reject } of this.#called.values()) reject(error);
    this.#called.clear();
    this.#port.terminate?.();
    if (!this.#port.terminate) this.#port.close?.();
  }

  #hear(message: FromWorker): void {
    if (this.#error) return;
    if (message.type === "news") this.#options.news(message.news);
    if (message.type === "hello") this.#watch(message.lock);
    if (message.type === "token") void this.#showToken(message.id);
    if (message.type !== "answer") return;
    const called = this.#called.get(message.id);
    this.#called.delete(message.id);
    if (message.failure) called?.reject(errorOf(message.failure));
    else called?.resolve(message.json);
  }

  /** Browsers do not say when a worker ends; its lock is free then. */
  #watch(lock: string | undefined): void {
    clearTimeout(this.#greeting);
    this.#greeting = undefined;
    if (lock === undefined) return;
    const { signal } = this.#watching;
    navigator.locks
      .request(lock, { signal }, () => this.end("it has ended"))
      .catch((error: unknown) => {
        if (!signal.aborted) this.end(String(error));
      });
  }

  async #showToken(id: number): Promise<void> {
    try {
      this.say({ type: "token", id, token: await this.#options.token?.() });
    } catch (error) {
      this.say({ type: "token", id, failure: failureOf(error) });
    }
  }
}
