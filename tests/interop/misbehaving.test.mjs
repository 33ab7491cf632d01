import { generateAutomergeUrl, parseAutomergeUrl } from "@automerge/automerge-repo";
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./support/eventually.mjs";
import { Person } from "./support/person.mjs";
import { RawPeer } from "./support/raw_peer.mjs";
import { Relay } from "./support/relay.mjs";

const JOINED = { joined: true };

hangsUpOn("bytes that are not CBOR", JOINED, (peer) => peer.sends(Buffer.from([0xff, 0xff, 0xff])));
hangsUpOn("CBOR that is not a map", JOINED, (peer) => peer.says([1, 2, 3]));
hangsUpOn("a text frame", JOINED, (peer) => peer.sends("hello"));
hangsUpOn("an empty frame", JOINED, (peer) => peer.sends(Buffer.alloc(0)));
hangsUpOn("bytes that are not CBOR, before any join", {}, (peer) =>
  peer.sends(Buffer.from([0x1c])),
);
hangsUpOn("a sync message that is damaged", JOINED, (peer) =>
  peer.says({
    type: "sync",
    senderId: peer.peerId,
    targetId: peer.relayId,
    documentId: parseAutomergeUrl(generateAutomergeUrl()).documentId,
    data: Buffer.from([0x43, 0xff, 0xff]),
  }),
);

/** A peer that sends something else than the protocol is disconnected, and nobody else is. */
function hangsUpOn(what, { joined }, misbehaves) {
  test(`${what}: the relay hangs up, and others go on`, async (t) => {
    const { relay, othersGoOn } = await teamOnARelay(t);
    const stranger = await RawPeer.dials(t, relay, "stranger");
    if (joined) await stranger.joins();
    misbehaves(stranger);
    await stranger.isClosed();
    await othersGoOn();
  });
}

test("a client of another protocol version is told so, and others go on", async (t) => {
  const { relay, othersGoOn } = await teamOnARelay(t);
  const stranger = await RawPeer.dials(t, relay, "stranger");
  stranger.says({
    type: "join",
    senderId: "stranger",
    peerMetadata: {},
    supportedProtocolVersions: ["2"],
  });
  await stranger.isClosed();
  assert.deepEqual(
    stranger.frames.map(({ type, targetId }) => ({ type, targetId })),
    [{ type: "error", targetId: "stranger" }],
  );
  assert.match(stranger.frames[0].message, /version/);
  await othersGoOn();
});

/** Ana and Ben at work on one document. `othersGoOn` checks that they still are. */
async function teamOnARelay(t) {
  const relay = await Relay.start(t);
  const [ana, ben] = [new Person(t, "ana"), new Person(t, "ben")];
  await Promise.all([ana.connects(relay.socketUrl), ben.connects(relay.socketUrl)]);
  const url = await ana.creates(["plan"]);
  await eventually(() => ben.finds(url));
  const othersGoOn = async () => {
    await ana.adds(url, "go on");
    await eventually(async () => {
      assert.deepEqual((await ben.reads(url)).cards, ["plan", "go on"]);
    });
  };
  return { relay, othersGoOn };
}
