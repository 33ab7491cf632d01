import assert from "node:assert/strict";
import { test } from "node:test";
import { RawPeer } from "./support/raw_peer.mjs";
import { Relay } from "./support/relay.mjs";

test("a relay says that it answers pings, and answers whoever asks", async (t) => {
  const relay = await Relay.start(t);
  const peer = await RawPeer.dials(t, relay, "browser");
  await peer.joins();
  const { peerMetadata } = await peer.hears("peer");
  assert.equal(peerMetadata.pings, true);
  peer.says({ type: "ping", senderId: "somebody else" });
  peer.says({ type: "ping", senderId: peer.peerId });
  const pong = await peer.hears("pong");
  assert.deepEqual({ ...pong }, { type: "pong", senderId: peer.relayId, targetId: peer.peerId });
  assert.equal(peer.frames.filter(({ type }) => type === "pong").length, 1);
});
