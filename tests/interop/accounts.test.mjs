import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { eventually } from "./support/eventually.mjs";
import { everywhere } from "./support/everywhere.mjs";
import { Relay } from "./support/relay.mjs";
import { Wire } from "./support/wire.mjs";

/** A relay with accounts, and how its first one asks it for something. */
async function relayWithAccounts(t) {
  const relay = await Relay.start(t, { options: ["--auth", "accounts"] });
  const command = [relay.program, ["user", "add", "ana", "--data", relay.data]];
  const { stdout } = await promisify(execFile)(...command);
  const password = /password (\S+)/.exec(stdout)[1];
  const headers = { "content-type": "application/json" };
  const asks = async (method, path, body) => {
    const answer = await fetch(`http://${relay.address}/api/${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.status === 204 ? undefined : answer.json();
  };
  const { token } = await asks("POST", "sessions", { name: "ana", password, token: true });
  headers.authorization = `Bearer ${token}`;
  return { relay, asks };
}

everywhere(
  "links let people in who have no account, as what they say and until they are taken back",
  async (t, person) => {
    const { relay, asks } = await relayWithAccounts(t);
    const [ana, ben, eve] = [person("ana"), person("ben"), person("eve")];
    const url = await ana.creates(["plan"]);
    const id = url.slice("automerge:".length);
    await asks("POST", "documents", { id, title: "Plan" });
    const link = (role) => asks("POST", `documents/${id}/links`, { role });
    const [editors, readers] = [await link("editor"), await link("reader")];
    const address = ({ token }) => `${relay.socketUrl}?access_token=${token}`;
    const wire = await Wire.to(t, address(readers));
    await Promise.all([ana.connects(address(editors)), ben.connects(wire.socketUrl)]);
    await eventually(() => ben.finds(url));
    await ana.adds(url, "write");
    await ben.adds(url, "scribble");
    await eventually(async () => {
      const { cards } = await ben.reads(url);
      assert.deepEqual(cards.toSorted(), ["plan", "scribble", "write"]);
    });
    // Somebody else's document is none, with a link of their own.
    const other = await asks("POST", "documents", {});
    const elsewhere = await asks("POST", `documents/${other.id}/links`, { role: "editor" });
    await eve.connects(address(elsewhere));
    await assert.rejects(eve.finds(url), /unavailable/);
    await asks("DELETE", `documents/${id}/links/${readers.id}`);
    await eventually(() => assert.deepEqual(wire.closes.slice(0, 1), [4401]));
    await ana.adds(url, "after that");
    await eventually(async () => {
      const { cards } = await ana.reads(url);
      assert.deepEqual(cards, ["plan", "write", "after that"]);
    });
    const { cards } = await ben.reads(url);
    assert.ok(!cards.includes("after that"), "whose link was taken back hears nothing more");
  },
);
