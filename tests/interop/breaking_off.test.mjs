import assert from "node:assert/strict";
import { Cable } from "./support/cable.mjs";
import { eventually, isAcknowledged } from "./support/eventually.mjs";
import { everywhere } from "./support/everywhere.mjs";
import { Relay } from "./support/relay.mjs";

const ATTACHMENT_BYTES = 900_000;

/** After so many bytes of it, in turn. */
const BREAKS = [1, 100, 70_000, 600_000];

everywhere(
  "large changes that break off on their way arrive when the network is back",
  (t, person) => largeChangesBreakOff(t, person, {}),
);

everywhere(
  "a relay killed while large changes are on their way has all that it acknowledged",
  (t, person) => largeChangesBreakOff(t, person, { byAKill: true }),
);

/** What Ana sends breaks off on its way to the relay, and what Ben sends from there to her. */
async function largeChangesBreakOff(t, person, { byAKill }) {
  const relay = await Relay.start(t);
  const cable = await Cable.to(t, relay);
  const [ana, ben] = [person("ana"), person("ben")];
  await Promise.all([ana.connects(cable.socketUrl), ben.connects(relay.socketUrl)]);
  const url = await ana.creates(["plan"]);
  await eventually(() => ben.finds(url));
  const cards = ["plan"];
  const bothHaveAll = async () => {
    await eventually(async () => {
      const [hers, his] = [await ana.reads(url), await ben.reads(url)];
      assert.deepEqual(hers, his);
      assert.deepEqual(his.cards.toSorted(), cards.toSorted());
    });
    return isAcknowledged(ben, url);
  };
  await bothHaveAll();
  for (const [round, bytes] of BREAKS.entries()) {
    for (const [from, author] of [
      ["client", ana],
      ["relay", ben],
    ]) {
      const large = `${from} ${round}`;
      cable.holdsAfter(from, bytes);
      await author.attaches(url, large, ATTACHMENT_BYTES);
      const acknowledged = await isAcknowledged(ben, url);
      await cable.isHolding();
      if (byAKill) {
        // Nobody else can bring what the relay has promised to keep.
        await ben.goesOffline();
        await relay.kill();
      }
      cable.breaks();
      if (byAKill) {
        await relay.restart();
        const carol = person(`carol ${large}`);
        await carol.connects(relay.socketUrl);
        await eventually(() => carol.finds(url));
        // What a relay has of a large document arrives in several messages.
        await eventually(async () => {
          assert.ok(await carol.hasHeads(url, acknowledged), `${large}: something is lost`);
        });
        await carol.leaves();
        await ben.comesBack();
      }
      cards.push(`by ana, after ${large}`);
      await ana.adds(url, cards.at(-1));
      cable.mends();
      await bothHaveAll();
    }
  }
}
