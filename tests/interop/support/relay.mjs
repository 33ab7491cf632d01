import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PATIENCE_MS, within } from "./eventually.mjs";

const PROGRAM =
  process.env.KANBAN_RELAY ??
  fileURLToPath(new URL("../../../target/debug/sync-server", import.meta.url));

/** The example of a relay with rules: who has no token is refused, whose is unknown may read. */
export const OWN_APPLICATION = join(dirname(PROGRAM), "examples/own_application");

/** The relay's program with data of its own, for one test. */
export class Relay {
  static async start(t, { webDir, program = PROGRAM, path = "/sync", options = [] } = {}) {
    const relay = new Relay();
    relay.program = program;
    relay.path = path;
    relay.data = await mkdtemp(join(tmpdir(), "kanban-relay-"));
    relay.options = webDir ? [...options, "--web-dir", webDir] : options;
    relay.address = "127.0.0.1:0";
    t.after(async () => {
      await relay.kill();
      await rm(relay.data, { recursive: true, force: true });
    });
    await relay.restart();
    return relay;
  }

  /** Starts the relay again on its port and its data. */
  async restart() {
    // Tabs have a page of another address, as most people's pages have.
    const origins = this.program === PROGRAM ? ["--origins", "*"] : [];
    const options = ["--listen", this.address, "--data", this.data, ...origins, ...this.options];
    this.process = spawn(this.program, options, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((_, reject) => {
      this.process.once("error", (error) =>
        reject(
          new Error(`${this.program} does not start: build it, or set KANBAN_RELAY`, {
            cause: error,
          }),
        ),
      );
      this.process.once("exit", (code, signal) =>
        reject(new Error(`the relay ended before it was ready (${code ?? signal})`)),
      );
    });
    ended.catch(() => {});
    const firstLine = once(createInterface({ input: this.process.stdout }), "line");
    const [line] = await within(
      PATIENCE_MS,
      "the relay's first line",
      Promise.race([firstLine, ended]),
    );
    const ready = /^\S+ listens on http:\/\/(\S+)$/.exec(line);
    if (!ready) throw new Error(`the relay's first line is ${JSON.stringify(line)}`);
    this.address = ready[1];
  }

  /** Ends the relay as a power failure would. */
  async kill() {
    const { pid, exitCode, signalCode } = this.process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const exit = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await exit;
  }

  /** Asks the relay to end, and returns its exit code. */
  async stop() {
    const exit = once(this.process, "exit");
    this.process.kill("SIGTERM");
    const [code] = await within(PATIENCE_MS, "the relay's end after SIGTERM", exit);
    return code;
  }

  get socketUrl() {
    return `ws://${this.address}${this.path}`;
  }

  get pageUrl() {
    return `http://${this.address}/`;
  }
}
