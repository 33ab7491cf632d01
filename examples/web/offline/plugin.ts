import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const NAME = "service-worker.js";

/** Writes the service worker, with the names of all files that the app needs. */
export function serviceWorker({ without }: { without: RegExp }): Plugin {
  let root = "";
  let publicDir = "";
  return {
    name: "service-worker",
    apply: "build",
    configResolved(config) {
      ({ root, publicDir } = config);
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const built = Object.keys(bundle).filter((name) => !without.test(name) && name !== "index.html");
        const files = ["/", ...[...built, ...readdirSync(publicDir)].sort().map((name) => `/${name}`)];
        const worker = readFileSync(join(root, "offline", NAME), "utf8");
        const hash = createHash("sha256").update(JSON.stringify(files)).update(worker);
        // What is not named after its contents.
        for (const name of readdirSync(publicDir)) hash.update(readFileSync(join(publicDir, name)));
        const page = bundle["index.html"];
        if (page?.type !== "asset") this.error("there is no index.html to keep");
        const version = hash.update(page.source).digest("hex").slice(0, 16);
        const head = `const VERSION = ${JSON.stringify(version)};\nconst FILES = ${JSON.stringify(files)};\n`;
        this.emitFile({ type: "asset", fileName: NAME, source: head + worker });
      },
    },
  };
}
