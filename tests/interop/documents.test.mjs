import assert from "node:assert/strict";
import { eventually, isAcknowledged } from "./support/eventually.mjs";
import { everywhere } from "./support/everywhere.mjs";
import { Relay } from "./support/relay.mjs";
import { chunkKinds, WHOLE_DOCUMENT } from "./support/sync_payload.mjs";
import { Wire } from "./support/wire.mjs";

/** Waits until everybody has the same heads and the same cards, and these are the `expected` ones. */
async function allHave(url, people, ...expected) {
  await eventually(async () => {
    const [first, ...others] = await Promise.all(people.map((person) => person.reads(url)));
    for (const other of others) assert.deepEqual(other, first);
    assert.deepEqual([...first.cards].sort(), [...expected].sort());
  });
}

/** A relay with Ana and Ben on one document, whose only card is "plan". */
async function anaAndBen(t, person) {
  const relay = await Relay.start(t);
  const [ana, ben] = [person("ana"), person("ben")];
  await Promise.all([ana.connects(relay.socketUrl), ben.connects(relay.socketUrl)]);
  const url = await ana.creates(["plan"]);
  await eventually(() => ben.finds(url));
  return { relay, ana, ben, url };
}

everywhere("a document made in one process is found in another", async (t, person) => {
  const { ana, ben, url } = await anaAndBen(t, person);
  await allHave(url, [ana, ben], "plan");
});

everywhere(
  "two people who edit in turns and at the same time end with the same document",
  async (t, person) => {
    const { ana, ben, url } = await anaAndBen(t, person);
    await ana.adds(url, "write");
    await allHave(url, [ana, ben], "plan", "write");
    await ben.adds(url, "review");
    await allHave(url, [ana, ben], "plan", "write", "review");
    await Promise.all([ana.adds(url, "a1", "a2", "a3"), ben.adds(url, "b1", "b2", "b3")]);
    await allHave(url, [ana, ben], "plan", "write", "review", "a1", "a2", "a3", "b1", "b2", "b3");
  },
);

everywhere("the bare address works as the path /sync does", async (t, person) => {
  const { relay, ana, url } = await anaAndBen(t, person);
  const carol = person("carol");
  await carol.connects(`ws://${relay.address}`);
  await eventually(() => carol.finds(url));
  await carol.adds(url, "from the root");
  await allHave(url, [ana, carol], "plan", "from the root");
});

everywhere(
  "a client that lost its socket catches up by itself, in both directions",
  async (t, person) => {
    const { ana, ben, url } = await anaAndBen(t, person);
    await ben.losesTheSocket();
    await Promise.all([ana.adds(url, "while ben is away"), ben.adds(url, "from the tunnel")]);
    await allHave(url, [ana, ben], "plan", "while ben is away", "from the tunnel");
  },
);

everywhere("what two people did offline is merged when they come back", async (t, person) => {
  const { ana, ben, url } = await anaAndBen(t, person);
  await Promise.all([ana.goesOffline(), ben.goesOffline()]);
  await Promise.all([ana.adds(url, "a"), ben.adds(url, "b")]);
  await Promise.all([ana.comesBack(), ben.comesBack()]);
  await allHave(url, [ana, ben], "plan", "a", "b");
});

everywhere(
  "after the relay was killed everybody reconnects, and nothing is lost",
  async (t, person) => {
    const { relay, ana, ben, url } = await anaAndBen(t, person);
    await ana.adds(url, "before");
    await allHave(url, [ana, ben], "plan", "before");
    await relay.kill();
    await Promise.all([ana.adds(url, "ana meanwhile"), ben.adds(url, "ben meanwhile")]);
    await relay.restart();
    await allHave(url, [ana, ben], "plan", "before", "ana meanwhile", "ben meanwhile");
    await ana.adds(url, "after");
    await allHave(url, [ana, ben], "plan", "before", "ana meanwhile", "ben meanwhile", "after");
  },
);

