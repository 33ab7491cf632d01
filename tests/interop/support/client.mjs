// A program around an unmodified automerge-repo client.

import { answerLines } from "./lines.mjs";
import { repository } from "./repository.mjs";

const [peerId, hasStorage] = process.argv.slice(2);

// automerge-repo logs there; standard output is for answers.
console.log = console.error;

// The adapter throws when a relay dies in the middle of an opening handshake; what uses it has to
// shrug, and the adapter dials again.
process.on("uncaughtException", (error) => {
  if (!["ECONNRESET", "EPIPE"].includes(error.code) && error.message !== "socket hang up")
    throw error;
});

answerLines(repository({ peerId, hasStorage: Boolean(hasStorage) }));
