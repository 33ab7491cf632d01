import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { eventually } from "./eventually.mjs";

/** What leads from clients to the relay, and can be cut at any byte. */
export class Cable {
  #sockets = new Set();
  #isUp = true;
  /** Whose bytes pass only so far, and how many more do. */
  #held;

  static async to(t, relay) {
    const cable = new Cable();
    const server = createServer((client) => cable.#connects(client, relay));
    t.after(() => {
      cable.breaks();
      server.close();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    cable.socketUrl = `ws://127.0.0.1:${server.address().port}/sync`;
    return cable;
  }

  /** Lets so many more bytes of the "client" or the "relay" pass, and none after them. */
  holdsAfter(from, bytes) {
    this.#held = { from, bytes };
  }

  /** Waits until the bytes that may pass have passed. */
  isHolding() {
    return eventually(() => assert.equal(this.#held.bytes, 0));
  }

  /** Ends all connections, and allows none. */
  breaks() {
    this.#isUp = false;
    this.#held = undefined;
    this.#sockets.forEach((socket) => socket.destroy());
  }

  /** Allows connections, over which everything passes. */
  mends() {
    this.#isUp = true;
  }

  #connects(client, { address }) {
    if (!this.#isUp) return client.destroy();
    const [host, port] = address.split(":");
    const relay = connect({ host, port });
    this.#leads("client", client, relay);
    this.#leads("relay", relay, client);
  }

  #leads(from, source, target) {
    this.#sockets.add(source);
    source.on("data", (bytes) => {
      const held = this.#held?.from === from ? this.#held : undefined;
      const passing = held ? bytes.subarray(0, held.bytes) : bytes;
      if (held) held.bytes -= passing.length;
      target.write(passing);
    });
    // "close" follows.
    source.on("error", () => {});
    source.on("close", () => {
      this.#sockets.delete(source);
      target.destroy();
    });
  }
}