everywhere(
  "what somebody has seen survives the relay and everybody who had it",
  async (t, person) => {
    const { relay, ana, ben, url } = await anaAndBen(t, person);
    await ana.adds(url, "seen by ben");
    await allHave(url, [ana, ben], "plan", "seen by ben");
    const { heads } = await ben.reads(url);
    await relay.kill();
    await ana.leaves();
    await ben.leaves();
    await relay.restart();
    const carol = person("carol");
    await carol.connects(relay.socketUrl);
    await eventually(() => carol.finds(url));
    await eventually(async () => assert.deepEqual((await carol.reads(url)).heads, heads));
  },
);

everywhere(
  "a relay that is asked to end says so with exit code 0 and keeps everything",
  async (t, person) => {
    const { relay, ana, ben, url } = await anaAndBen(t, person);
    await ana.adds(url, "last");
    await allHave(url, [ana, ben], "plan", "last");
    assert.equal(await relay.stop(), 0);
    await ana.leaves();
    await relay.restart();
    const carol = person("carol");
    await carol.connects(relay.socketUrl);
    await eventually(() => carol.finds(url));
    await allHave(url, [ben, carol], "plan", "last");
  },
);

everywhere(
  "a document that nobody has is unavailable, and arrives when somebody brings it",
  async (t, person) => {
    const relay = await Relay.start(t);
    const [ana, ben] = [person("ana"), person("ben")];
    const url = await ben.creates(["made offline"]);
    await ana.connects(relay.socketUrl);
    await assert.rejects(ana.finds(url), /unavailable/);
    await ben.connects(relay.socketUrl);
    await allHave(url, [ana, ben], "made offline");
  },
);

everywhere("a long history that was made offline arrives whole", async (t, person) => {
  const relay = await Relay.start(t);
  const [ana, ben] = [person("ana"), person("ben")];
  const url = await ana.creates([]);
  const cards = Array.from({ length: 500 }, (_, index) => `card ${index}`);
  await ana.adds(url, ...cards);
  await ana.connects(relay.socketUrl);
  await ben.connects(relay.socketUrl);
  await eventually(() => ben.finds(url));
  await allHave(url, [ana, ben], ...cards);
  await relay.kill();
  await ana.leaves();
  await relay.restart();
  await ben.adds(url, "after the restart");
  const carol = person("carol");
  await carol.connects(relay.socketUrl);
  await eventually(() => carol.finds(url));
  await allHave(url, [ben, carol], ...cards, "after the restart");
});

everywhere("two clients with one peer id both keep working", async (t, person) => {
  const { relay, ana, ben, url } = await anaAndBen(t, person);
  const twin = person("ana's twin", { peerId: "ana" });
  await twin.connects(relay.socketUrl);
  await eventually(() => twin.finds(url));
  await twin.adds(url, "by the twin");
  await ana.adds(url, "by ana");
  await allHave(url, [ana, ben, twin], "plan", "by the twin", "by ana");
});

everywhere(
  "whoever owes most of a history sends a whole document, and others get its changes",
  async (t, person) => {
    const relay = await Relay.start(t);
    const wire = await Wire.to(t, relay.socketUrl);
    const [ana, ben] = [person("ana"), person("ben")];
    await Promise.all([ana.connects(wire.socketUrl), ben.connects(relay.socketUrl)]);
    const url = await ana.creates(["plan"]);
    await eventually(() => ben.finds(url));
    await ana.goesOffline();
    await ana.renames(url, ...numbered("title", 50));
    await ben.adds(url, "meanwhile");
    await ana.comesBack();
    await allHave(url, [ana, ben], "plan", "meanwhile");
    assert.equal((await ben.reads(url)).title, "title 49");
    // What ben had already was in it again.
    const chunks = wire.sent("client", "sync").flatMap(({ data }) => chunkKinds(data));
    assert.ok(chunks.includes(WHOLE_DOCUMENT), `chunks of kinds ${chunks}`);
  },
);

