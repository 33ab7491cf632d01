import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "./support/eventually.mjs";
import { everywhere } from "./support/everywhere.mjs";
import { RawPeer } from "./support/raw_peer.mjs";
import { Relay } from "./support/relay.mjs";

/** How long silence must last to be called silence. An echo between two programs takes some ms. */
const QUIET_MS = 2_000;

everywhere(
  "ephemeral messages arrive once, both ways, and nobody hears an echo",
  async (t, person) => {
    const relay = await Relay.start(t);
    const [ana, ben] = [person("ana"), person("ben")];
    await Promise.all([ana.connects(relay.socketUrl), ben.connects(relay.socketUrl)]);
    const url = await ana.creates([]);
    await eventually(() => ben.finds(url));
    // Clients drop duplicates by themselves: only a bare socket shows what the relay sends.
    const witness = await RawPeer.dials(t, relay, "witness");
    await witness.joins();
    witness.follows(url);
    await witness.hears("sync");

    await ana.says(url, "ana is here");
    await eventually(async () => assert.deepEqual(await ben.hears(url), ["ana is here"]));
    await ben.says(url, "ben is here");
    await eventually(async () => assert.deepEqual(await ana.hears(url), ["ben is here"]));
    await eventually(() => assert.equal(ephemeral(witness).length, 2));

    await eventually(async () => {
      const before = witness.frames.length;
      await pause(QUIET_MS);
      assert.equal(witness.frames.length, before, "frames go on and on");
    });
    assert.deepEqual(
      ephemeral(witness).map(({ senderId, targetId, count }) => ({ senderId, targetId, count })),
      [
        { senderId: "ana", targetId: "witness", count: 1 },
        { senderId: "ben", targetId: "witness", count: 1 },
      ],
    );
    assert.deepEqual(await ana.hears(url), ["ben is here"]);
    assert.deepEqual(await ben.hears(url), ["ana is here"]);
  },
);

function ephemeral(peer) {
  return peer.frames.filter((frame) => frame.type === "ephemeral");
}
