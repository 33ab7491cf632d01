// The automerge-repo server: PORT, and a directory if it is to keep documents.
import { Repo } from "@automerge/automerge-repo";
import { NodeWSServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { once } from "node:events";
import { WebSocketServer } from "ws";

const [port, directory] = process.argv.slice(2);
const sockets = new WebSocketServer({ port: Number(port), host: "127.0.0.1" });
await once(sockets, "listening");
const repo = new Repo({
  network: [new NodeWSServerAdapter(sockets)],
  storage: directory ? new NodeFSStorageAdapter(directory) : undefined,
  peerId: "storage-server",
  // A server does not start conversations about documents that nobody asked for.
  sharePolicy: async () => false,
});
// What joins before the storage's id is known is lost.
await repo.storageId();
console.log("listening");
