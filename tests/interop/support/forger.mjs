import { Encoder } from "cbor-x";
import { once } from "node:events";
import { eventually } from "./eventually.mjs";
import { Wire } from "./wire.mjs";

const cbor = new Encoder({ tagUint8Array: false, useRecords: false });

/** A relay that says what its clients ask it, and besides whatever it is told to. */
export class Forger {
  static async before(t, relay) {
    const forger = new Forger();
    forger.wire = await Wire.to(t, relay.socketUrl);
    forger.socketUrl = forger.wire.socketUrl;
    return forger;
  }

  /** Says a payload of a sync message to its one client, and waits until that has heard it. */
  async says(board, data) {
    const { socket, hello } = await this.#client(board);
    const { senderId, targetId } = hello;
    const documentId = board.url.replace("automerge:", "");
    const heard = Promise.race([once(socket, "pong"), once(socket, "close")]);
    socket.send(cbor.encode({ type: "sync", senderId, targetId, documentId, data }));
    socket.ping();
    await heard;
  }

  /** Who does not want to hear more has gone, and is asked back. */
  async #client(board) {
    return eventually(() => {
      const [socket] = [...this.wire.server.clients].filter((it) => it.readyState === it.OPEN);
      const introductions = this.wire.frames.filter(({ type }) => type === "join" || type === "peer");
      const hello = introductions.at(-1);
      if (socket && hello?.type === "peer" && board.status.state !== "offline") return { socket, hello };
      if (board.status.state !== "saving") board.reconnect();
      throw new Error("the client has not come back");
    });
  }
}
