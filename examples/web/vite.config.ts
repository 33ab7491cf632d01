import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";
import { contentSecurityPolicy } from "./offline/policy.js";
import { serviceWorker } from "./offline/plugin.js";

const RELAY = "http://127.0.0.1:3030";

/** The relay always serves the `.wasm` file, so the copy of it inside the package's code is left out. */
function withoutInlineProgram(): Plugin {
  return {
    name: "without-inline-program",
    enforce: "pre",
    load: (id) =>
      id.endsWith("/kanban-crdt/dist/inline.js")
        ? 'export function bytes() { throw new Error("the relay does not serve the .wasm file") }'
        : undefined,
  };
}

export default defineConfig({
  plugins: [
    vue(),
    withoutInlineProgram(),
    contentSecurityPolicy(),
    serviceWorker({ without: /(\/inline-[^/]+\.js|\.map)$/ }),
  ],
  worker: { format: "es", plugins: () => [withoutInlineProgram()] },
  // The package is linked; its Vue must be ours.
  resolve: { preserveSymlinks: true, dedupe: ["vue"] },
  optimizeDeps: { exclude: ["kanban-crdt"] },
  define: { __VUE_OPTIONS_API__: "false" },
  build: {
    target: ["chrome123", "firefox128", "safari17.5"],
    // The content security policy allows no styles or scripts in addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    proxy: { "/api": RELAY, "/sync": { target: RELAY, ws: true } },
  },
});
