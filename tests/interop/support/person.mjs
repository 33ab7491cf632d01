import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PATIENCE_MS, within } from "./eventually.mjs";

const PROGRAM = fileURLToPath(new URL("client.mjs", import.meta.url));

/** Somebody with a Node process and an unmodified automerge-repo in it (`client.mjs`). */
export class Person {
  #answers = new Map();
  #asked = 0;

  constructor(t, name, { peerId = name, hasStorage = false } = {}) {
    this.name = name;
    this.process = spawn(process.execPath, [PROGRAM, peerId, ...(hasStorage ? ["storage"] : [])], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    t.after(() => this.leaves());
    createInterface({ input: this.process.stdout }).on("line", (line) => {
      const { id, value, error } = JSON.parse(line);
      const answer = this.#answers.get(id);
      this.#answers.delete(id);
      if (error === undefined) answer.resolve(value);
      else answer.reject(new Error(error));
    });
    this.process.on("exit", (code, signal) => {
      for (const { reject } of this.#answers.values())
        reject(new Error(`${name}'s process ended (${code ?? signal})`));
    });
    // A question to a process that is gone is answered by "exit".
    this.process.stdin.on("error", () => {});
  }

  /** Connects, and from then on connects again by itself. */
  connects = (socketUrl) => this.#ask("connect", { socketUrl });
  /** Loses the socket, as in a tunnel; the adapter notices and dials again. */
  losesTheSocket = () => this.#ask("loseSocket");
  goesOffline = () => this.#ask("disconnect");
  comesBack = () => this.#ask("reconnect");
  /** Makes a document with these cards and returns its address. */
  creates = (cards) => this.#ask("create", { cards });
  finds = (url) => this.#ask("find", { url });
  /** Adds cards, each in a change of its own. */
  adds = (url, ...cards) => this.#ask("add", { url, cards });
  /** What the person has: `{ heads, cards }`. */
  reads = (url) => this.#ask("read", { url });
  /** What its storage is called. */
  storageId = () => this.#ask("storageId", {});
  /** Wants to hear how far another's storage has got. */
  follows = (storageId) => this.#ask("follow", { storageId });
  /** The heads that another's storage has of a document, as far as the person has heard. */
  knowsHeadsAt = (url, storageId) => this.#ask("headsAt", { url, storageId });
  /** Sends an ephemeral message. */
  says = (url, message) => this.#ask("broadcast", { url, message });
  /** The ephemeral messages that came, in order. */
  hears = (url) => this.#ask("heard", { url });

  /** Ends the process at once. */
  leaves() {
    this.process.kill("SIGKILL");
  }

  #ask(what, details) {
    const id = ++this.#asked;
    const answer = new Promise((resolve, reject) => this.#answers.set(id, { resolve, reject }));
    this.process.stdin.write(`${JSON.stringify({ id, do: what, ...details })}\n`);
    return within(PATIENCE_MS, `${this.name}'s answer to ${what}`, answer);
  }
}
