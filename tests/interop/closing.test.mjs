import { parseAutomergeUrl } from "@automerge/automerge-repo";
import { Encoder } from "cbor-x";
import assert from "node:assert/strict";
import { test } from "node:test";
import { BareSocket, BINARY, CLOSE } from "./support/bare_socket.mjs";
import { eventually } from "./support/eventually.mjs";
import { everywhere } from "./support/everywhere.mjs";
import { Person } from "./support/person.mjs";
import { Relay } from "./support/relay.mjs";

const cbor = new Encoder({ tagUint8Array: false, useRecords: false });

/** Of several endings each meets the traffic in another place. */
const ROUNDS = 5;

/** Ana and Ben on one document, who write without a pause whenever they are asked to. */
async function busyTeam(t, person) {
  const relay = await Relay.start(t);
  const team = [person("ana"), person("ben")];
  await Promise.all(team.map((member) => member.connects(relay.socketUrl)));
  const url = await team[0].creates([]);
  await eventually(() => team[1].finds(url));
  const written = [];
  /** Waits until each has got something new of what the other writes. */
  const bothHear = async () => {
    const others = async (member) => {
      const { cards } = await member.reads(url);
      return cards.filter((card) => !card.startsWith(member.name)).length;
    };
    const before = await Promise.all(team.map(others));
    await eventually(async () => {
      const now = await Promise.all(team.map(others));
      assert.ok(now.every((count, index) => count > before[index]));
    });
  };
  /** Both write while something happens. */
  const writeDuring = async (happens) => {
    let isOver = false;
    const over = happens().finally(() => (isOver = true));
    const writes = async (member) => {
      while (!isOver) {
        const card = `${member.name} ${written.length}`;
        written.push(card);
        await member.adds(url, card);
      }
    };
    await Promise.all([over, ...team.map(writes)]);
  };
  /** Who had got stuck would not have what others write, or could not write. */
  const allGoOn = async () => {
    for (const member of team) {
      written.push(`${member.name} goes on at ${written.length}`);
      await member.adds(url, written.at(-1));
    }
    await eventually(async () => {
      for (const member of team) {
        const { cards } = await member.reads(url);
        assert.deepEqual(cards.toSorted(), written.toSorted());
      }
    });
  };
  return { relay, team, url, bothHear, writeDuring, allGoOn };
}

everywhere(
  "clients that send while the relay says goodbye go on when it is back",
  async (t, person) => {
    const { relay, bothHear, writeDuring, allGoOn } = await busyTeam(t, person);
    for (let round = 0; round < ROUNDS; round++) {
      await writeDuring(async () => {
        await bothHear();
        assert.equal(await relay.stop(), 0);
      });
      await relay.restart();
      await allGoOn();
    }
  },
);

everywhere(
  "a client that hangs up while it is sent changes goes on when it is back",
  async (t, person) => {
    const { team, bothHear, writeDuring, allGoOn } = await busyTeam(t, person);
    for (let round = 0; round < ROUNDS; round++) {
      await writeDuring(async () => {
        await bothHear();
        await team[1].losesTheSocket();
        await bothHear();
      });
      await allGoOn();
    }
  },
);

test("after a close frame, whoever sent it, the relay sends nothing more", async (t) => {
  const { relay, url, writeDuring } = await busyTeam(t, (name) => new Person(t, name));
  const [polite, deaf] = [
    await follower(t, relay, url, "polite"),
    await follower(t, relay, url, "deaf"),
  ];
  await writeDuring(async () => {
    polite.bare.sends(CLOSE, Buffer.from([0x03, 0xe8]));
    await polite.bare.isClosed();
    // This one hears that the relay ends, and goes on all the same.
    const asks = setInterval(() => deaf.asks(), 1);
    t.after(() => clearInterval(asks));
    await relay.stop();
    await deaf.bare.isClosed();
  });
  for (const [{ bare }, code] of [
    [polite, 1000],
    [deaf, 1012],
  ]) {
    const opcodes = bare.frames.map(({ opcode }) => opcode);
    assert.ok(opcodes.filter((opcode) => opcode === BINARY).length > 1, "it was sent changes");
    assert.equal(opcodes.indexOf(CLOSE), opcodes.length - 1, "the close frame is the last");
    assert.equal(bare.frames.at(-1).payload.readUInt16BE(), code);
  }
});

/** Somebody who has asked for the document, on a socket that sees every byte. */
async function follower(t, relay, url, senderId) {
  const bare = await BareSocket.dials(t, relay);
  const says = (message) => bare.sends(BINARY, cbor.encode({ senderId, ...message }));
  const heard = () => bare.frames.map(({ payload }) => cbor.decode(payload));
  says({ type: "join", peerMetadata: {}, supportedProtocolVersions: ["1"] });
  const { senderId: targetId } = await eventually(() => {
    assert.equal(heard().length, 1);
    return heard()[0];
  });
  const { documentId } = parseAutomergeUrl(url);
  // Nothing is here, and no more is known of the relay.
  const data = Buffer.from("42000001000000020284", "hex");
  const asks = () => says({ type: "request", targetId, documentId, data });
  asks();
  await eventually(() => assert.ok(heard().some(({ type }) => type === "sync")));
  return { bare, asks };
}
