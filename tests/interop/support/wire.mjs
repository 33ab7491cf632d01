import { Encoder } from "cbor-x";
import { once } from "node:events";
import { WebSocket, WebSocketServer } from "ws";

const cbor = new Encoder({ tagUint8Array: false, useRecords: false });

/** Nothing listens on the port for discarding. */
const NOWHERE = "ws://127.0.0.1:9";

/** A WebSocket between a client and the relay, that passes on every frame and keeps a copy. */
export class Wire {
  /** Messages, as `{ from: "client" | "relay", ...message }`. */
  frames = [];
  /** The codes that the relay closed with, one for each time that the client dialled. */
  closes = [];

  static async to(t, target) {
    const wire = new Wire();
    wire.target = target;
    wire.server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    wire.server.on("connection", (client) => wire.#connects(client));
    t.after(() => {
      wire.server.clients.forEach((client) => client.terminate());
      wire.server.close();
    });
    await once(wire.server, "listening");
    wire.socketUrl = `ws://127.0.0.1:${wire.server.address().port}`;
    return wire;
  }

  /** From now on the relay cannot be reached. */
  breaks() {
    this.target = NOWHERE;
    this.server.clients.forEach((client) => client.terminate());
  }

  /** The messages of a type that one side has sent. */
  sent(from, type) {
    return this.frames.filter((frame) => frame.from === from && frame.type === type);
  }

  #connects(client) {
    const relay = new WebSocket(this.target);
    const pass = (from, other) => (frame) => {
      this.frames.push({ from, ...cbor.decode(frame) });
      if (other.readyState === WebSocket.OPEN) other.send(frame);
    };
    const waiting = [];
    const wait = (frame) => waiting.push(frame);
    client.on("message", wait);
    relay.on("open", () => {
      client.off("message", wait);
      const passOn = pass("client", relay);
      waiting.forEach(passOn);
      client.on("message", passOn);
    });
    relay.on("message", pass("relay", client));
    relay.on("close", (code, reason) => {
      this.closes.push(code);
      if (code === 1006 || client.readyState !== WebSocket.OPEN) return client.terminate();
      // As the relay does: not before the client has read what came before.
      client.once("pong", () => client.close(code === 1005 ? undefined : code, reason));
      client.ping();
    });
    // "close" follows, with 1006.
    relay.on("error", () => {});
    client.on("error", () => {});
    client.on("close", () => relay.terminate());
  }
}
