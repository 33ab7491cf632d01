// Does what the client says: it keeps the socket and the timer, the client decides.

/** Milliseconds since 1970 that never run backwards, as `Date.now()` may. */
export function now() {
  return performance.timeOrigin + performance.now();
}

export class Link {
  #client;
  #socketUrl;
  #changed;
  #socket;
  #timer;

  /** `changed` is called after anything that may have changed the board or the status. */
  constructor(client, socketUrl, changed) {
    this.#client = client;
    this.#socketUrl = socketUrl;
    this.#changed = changed;
    // Browsers leave an open socket open when the network goes, and say nothing for minutes.
    addEventListener("offline", () => this.#lose());
    addEventListener("online", () => this.#tell((client) => client.reconnect(now())));
    this.#tell((client) => client.reconnect(now()));
  }

  /** Carries out a command. Throws if it is refused. */
  apply(command) {
    this.#tell((client) => client.apply(JSON.stringify(command), now()));
  }

  #tell(something) {
    try {
      something(this.#client);
    } finally {
      this.#perform();
    }
  }

  #perform() {
    for (;;) {
      const output = this.#client.pollOutput();
      if (output === undefined) break;
      if (output instanceof Uint8Array) {
        this.#send(output);
        continue;
      }
      const { type } = JSON.parse(output);
      if (type === "dial") this.#dial();
      if (type === "hangUp") this.#detach();
    }
    clearTimeout(this.#timer);
    const next = this.#client.nextTimeout();
    if (next !== undefined) {
      const waitMs = Math.max(0, Math.ceil(next - now()));
      this.#timer = setTimeout(() => this.#tell((client) => client.tick(now())), waitMs);
    }
    this.#changed();
  }

  #dial() {
    this.#detach();
    const socket = new WebSocket(this.#socketUrl);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.#tell((client) => client.opened(now()));
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.#lose();
      else this.#tell((client) => client.frame(new Uint8Array(data), now()));
    };
    socket.onclose = () => this.#lose();
  }

  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** The socket is of no more use: tells the client, which will ask for another. */
  #lose() {
    this.#detach();
    this.#tell((client) => client.closed(now()));
  }

  #detach() {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
