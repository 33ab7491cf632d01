// Does what the client inside says: it keeps the socket and the timer; the client decides.

import { KanbanError } from "./errors.js";
import { calling, type WasmClient } from "./wasm.js";
import { onWindow } from "./window.js";

/** What a token is good for, and until when, in milliseconds since 1970. */
export interface Token {
  readonly token: string;
  readonly expiresAt?: number;
}

/** Asked whenever a connection is made, and before the token of one that is open ends. */
export type TokenSource = () => Token | string | undefined | Promise<Token | string | undefined>;

export interface LinkOptions {
  /** Where the relay listens; none for a board that stays on this device. */
  relay: URL | undefined;
  token: TokenSource | undefined;
  WebSocket: typeof WebSocket | undefined;
  /** Something came of others. Frames that follow wait until it has been kept. */
  received(events: string): Promise<void>;
  /** No connection can be made, and trying again will not help. */
  failed(error: unknown): void;
  /** Others are here, or show something else. */
  presenceChanged(): void;
  /** The board is here. */
  arrived(): Promise<void>;
  /** The status, or anything else, may be another. */
  settled(): void;
}

interface Output {
  type: "dial" | "hangUp" | "statusChanged" | "boardArrived" | "received" | "presenceChanged" | "ping" | "other";
  events?: unknown;
}

/** So long before a token ends a new one is asked for. */
const RENEWAL_MS = 30_000;
/** And not more often, whatever it says. */
const RENEWAL_MIN_MS = 5_000;
/** Timers of browsers hold no more. */
const TIMER_MAX_MS = 0x7fff_ffff;

