import * as Automerge from "@automerge/automerge";

/** The kind of a chunk that holds a document with its history. */
export const WHOLE_DOCUMENT = 0;

const MAGIC = Buffer.from([0x85, 0x6f, 0x4a, 0x83]);
const CHECKSUM_BYTES = 4;

/** The kinds of the chunks that the payload of a sync message carries. */
export function chunkKinds(data) {
  return Automerge.decodeSyncMessage(data).changes.flatMap((blob) => {
    const changes = Buffer.from(blob);
    const kinds = [];
    // Nothing in these documents looks like the beginning of a chunk by chance.
    for (let at = changes.indexOf(MAGIC); at >= 0; at = changes.indexOf(MAGIC, at + 1)) {
      kinds.push(changes[at + MAGIC.length + CHECKSUM_BYTES]);
    }
    return kinds;
  });
}