everywhere(
  "whoever opens a long history gets the stored snapshot as a whole document",
  async (t, person) => {
    const relay = await Relay.start(t, { options: ["--compact-at", "4K"] });
    const wire = await Wire.to(t, relay.socketUrl);
    const ana = person("ana");
    await ana.connects(relay.socketUrl);
    const url = await ana.creates(["plan"]);
    await ana.renames(url, ...numbered("title", 300));
    const heads = await isAcknowledged(ana, url);
    const newcomerGets = async (name) => {
      const seen = wire.frames.length;
      const newcomer = person(name);
      await newcomer.connects(wire.socketUrl);
      await eventually(() => newcomer.finds(url));
      await eventually(async () => assert.deepEqual((await newcomer.reads(url)).heads, heads));
      await newcomer.leaves();
      const frames = wire.frames.slice(seen);
      const sent = frames.filter(({ from, type }) => from === "relay" && type === "sync");
      return sent.flatMap(({ data }) => chunkKinds(data));
    };
    // The relay makes a snapshot as soon as the document is left in peace.
    await ana.leaves();
    await eventually(async () => {
      assert.equal((await newcomerGets("early"))[0], WHOLE_DOCUMENT);
    });
    await relay.kill();
    await relay.restart();
    assert.equal((await newcomerGets("late"))[0], WHOLE_DOCUMENT);
  },
);

everywhere(
  "a document of 10,000 changes is uploaded by one, found by another, and edited on",
  async (t, person) => {
    const relay = await Relay.start(t);
    const [ana, ben] = [person("ana"), person("ben")];
    const url = await ana.creates(["plan"]);
    for (let round = 0; round < 10; round++) await ana.renames(url, ...numbered(`${round}.`, 999));
    await ana.adds(url, ...numbered("card", 9));
    assert.equal(await ana.countsChanges(url), 10_000);
    await ana.connects(relay.socketUrl);
    await ben.connects(relay.socketUrl);
    await eventually(() => ben.finds(url));
    const cards = ["plan", ...numbered("card", 9)];
    await allHave(url, [ana, ben], ...cards);
    await Promise.all([ana.adds(url, "by ana"), ben.adds(url, "by ben")]);
    await allHave(url, [ana, ben], ...cards, "by ana", "by ben");
    assert.equal(await ben.countsChanges(url), 10_002);
    // A relay that reads it from its disk has all of it.
    await relay.kill();
    await ana.leaves();
    await ben.leaves();
    await relay.restart();
    const carol = person("carol");
    await carol.connects(relay.socketUrl);
    await eventually(() => carol.finds(url));
    await carol.adds(url, "by carol");
    await allHave(url, [carol], ...cards, "by ana", "by ben", "by carol");
    assert.equal(await carol.countsChanges(url), 10_003);
  },
);

for (const signal of ["SIGTERM", "SIGKILL"]) {
  everywhere(
    `what the relay has acknowledged is there after ${signal} in the middle of writing`,
    async (t, person) => {
      const relay = await Relay.start(t);
      const wire = await Wire.to(t, relay.socketUrl);
      const ana = person("ana");
      await ana.connects(wire.socketUrl);
      const url = await ana.creates([]);
      const storage = await eventually(async () => {
        const storage = await ana.relayStorageId();
        assert.ok(storage);
        return storage;
      });
      const acknowledged = async () => (await ana.knowsHeadsAt(url, storage)) ?? [];
      const written = [];
      const writes = async (until) => {
        do {
          written.push(`card ${written.length}`);
          await ana.adds(url, written.at(-1));
        } while (!(await until()));
      };
      // Of several rounds, each is interrupted somewhere else.
      for (let round = 1; round <= 3; round++) {
        const before = await acknowledged();
        await writes(async () => String(await acknowledged()) !== String(before));
        const ended = signal === "SIGTERM" ? relay.stop() : relay.kill();
        let hasEnded = false;
        const end = ended.then(() => (hasEnded = true));
        await writes(() => hasEnded);
        await end;
        const promised = await acknowledged();
        // She must not bring it again before it is looked for.
        wire.breaks();
        await relay.restart();
        const carol = person(`carol ${round}`);
        await carol.connects(relay.socketUrl);
        await eventually(() => carol.finds(url));
        assert.ok(await carol.hasHeads(url, promised), `round ${round}: something is lost`);
        wire.target = relay.socketUrl;
        await allHave(url, [ana, carol], ...written);
      }
    },
  );
}

/** `count` names that differ. */
function numbered(name, count) {
  return Array.from({ length: count }, (_, index) => `${name} ${index}`);
}
