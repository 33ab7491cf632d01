// What a person can do with an unmodified automerge-repo: the same in Node and in a browser.

import * as Automerge from "@automerge/automerge";
import { decodeHeads, parseAutomergeUrl, Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { applyEdit, canonicalJson, freshDocument } from "./edits.mjs";

/** The adapter dials at this interval, for ever; its own default is 5 s. */
const RETRY_MS = 250;

/** More random bytes at once are refused. */
const RANDOM_BYTES_MAX = 65_536;

/** Returns `ask(what, details)`, which does one thing and resolves to what can be sent as JSON. */
export function repository({ peerId, hasStorage = false }) {
  const repo = new Repo({
    peerId,
    storage: hasStorage ? memory() : undefined,
    enableRemoteHeadsGossiping: true,
  });
  const heard = new Map();
  let adapter;

  /** Asks nobody: a document that `find` did not get shows up here when it comes by itself. */
  const handleOf = (url) => repo.handles[parseAutomergeUrl(url).documentId];

  const heardOn = new WeakSet();
  const listen = (handle) => {
    if (!handle || heardOn.has(handle)) return;
    heardOn.add(handle);
    if (!heard.has(handle.url)) heard.set(handle.url, []);
    handle.on("ephemeral-message", ({ message }) => heard.get(handle.url).push(message));
  };

  const requests = {
    connect({ socketUrl }) {
      adapter = new WebSocketClientAdapter(socketUrl, RETRY_MS);
      repo.networkSubsystem.addNetworkAdapter(adapter);
    },
    // A browser can only close politely.
    loseSocket: () => (adapter.socket.terminate ? adapter.socket.terminate() : requests.hangUp()),
    isConnected: () =>
      adapter.socket !== undefined && adapter.socket.readyState === adapter.socket.OPEN,
    hangUp: () => adapter.socket.close(),
    /** For good: a disconnected adapter may still have a timer that makes it dial. */
    end() {
      if (!adapter) return;
      adapter.connect = () => {};
      adapter.socket?.close();
    },
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
    rename({ url, titles }) {
      for (const title of titles) handleOf(url).change((document) => (document.title = title));
    },
    /** Puts bytes into the document that do not get smaller when they are compressed. */
    attach({ url, name, size }) {
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size; at += RANDOM_BYTES_MAX)
        crypto.getRandomValues(bytes.subarray(at, at + RANDOM_BYTES_MAX));
      handleOf(url).change((document) => (document[name] = bytes));
    },
    read({ url }) {
      const handle = handleOf(url);
      const { cards, title } = handle.doc();
      return { heads: handle.heads(), cards, title };
    },
    countsChanges: ({ url }) => Automerge.getAllChanges(handleOf(url).doc()).length,
    hasHeads: ({ url, heads }) => Automerge.hasHeads(handleOf(url).doc(), decodeHeads(heads)),
    storageId: () => repo.storageId(),
    relayStorageId: () => repo.peerMetadataByPeerId[adapter.remotePeerId]?.storageId,
    follow: ({ storageId }) => repo.subscribeToRemotes([storageId]),
    headsAt: ({ url, storageId }) => handleOf(url).getSyncInfo(storageId)?.lastHeads,
    broadcast: ({ url, message }) => handleOf(url).broadcast(message),
    heard: ({ url }) => heard.get(url) ?? [],

    // For random sessions: documents of all types, and what is in them.
    createFresh: () => repo.create(freshDocument()).url,
    hasAll: ({ url, heads }) =>
      (handleOf(url)?.isReady() ?? false) && Automerge.hasHeads(handleOf(url).doc(), heads),
    /** What was not told yet of what others have said. */
    takeHeard({ url }) {
      listen(handleOf(url));
      return heard.get(url)?.splice(0) ?? [];
    },
    edit({ url, edits }) {
      for (const edit of edits) handleOf(url).change((document) => applyEdit(document, edit));
    },
    /** Nothing as long as the document is not there. */
    show({ url }) {
      const handle = handleOf(url);
      if (!handle?.isReady()) return null;
      const heads = Automerge.getHeads(handle.doc()).sort();
      return { heads, json: canonicalJson(handle.doc()) };
    },
    forget: ({ url }) => repo.removeFromCache(parseAutomergeUrl(url).documentId),
  };
  return async (what, details = {}) => (await requests[what](details)) ?? null;
}

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
