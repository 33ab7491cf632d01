import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./support/eventually.mjs";
import { Person } from "./support/person.mjs";
import { Relay } from "./support/relay.mjs";

test("who asks hears how far another's storage has got, and hears the latest", async (t) => {
  const relay = await Relay.start(t);
  const ana = new Person(t, "ana", { hasStorage: true });
  const ben = new Person(t, "ben");
  await Promise.all([ana.connects(relay.socketUrl), ben.connects(relay.socketUrl)]);
  const url = await ana.creates(["write"]);
  await eventually(() => ben.finds(url));

  const storageId = await ana.storageId();
  await ben.follows(storageId);
  const agree = async () => {
    const { heads } = await ana.reads(url);
    assert.deepEqual(await ben.knowsHeadsAt(url, storageId), heads);
  };
  await eventually(agree);
  await ana.adds(url, "sing", "dance");
  await eventually(agree);
  // What others write, ana's storage has as soon as she acknowledges it.
  await ben.adds(url, "sleep");
  await eventually(async () => assert.equal((await ana.reads(url)).cards.length, 4));
  await eventually(agree);
});
