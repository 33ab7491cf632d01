// What runs in a browser's tab: `tab.mjs` bundles it.

import { repository } from "./repository.mjs";

globalThis.begins = (peerId) => {
  globalThis.ask = repository({ peerId });
};
