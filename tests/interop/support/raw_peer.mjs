import * as Automerge from "@automerge/automerge";
import { parseAutomergeUrl } from "@automerge/automerge-repo";
import { Encoder } from "cbor-x";
import { once } from "node:events";
import { WebSocket } from "ws";
import { eventually, PATIENCE_MS, within } from "./eventually.mjs";

/** What automerge-repo encodes with. */
const cbor = new Encoder({ tagUint8Array: false, useRecords: false });

/** A bare WebSocket that can say anything, and sees every frame. */
export class RawPeer {
  frames = [];

  static async dials(t, relay, peerId) {
    const peer = new RawPeer();
    peer.peerId = peerId;
    peer.socket = new WebSocket(relay.socketUrl);
    t.after(() => peer.socket.terminate());
    peer.closed = once(peer.socket, "close");
    peer.socket.on("message", (data, isBinary) => {
      peer.frames.push(isBinary ? cbor.decode(data) : { text: String(data) });
    });
    await within(PATIENCE_MS, "the opening of a socket", once(peer.socket, "open"));
    return peer;
  }

  /** Says hello, and waits for the relay's hello. */
  async joins() {
    this.says({
      type: "join",
      senderId: this.peerId,
      peerMetadata: { isEphemeral: true },
      supportedProtocolVersions: ["1"],
    });
    const hello = await this.hears("peer");
    this.relayId = hello.senderId;
  }

  says(message) {
    this.sends(cbor.encode(message));
  }

  /** Sends a string as a text frame, and bytes as a binary one. */
  sends(frame) {
    this.socket.send(frame);
  }

  /** Asks for a document and goes on answering until both sides have the same. */
  follows(url) {
    const { documentId } = parseAutomergeUrl(url);
    this.document = Automerge.init();
    let state = Automerge.initSyncState();
    const reply = (type) => {
      let data;
      [state, data] = Automerge.generateSyncMessage(this.document, state);
      const to = { senderId: this.peerId, targetId: this.relayId, documentId };
      if (data) this.says({ type, ...to, data });
    };
    this.socket.on("message", (frame) => {
      const message = cbor.decode(frame);
      if (message.type !== "sync" || message.documentId !== documentId) return;
      [this.document, state] = Automerge.receiveSyncMessage(this.document, state, message.data);
      reply("sync");
    });
    reply("request");
  }

  /** The first frame of a type, when it has come. */
  hears(type) {
    return eventually(() => {
      const frame = this.frames.find((frame) => frame.type === type);
      if (frame) return frame;
      throw new Error(`no ${type} among ${JSON.stringify(this.frames.map((frame) => frame.type))}`);
    });
  }

  /** Waits until the relay has closed the connection. */
  async isClosed() {
    await within(PATIENCE_MS, "the end of a connection", this.closed);
  }
}
