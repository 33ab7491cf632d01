// A program around an unmodified automerge-repo client. It reads one request a line,
// `{ id, do, ... }`, and answers `{ id, value }` or `{ id, error }`.

import { parseAutomergeUrl, Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { createInterface } from "node:readline";

/** The adapter dials at this interval, for ever; its own default is 5 s. */
const RETRY_MS = 250;

const [peerId, hasStorage] = process.argv.slice(2);
const repo = new Repo({
  peerId,
  storage: hasStorage ? memory() : undefined,
  enableRemoteHeadsGossiping: true,
});
const heard = new Map();
let adapter;

const requests = {
  connect({ socketUrl }) {
    adapter = new WebSocketClientAdapter(socketUrl, RETRY_MS);
    repo.networkSubsystem.addNetworkAdapter(adapter);
  },
  loseSocket: () => adapter.socket.terminate(),
  disconnect: () => repo.networkSubsystem.disconnect(),
  reconnect: () => repo.networkSubsystem.reconnect(),
  create({ cards }) {
    const handle = repo.create({ cards });
    listen(handle);
    return handle.url;
  },
  async find({ url }) {
    listen(await repo.find(url));
  },
  add({ url, cards }) {
    for (const card of cards) handleOf(url).change((document) => document.cards.push(card));
  },
  read({ url }) {
    const handle = handleOf(url);
    return { heads: handle.heads(), cards: handle.doc().cards };
  },
  storageId: () => repo.storageId(),
  follow: ({ storageId }) => repo.subscribeToRemotes([storageId]),
  headsAt: ({ url, storageId }) => handleOf(url).getSyncInfo(storageId)?.lastHeads,
  broadcast: ({ url, message }) => handleOf(url).broadcast(message),
  heard: ({ url }) => heard.get(url) ?? [],
};

/** A storage that lives as long as the process. */
function memory() {
  const chunks = new Map();
  const under = (prefix) => [...chunks].filter(([key]) => key.startsWith(prefix.join("/")));
  return {
    load: async (key) => chunks.get(key.join("/")),
    save: async (key, data) => void chunks.set(key.join("/"), data),
    remove: async (key) => void chunks.delete(key.join("/")),
    loadRange: async (prefix) =>
      under(prefix).map(([key, data]) => ({ key: key.split("/"), data })),
    removeRange: async (prefix) => under(prefix).forEach(([key]) => chunks.delete(key)),
  };
}

/** Asks nobody: a document that `find` did not get shows up here when it comes by itself. */
function handleOf(url) {
  return repo.handles[parseAutomergeUrl(url).documentId];
}

function listen(handle) {
  if (heard.has(handle.url)) return;
  heard.set(handle.url, []);
  handle.on("ephemeral-message", ({ message }) => heard.get(handle.url).push(message));
}

// The adapter throws when a relay dies in the middle of an opening handshake; what uses it has to
// shrug, and the adapter dials again.
process.on("uncaughtException", (error) => {
  if (!["ECONNRESET", "EPIPE"].includes(error.code) && error.message !== "socket hang up")
    throw error;
});

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { id, do: what, ...details } = JSON.parse(line);
    let answer;
    try {
      answer = { id, value: (await requests[what](details)) ?? null };
    } catch (error) {
      answer = { id, error: error.message };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  })
  .on("close", () => process.exit());
