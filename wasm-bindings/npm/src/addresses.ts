// Where boards and relays are.

import { KanbanError } from "./errors.js";

/** An address, or what stands behind the `#` of a link. */
export function addressIn(text: string): string {
  if (typeof text !== "string") throw new KanbanError("invalid-argument", "A board's address is a text.");
  const address = text.includes("#") ? decodeURIComponent(text.slice(text.indexOf("#") + 1)) : text;
  return address.trim();
}

/** Where a relay listens: http and https are taken too. */
export function relayUrl(relay: string | URL): URL {
  const url = URL.canParse(relay) ? new URL(relay) : undefined;
  if (url === undefined || !/^(ws|http)s?:$/.test(url.protocol)) {
    const words = `${String(relay)} is no relay's address; one looks like wss://boards.example/sync.`;
    throw new KanbanError("invalid-argument", words);
  }
  url.protocol = url.protocol.replace("http", "ws");
  url.hash = "";
  return url;
}
