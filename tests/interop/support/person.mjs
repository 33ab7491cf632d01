import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PATIENCE_MS, within } from "./eventually.mjs";
import { Tab } from "./tab.mjs";

const PROGRAM = fileURLToPath(new URL("client.mjs", import.meta.url));

/**
 * Somebody with an unmodified automerge-repo, in a Node process of their own or in a tab of
 * `browser`.
 */
export class Person {
  #client;
  #end;

  constructor(t, name, { peerId = name, hasStorage = false, browser } = {}) {
    this.name = name;
    this.#client = browser
      ? new TabClient(browser, peerId)
      : new Process(name, [peerId, ...(hasStorage ? ["storage"] : [])]);
    t.after(() => this.leaves());
  }

  /** Connects, and from then on connects again by itself. */
  connects = (socketUrl) => this.#ask("connect", { socketUrl });
  /** Loses the socket, as in a tunnel; the adapter notices and dials again. */
  losesTheSocket = () => this.#ask("loseSocket");
  /** Closes the socket politely; the adapter dials again. */
  hangsUp = () => this.#ask("hangUp");
  goesOffline = () => this.#ask("disconnect");
  comesBack = () => this.#ask("reconnect");
  /** Makes a document with these cards and returns its address. */
  creates = (cards) => this.#ask("create", { cards });
  finds = (url) => this.#ask("find", { url });
  /** Adds cards, each in a change of its own. */
  adds = (url, ...cards) => this.#ask("add", { url, cards });
  /** Gives the document one title after the other, each in a change of its own. */
  renames = (url, ...titles) => this.#ask("rename", { url, titles });
  /** Attaches so many random bytes to the document, in one change. */
  attaches = (url, name, size) => this.#ask("attach", { url, name, size });
  /** What the person has: `{ heads, cards, title }`. */
  reads = (url) => this.#ask("read", { url });
  /** How many changes the document has. */
  countsChanges = (url) => this.#ask("countsChanges", { url });
  /** Whether the document has all these changes. */
  hasHeads = (url, heads) => this.#ask("hasHeads", { url, heads });
  /** What its storage is called. */
  storageId = () => this.#ask("storageId");
  /** What the relay's storage is called, when it has introduced itself. */
  relayStorageId = () => this.#ask("relayStorageId");
  /** Wants to hear how far another's storage has got. */
  follows = (storageId) => this.#ask("follow", { storageId });
  /** The heads that another's storage has of a document, as far as the person has heard. */
  knowsHeadsAt = (url, storageId) => this.#ask("headsAt", { url, storageId });
  /** Sends an ephemeral message. */
  says = (url, message) => this.#ask("broadcast", { url, message });
  /** The ephemeral messages that came, in order. */
  hears = (url) => this.#ask("heard", { url });

  /** Ends the program at once. */
  leaves() {
    this.#end ??= this.#client.ends();
    return this.#end;
  }

  async #ask(what, details = {}) {
    await this.#client.ready;
    return within(PATIENCE_MS, `${this.name}'s answer to ${what}`, this.#client.ask(what, details));
  }
}

class Process {
  #answers = new Map();
  #asked = 0;

  constructor(name, options) {
    this.process = spawn(process.execPath, [PROGRAM, ...options], {
      stdio: ["pipe", "pipe", "inherit"],
    });
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

  ask(what, details) {
    const id = ++this.#asked;
    const answer = new Promise((resolve, reject) => this.#answers.set(id, { resolve, reject }));
    this.process.stdin.write(`${JSON.stringify({ id, do: what, ...details })}\n`);
    return answer;
  }

  ends() {
    this.process.kill("SIGKILL");
  }
}

class TabClient {
  constructor(browser, peerId) {
    this.ready = Tab.opens(browser, peerId);
    // Whoever asks hears it.
    this.ready.catch(() => {});
  }

  async ask(what, details) {
    return (await this.ready).ask(what, details);
  }

  async ends() {
    await (await this.ready).closes();
  }
}