/** Milliseconds since 1970 that never run backwards, as `Date.now()` may. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

export class Link {
  #client: WasmClient;
  readonly #options: LinkOptions;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** What must be kept before anything more is said. */
  #keeping: Promise<void> | undefined;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #dialling: symbol | undefined;
  #isClosed = false;
  /** There is no client until the board is opened anew. */
  #isPaused = false;
  readonly #listening = new AbortController();

  constructor(client: WasmClient, options: LinkOptions) {
    this.#client = client;
    this.#options = options;
    if (options.relay === undefined) return;
    onWindow((what) => {
      if (what === "offline") this.#lose();
      else if (what !== "hidden") this.reconnect();
    }, this.#listening.signal);
  }

  /** Dials at once, if there is a relay and no connection. */
  reconnect(): void {
    if (this.#options.relay !== undefined) this.#happens((client) => client.reconnect(now()));
  }

  /** Asks anew for a board that the relay did not have, or did not show: on another connection. */
  askAnew(): void {
    if (this.#isClosed || this.#isPaused) return;
    if (this.#socket) this.#lose();
    this.reconnect();
  }

  /** Tells the client something, and does what it wants done. */
  tell<T>(something: (client: WasmClient) => T): T {
    try {
      return calling(() => something(this.#client));
    } finally {
      if (!this.#isClosed && !this.#isPaused) this.#perform();
    }
  }

  /** The same if there is a client, and whether it works or not. */
  mention(something: (client: WasmClient) => void): void {
    if (!this.#isClosed) this.#happens(something);
  }

  /** The same where nobody waits for an answer: whoever opens the board anew after a failure says so. */
  #happens(something: (client: WasmClient) => void): void {
    if (this.#isPaused) return;
    try {
      this.tell(something);
    } catch (error) {
      if (!(error instanceof KanbanError && error.code === "crashed")) throw error;
    }
  }

  /** Says and hears nothing until {@link restart}. */
  pause(): void {
    this.#isPaused = true;
    clearTimeout(this.#timer);
    this.#detach();
  }

  /** The board was opened anew: what was said on the old connection counts no more. Dials after a while. */
  restart(client: WasmClient, inMs = 0): void {
    this.#isPaused = false;
    this.#client = client;
    this.#waiting = [];
    this.#keeping = undefined;
    if (inMs === 0) this.reconnect();
    else this.#timer = setTimeout(() => this.reconnect(), inMs);
  }

  close(): void {
    this.#isClosed = true;
    this.#listening.abort();
    clearTimeout(this.#timer);
    this.#detach();
  }

  #perform(): void {
    for (;;) {
      const output = calling(() => this.#client.pollOutput() as Uint8Array<ArrayBuffer> | string | undefined);
      if (output === undefined) break;
      if (typeof output === "string") this.#carryOut(JSON.parse(output) as Output);
      else this.#send(output);
    }
    this.#setTimer();
    this.#options.settled();
  }

  #carryOut(output: Output): void {
    if (output.type === "dial") void this.#dial();
    if (output.type === "hangUp") this.#detach();
    if (output.type === "received") this.keep(() => this.#options.received(JSON.stringify(output.events)));
    if (output.type === "presenceChanged") this.#options.presenceChanged();
    if (output.type === "boardArrived") this.keep(() => this.#options.arrived());
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const next = calling(() => this.#client.nextTimeout());
    if (next === undefined) return;
    const waitMs = Math.min(TIMER_MAX_MS, Math.max(0, Math.ceil(next - now())));
    this.#timer = setTimeout(() => this.#happens((client) => client.tick(now())), waitMs);
  }

  /** Says nothing more before something is kept, not even if whoever hears of it first has more to say. */
  keep(start: () => Promise<void>): void {
    let isKept = () => {};
    const keeping = new Promise<void>((resolve) => (isKept = resolve));
    const all = Promise.all([this.#keeping, keeping]).then(() => {
      if (this.#keeping !== all) return;
      this.#keeping = undefined;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const frame of waiting) this.#send(frame);
    });
    this.#keeping = all;
    void start().then(isKept, (error: unknown) => {
      // What could not even be tried must not be acknowledged.
      this.#waiting = [];
      isKept();
      if (this.#isClosed || this.#isPaused) return;
      this.#options.failed(error);
      this.#lose();
    });
  }

  #send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#keeping) this.#waiting.push(frame);
    else if (this.#socket?.readyState === 1) this.#socket.send(frame);
  }

  async #dial(): Promise<void> {
    this.#detach();
    const { relay, WebSocket: Socket = globalThis.WebSocket } = this.#options;
    // Whoever is told to dial again meanwhile dials another.
    const dialling = Symbol();
    this.#dialling = dialling;
    let token: Token | undefined;
    try {
      token = asToken(await this.#options.token?.());
    } catch {
      // As a socket that does not open: the client tries again later.
      if (this.#dialling === dialling) this.#lose();
      return;
    }
    if (this.#dialling !== dialling || this.#isClosed || relay === undefined) return;
    const protocols = token ? ["kanban", `kanban.token.${token.token}`] : [];
    let socket: WebSocket;
    try {
      socket = new Socket(relay, protocols);
    } catch (error) {
      // There are none here, or this page may not connect there, or the token cannot be sent.
      this.#options.failed(error);
      this.#lose();
      return;
    }
    socket.binaryType = "arraybuffer";
    // The close that follows says enough; in Node.js an error that nobody hears ends the program.
    socket.onerror = () => {};
    this.#socket = socket;
    this.#renewBefore(token?.expiresAt);
    socket.onopen = () => this.#happens((client) => client.opened(now()));
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) this.#happens((client) => client.frame(new Uint8Array(data), now()));
      else this.#lose();
    };
    socket.onclose = () => this.#lose();
  }

  /** Shows a newer token on the same connection before the one it was opened with ends. */
  #renewBefore(expiresAt: number | undefined): void {
    clearTimeout(this.#renewal);
    if (expiresAt === undefined) return;
    const waitMs = Math.min(TIMER_MAX_MS, Math.max(RENEWAL_MIN_MS, expiresAt - Date.now() - RENEWAL_MS));
    this.#renewal = setTimeout(() => void this.#renew(), waitMs);
  }

  async #renew(): Promise<void> {
    const socket = this.#socket;
    // Who cannot renew is asked again when the relay closes the connection.
    const asked = Promise.resolve().then(() => this.#options.token?.());
    const token = await asked.then(asToken, () => undefined);
    if (token === undefined || socket !== this.#socket || this.#isClosed) return;
    this.#happens((client) => client.showToken(token.token));
    this.#renewBefore(token.expiresAt);
  }

  /** The socket is of no more use: tells the client, which will ask for another. */
  #lose(): void {
    this.#detach();
    if (!this.#isClosed) this.#happens((client) => client.closed(now()));
  }

  #detach(): void {
    this.#dialling = undefined;
    this.#waiting = [];
    clearTimeout(this.#renewal);
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

function asToken(token: Token | string | undefined): Token | undefined {
  return typeof token === "string" ? { token } : token;
}
