import { once } from "node:events";
import { get } from "node:http";
import { PATIENCE_MS, within } from "./eventually.mjs";

export const BINARY = 2;
export const CLOSE = 8;

/** A WebSocket without a library, which sees every byte that the relay sends, to the last. */
export class BareSocket {
  #bytes = Buffer.alloc(0);

  static async dials(t, relay) {
    const bare = new BareSocket();
    const headers = {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": Buffer.alloc(16).toString("base64"),
    };
    const request = get(relay.socketUrl.replace("ws:", "http:"), { headers });
    const [, socket, head] = await once(request, "upgrade");
    bare.socket = socket;
    const takes = (bytes) => (bare.#bytes = Buffer.concat([bare.#bytes, bytes]));
    takes(head);
    socket.on("data", takes);
    // A relay that is gone while something is written to it.
    socket.on("error", () => {});
    // `once` would fail with such an error.
    bare.ended = new Promise((resolve) => socket.once("close", resolve));
    t.after(() => socket.destroy());
    return bare;
  }

  /** Sends a frame of up to 64 KiB. */
  sends(opcode, payload) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(payload.length);
    const masked = 0x80;
    const noMask = Buffer.alloc(4);
    this.socket.write(
      Buffer.concat([Buffer.from([0x80 | opcode, masked | 126]), length, noMask, payload]),
    );
  }

  /** The frames that are here in whole, as `{ opcode, payload }`. */
  get frames() {
    const frames = [];
    let rest = this.#bytes;
    while (rest.length >= 2) {
      const opcode = rest[0] & 0x0f;
      let [start, length] = [2, rest[1]];
      if (length === 126) [start, length] = [4, rest.readUInt16BE(2)];
      else if (length === 127) [start, length] = [10, Number(rest.readBigUInt64BE(2))];
      if (rest.length < start + length) break;
      frames.push({ opcode, payload: rest.subarray(start, start + length) });
      rest = rest.subarray(start + length);
    }
    return frames;
  }

  /** Waits until the relay has ended the connection. */
  async isClosed() {
    await within(PATIENCE_MS, "the end of a connection", this.ended);
  }
}
