import { build } from "esbuild";
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

/** Where the page is served, and tabs with it that nobody uses: one takes a second to open. */
let address;
const unused = [];

/** A tab of a browser with an unmodified automerge-repo in it. */
export class Tab {
  static async opens(browser, peerId) {
    const tab = unused.pop() ?? (await Tab.#opensNew(browser));
    await tab.page.evaluate((peerId) => globalThis.begins(peerId), peerId);
    return tab;
  }

  static async #opensNew(browser) {
    const tab = new Tab();
    tab.page = await browser.newPage();
    tab.errors = [];
    tab.page.on("pageerror", (error) => tab.errors.push(error));
    address ??= served();
    await tab.page.goto(await address);
    return tab;
  }

  async ask(what, details) {
    const asked = ([what, details]) => globalThis.ask(what, details);
    const answer = await this.page.evaluate(asked, [what, details]);
    assert.deepEqual(this.errors, []);
    return answer;
  }

  /** Ends the client; somebody else may get the tab. */
  async closes() {
    await this.ask("end");
    unused.push(this);
  }
}

/** The address of a page with the client in it. A browser lets no page of the web dial a relay here. */
async function served() {
  const script = await bundled();
  const files = {
    "/": ["text/html", `<!doctype html><meta charset="utf-8"><script src="/client.js"></script>`],
    "/client.js": ["text/javascript; charset=utf-8", script],
  };
  const server = createServer((request, response) => {
    const [type, body] = files[request.url] ?? ["text/plain", ""];
    response.writeHead(200, { "Content-Type": type, "Cache-Control": "max-age=3600" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // The process may end although somebody could still ask.
  server.unref();
  return `http://127.0.0.1:${server.address().port}/`;
}

async function bundled() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("tab_page.mjs", import.meta.url))],
    bundle: true,
    format: "iife",
    // Automerge's condition for a bundle with the wasm inside it.
    conditions: ["webpack"],
    charset: "utf8",
    write: false,
  });
  return outputFiles[0].text;
}
