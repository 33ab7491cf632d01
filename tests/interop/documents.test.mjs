import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./support/eventually.mjs";
import { Person } from "./support/person.mjs";
import { Relay } from "./support/relay.mjs";

/** Waits until everybody has the same heads and the same cards, and these are the `expected` ones. */
async function allHave(url, people, ...expected) {
  await eventually(async () => {
    const [first, ...others] = await Promise.all(people.map((person) => person.reads(url)));
    for (const other of others) assert.deepEqual(other, first);
    assert.deepEqual([...first.cards].sort(), [...expected].sort());
  });
}

/** A relay with Ana and Ben on one document, whose only card is "plan". */
async function anaAndBen(t) {
  const relay = await Relay.start(t);
  const [ana, ben] = [new Person(t, "ana"), new Person(t, "ben")];
  await Promise.all([ana.connects(relay.socketUrl), ben.connects(relay.socketUrl)]);
  const url = await ana.creates(["plan"]);
  await eventually(() => ben.finds(url));
  return { relay, ana, ben, url };
}

test("a document made in one process is found in another", async (t) => {
  const { ana, ben, url } = await anaAndBen(t);
  await allHave(url, [ana, ben], "plan");
});

test("two people who edit in turns and at the same time end with the same document", async (t) => {
  const { ana, ben, url } = await anaAndBen(t);
  await ana.adds(url, "write");
  await allHave(url, [ana, ben], "plan", "write");
  await ben.adds(url, "review");
  await allHave(url, [ana, ben], "plan", "write", "review");
  await Promise.all([ana.adds(url, "a1", "a2", "a3"), ben.adds(url, "b1", "b2", "b3")]);
  await allHave(url, [ana, ben], "plan", "write", "review", "a1", "a2", "a3", "b1", "b2", "b3");
});

test("the bare address works as the path /sync does", async (t) => {
  const { relay, ana, url } = await anaAndBen(t);
  const carol = new Person(t, "carol");
  await carol.connects(`ws://${relay.address}`);
  await eventually(() => carol.finds(url));
  await carol.adds(url, "from the root");
  await allHave(url, [ana, carol], "plan", "from the root");
});

test("a client that lost its socket catches up by itself, in both directions", async (t) => {
  const { ana, ben, url } = await anaAndBen(t);
  await ben.losesTheSocket();
  await Promise.all([ana.adds(url, "while ben is away"), ben.adds(url, "from the tunnel")]);
  await allHave(url, [ana, ben], "plan", "while ben is away", "from the tunnel");
});

test("what two people did offline is merged when they come back", async (t) => {
  const { ana, ben, url } = await anaAndBen(t);
  await Promise.all([ana.goesOffline(), ben.goesOffline()]);
  await Promise.all([ana.adds(url, "a"), ben.adds(url, "b")]);
  await Promise.all([ana.comesBack(), ben.comesBack()]);
  await allHave(url, [ana, ben], "plan", "a", "b");
});

test("after the relay was killed everybody reconnects, and nothing is lost", async (t) => {
  const { relay, ana, ben, url } = await anaAndBen(t);
  await ana.adds(url, "before");
  await allHave(url, [ana, ben], "plan", "before");
  await relay.kill();
  await Promise.all([ana.adds(url, "ana meanwhile"), ben.adds(url, "ben meanwhile")]);
  await relay.restart();
  await allHave(url, [ana, ben], "plan", "before", "ana meanwhile", "ben meanwhile");
  await ana.adds(url, "after");
  await allHave(url, [ana, ben], "plan", "before", "ana meanwhile", "ben meanwhile", "after");
});

test("what somebody has seen survives the relay and everybody who had it", async (t) => {
  const { relay, ana, ben, url } = await anaAndBen(t);
  await ana.adds(url, "seen by ben");
  await allHave(url, [ana, ben], "plan", "seen by ben");
  const { heads } = await ben.reads(url);
  await relay.kill();
  ana.leaves();
  ben.leaves();
  await relay.restart();
  const carol = new Person(t, "carol");
  await carol.connects(relay.socketUrl);
  await eventually(() => carol.finds(url));
  await eventually(async () => assert.deepEqual((await carol.reads(url)).heads, heads));
});

test("a relay that is asked to end says so with exit code 0 and keeps everything", async (t) => {
  const { relay, ana, ben, url } = await anaAndBen(t);
  await ana.adds(url, "last");
  await allHave(url, [ana, ben], "plan", "last");
  assert.equal(await relay.stop(), 0);
  ana.leaves();
  await relay.restart();
  const carol = new Person(t, "carol");
  await carol.connects(relay.socketUrl);
  await eventually(() => carol.finds(url));
  await allHave(url, [ben, carol], "plan", "last");
});

test("a document that nobody has is unavailable, and arrives when somebody brings it", async (t) => {
  const relay = await Relay.start(t);
  const [ana, ben] = [new Person(t, "ana"), new Person(t, "ben")];
  const url = await ben.creates(["made offline"]);
  await ana.connects(relay.socketUrl);
  await assert.rejects(ana.finds(url), /unavailable/);
  await ben.connects(relay.socketUrl);
  await allHave(url, [ana, ben], "made offline");
});

test("a long history that was made offline arrives whole", async (t) => {
  const relay = await Relay.start(t);
  const [ana, ben] = [new Person(t, "ana"), new Person(t, "ben")];
  const url = await ana.creates([]);
  const cards = Array.from({ length: 500 }, (_, index) => `card ${index}`);
  await ana.adds(url, ...cards);
  await ana.connects(relay.socketUrl);
  await ben.connects(relay.socketUrl);
  await eventually(() => ben.finds(url));
  await allHave(url, [ana, ben], ...cards);
  await relay.kill();
  ana.leaves();
  await relay.restart();
  await ben.adds(url, "after the restart");
  const carol = new Person(t, "carol");
  await carol.connects(relay.socketUrl);
  await eventually(() => carol.finds(url));
  await allHave(url, [ben, carol], ...cards, "after the restart");
});

test("two clients with one peer id both keep working", async (t) => {
  const { relay, ana, ben, url } = await anaAndBen(t);
  const twin = new Person(t, "ana's twin", { peerId: "ana" });
  await twin.connects(relay.socketUrl);
  await eventually(() => twin.finds(url));
  await twin.adds(url, "by the twin");
  await ana.adds(url, "by ana");
  await allHave(url, [ana, ben, twin], "plan", "by the twin", "by ana");
});
