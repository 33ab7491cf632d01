import { generateAutomergeUrl } from "@automerge/automerge-repo";
import assert from "node:assert/strict";
import { eventually } from "./support/eventually.mjs";
import { everywhere } from "./support/everywhere.mjs";
import { OWN_APPLICATION, Relay } from "./support/relay.mjs";
import { chunkKinds } from "./support/sync_payload.mjs";
import { Wire } from "./support/wire.mjs";

/** A relay with rules, the address for those who may write, and the one for those who may read. */
async function relayWithRules(t) {
  const relay = await Relay.start(t, { program: OWN_APPLICATION, path: "/boards/sync" });
  const writers = `${relay.socketUrl}?token=letmein`;
  return { relay, writers, readers: `${relay.socketUrl}?token=guest` };
}

everywhere(
  "a guest who may only read hears of everything, stops sending, and spreads nothing",
  async (t, person) => {
    const { writers, readers } = await relayWithRules(t);
    const wire = await Wire.to(t, readers);
    const [ana, ben, guest] = [person("ana"), person("ben"), person("guest")];
    await Promise.all([
      ana.connects(writers),
      ben.connects(writers),
      guest.connects(wire.socketUrl),
    ]);
    const url = await ana.creates(["plan"]);
    await eventually(() => guest.finds(url));
    await eventually(() => ben.finds(url));
    await eventually(async () => assert.deepEqual((await guest.reads(url)).cards, ["plan"]));

    const silent = wire.frames.length;
    await guest.adds(url, "scribble");
    await ana.adds(url, "write");
    await eventually(async () => {
      const { cards } = await guest.reads(url);
      assert.deepEqual([...cards].sort(), ["plan", "scribble", "write"]);
    });
    await guest.adds(url, "scrawl");
    await ben.adds(url, "review");
    await eventually(async () => {
      const { cards } = await guest.reads(url);
      assert.deepEqual([...cards].sort(), ["plan", "review", "scrawl", "scribble", "write"]);
    });
    const sent = wire.frames
      .slice(silent)
      .filter(({ from, type }) => from === "client" && type === "sync");
    assert.ok(sent.length > 0, "the guest answers");
    const chunks = sent.flatMap(({ data }) => chunkKinds(data));
    assert.deepEqual(chunks, [], "and sends no changes any more");
    await eventually(async () => {
      for (const person of [ana, ben]) {
        assert.deepEqual((await person.reads(url)).cards.toSorted(), ["plan", "review", "write"]);
      }
    });
    assert.deepEqual((await ana.reads(url)).heads, (await ben.reads(url)).heads);
  },
);

everywhere(
  "what a guest made offline goes nowhere, also when the guest comes back",
  async (t, person) => {
    const { relay, writers, readers } = await relayWithRules(t);
    const [ana, guest] = [person("ana"), person("guest")];
    const own = await guest.creates(["a guest's own"]);
    await Promise.all([ana.connects(writers), guest.connects(readers)]);
    const url = await ana.creates(["plan"]);
    await eventually(() => guest.finds(url));
    await guest.goesOffline();
    await guest.adds(url, "scribble");
    await ana.adds(url, "write");
    await guest.comesBack();
    await eventually(async () => assert.equal((await guest.reads(url)).cards.length, 3));
    assert.deepEqual((await ana.reads(url)).cards, ["plan", "write"]);
    await assert.rejects(ana.finds(own), /unavailable/);

    await relay.kill();
    await ana.leaves();
    await relay.restart();
    const carol = person("carol");
    await carol.connects(writers);
    await eventually(() => carol.finds(url));
    assert.deepEqual((await carol.reads(url)).cards, ["plan", "write"]);
  },
);

everywhere(
  "who is refused hears why, lives on, tries again, and works once let in",
  async (t, person) => {
    const { relay, writers } = await relayWithRules(t);
    const wire = await Wire.to(t, relay.socketUrl);
    const [ana, ben] = [person("ana"), person("ben")];
    await ben.connects(writers);
    const url = await ana.creates(["plan"]);
    await ana.connects(wire.socketUrl);
    await eventually(() => assert.ok(wire.closes.length >= 3, "three refusals"));
    assert.deepEqual([...new Set(wire.closes)], [4401]);
    const refusals = wire.sent("relay", "error");
    assert.ok(refusals.length >= 3);
    for (const { message, targetId } of refusals) {
      assert.deepEqual(
        { message, targetId },
        {
          message: "add ?token=… to the address",
          targetId: "ana",
        },
      );
    }
    await ana.adds(url, "while shut out");
    await assert.rejects(ben.finds(url), /unavailable/);
    await assert.rejects(ben.finds(generateAutomergeUrl()), /unavailable/);

    wire.target = writers;
    await eventually(async () => {
      assert.deepEqual((await ben.reads(url)).cards, ["plan", "while shut out"]);
    });
  },
);
