// What docs/self-hosting.md says to type works, with the paths of a test in place of a machine's.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import WebSocket from "ws";
import { idOf, KanbanClient } from "../../wasm-bindings/npm/dist/node.js";
import { Relay } from "./support/relay.mjs";

const run = promisify(execFile);
const GUIDE = await readFile(new URL("../../docs/self-hosting.md", import.meta.url), "utf8");
const blocks = [...GUIDE.matchAll(/```(\w*)\n(.*?)```/gs)].map(([, language, code]) => ({ language, code }));

/** The one block that has this in it. */
function block(language, text) {
  const found = blocks.filter((one) => one.language === language && one.code.includes(text));
  assert.equal(found.length, 1, `blocks of ${language} with ${text}`);
  return found[0].code;
}

/** A machine with a relay that was set up by the guide. */
class Machine {
  static async setUp(t) {
    const machine = new Machine();
    machine.relay = await Relay.start(t);
    machine.root = await mkdtemp(join(tmpdir(), "kanban-machine-"));
    t.after(() => Promise.all([rm(machine.root, { recursive: true }), rm(`${machine.relay.data}.old`, { recursive: true, force: true })]));
    for (const directory of ["bin", "etc", "backup"]) await mkdir(join(machine.root, directory));
    await machine.command("sync-server", `exec ${machine.relay.program} "$@"`);
    await machine.command("sudo", 'shift 2; exec "$@"');
    await machine.command("systemctl", "true");
    await machine.command("kanban-backup", machine.here(block("sh", "find /srv/backup")));
    await writeFile(join(machine.root, "etc/relay.toml"), machine.here(blocks.find(({ language }) => language === "toml").code));
    machine.relay.options = ["--config", join(machine.root, "etc/relay.toml"), "--metrics", "off"];
    await machine.relay.stop();
    return machine;
  }

  here(text) {
    return text
      .replaceAll("/var/lib/kanban/data", this.relay.data)
      .replaceAll("/srv/backup", join(this.root, "backup"))
      .replaceAll("/etc/kanban", join(this.root, "etc"))
      .replaceAll("sudo systemctl", "systemctl");
  }

  async command(name, text) {
    await writeFile(join(this.root, "bin", name), text.startsWith("#!") ? text : `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  async types(text) {
    const env = { ...process.env, PATH: `${join(this.root, "bin")}:${process.env.PATH}` };
    return (await run("sh", ["-euc", this.here(text)], { env })).stdout;
  }

  /** Signs in over HTTP, and opens boards as this person. */
  async client(t, name, password) {
    const body = JSON.stringify({ name, password, token: true });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.relay.pageUrl}api/sessions`, { method: "POST", headers, body });
    const { token } = await answer.json();
    const client = new KanbanClient({ relay: this.relay.socketUrl, account: name, token: () => token, WebSocket });
    t.after(() => client.close());
    return { client, token };
  }
}

const passwordIn = (said) => /password (\S+)/.exec(said)[1];
const titles = (view) => view.columns.flatMap(({ cards }) => cards.map(({ title }) => title));

test("each option and command that is named is one of the program's", async (t) => {
  const { program } = await Relay.start(t);
  const help = (await run(program, ["--help"])).stdout;
  const options = new Set([...help.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name));
  const commands = new Set([...help.matchAll(/^ {2}([a-z]+(?: [a-z-]+)?)\b/gm)].map(([, name]) => name.split(" ")[0] === "user" ? name : name.split(" ")[0]));
  const ours = blocks.filter(({ language }) => language === "toml").flatMap(({ code }) => [...code.matchAll(/^([a-z-]+) =/gm)].map(([, name]) => name));
  const flags = [...GUIDE.matchAll(/sync-server[^\n`]* --([a-z-]+)/g)].map(([, name]) => name);
  for (const name of [...ours, ...flags]) assert.ok(options.has(name), `${name} is an option`);
  for (const name of ["min-free", "max-connections-per-address", "documents-per-user", "ping-every", "sign-up"]) {
    assert.ok(GUIDE.includes(name) && options.has(name), `${name} is an option`);
  }
  const named = [...GUIDE.matchAll(/sync-server ((?:user )?[a-z][a-z-]*)/g)].map(([, name]) => name);
  for (const name of named) assert.ok(commands.has(name), `${name} is a command`);
  assert.ok(named.length > 10);
});

test("each file of options is taken as it stands", async (t) => {
  const { program } = await Relay.start(t);
  const directory = await mkdtemp(join(tmpdir(), "kanban-options-"));
  t.after(() => rm(directory, { recursive: true }));
  for (const { code } of blocks.filter(({ language }) => language === "toml")) {
    const file = join(directory, "relay.toml");
    await writeFile(file, code.replace("/var/lib/kanban/data", join(directory, "data")));
    await run(program, ["user", "add", `a${Date.now()}`, "--config", file]);
    await writeFile(file, `${code}\nno-such-option = 1\n`);
    await assert.rejects(run(program, ["user", "list", "--config", file]), /no-such-option/);
  }
});

test("a relay that was set up, backed up and restored by the guide has everything, also what came after the backup", async (t) => {
  const machine = await Machine.setUp(t);
  const password = passwordIn(await machine.types(block("sh", "user add ana")));
  await machine.relay.restart();
  assert.match(await machine.types(block("sh", "user invite")), /may make an account/);

  const ana = await machine.client(t, "ana", password);
  const board = await ana.client.create("Release");
  const column = idOf("todo");
  const adds = (title) => board.apply({ type: "createCard", card: idOf(title), column, at: "last", title, description: "" });
  await board.apply({ type: "createColumn", column, name: "To do", at: "last" });
  await adds("Before");
  await board.whenSaved();
  await machine.types("kanban-backup");
  await adds("After");
  await board.whenSaved();

  await machine.relay.stop();
  const [backup] = await readdir(join(machine.root, "backup"));
  const said = await machine.types(block("sh", "sync-server restore").replace("BACKUP", backup));
  assert.match(said, /1 documents are in .* again/);
  await machine.relay.restart();
  board.reconnect();
  await board.apply({ type: "renameBoard", name: "Release 2" });
  await board.whenSaved();
  const again = await machine.client(t, "ana", password);
  const opened = await again.client.open(board.url);
  assert.deepEqual(titles(await opened.whenReady()), ["Before", "After"]);
});

test("a password is changed as the guide says", async (t) => {
  const machine = await Machine.setUp(t);
  const password = passwordIn(await machine.types(block("sh", "user add ana")));
  await machine.relay.restart();
  const { token } = await machine.client(t, "ana", password);
  const [, change] = block("sh", "/api/me/password").trim().split("\n");
  const typed = change
    .replace('"current":"…","new":"…"', `"current":"${password}","new":"a better password"`)
    .replace("$TOKEN", token)
    .replace("https://boards.example.org/", machine.relay.pageUrl)
    .replace("curl ", "curl --silent --write-out '%{http_code}' ");
  assert.equal(await machine.types(typed), "204");
});
