//! From format 1, which had no index and no snapshots, to this one.
//!
//! Each document is rewritten with its manifest in one batch, so an upgrade that is interrupted goes
//! on where it was. A document that cannot be read is left as it is, and stays what it was: damaged.

use super::commit::Seen;
use super::write::insert_manifest;
use super::writes::Writes;
use super::{FORMAT, SledStore};
use crate::store::StoreError;
use crate::store::index::IndexEntry;
use crate::store::manifest::{Manifest, roll};
use crate::store::record::{Kind, manifest_key, number_and_part, part_key, parts, unseal};
use automerge::ChangeHash;
use sha2::{Digest, Sha256};
use sync_protocol::{ChangeGraph, DocumentId, Inserted, chunks};
use tracing::{info, warn};

/// How much is rewritten before it goes to the disk.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// What format 1 said of a document.
struct OldManifest {
    chunks: u64,
    rolling: [u8; 32],
    heads: Vec<ChangeHash>,
}

impl OldManifest {
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (chunks, rest) = bytes.split_first_chunk()?;
        let (rolling, heads) = rest.split_first_chunk()?;
        let (heads, over) = heads.as_chunks::<32>();
        over.is_empty().then(|| Self {
            chunks: u64::from_be_bytes(*chunks),
            rolling: *rolling,
            heads: heads.iter().map(|head| ChangeHash(*head)).collect(),
        })
    }
}

impl SledStore {
    pub(super) fn upgrade(&self) -> Result<(), StoreError> {
        let documents = self.read_documents()?;
        info!(
            "upgrading {} documents in {} to format {FORMAT}",
            documents.len(),
            self.path.display()
        );
        let mut writes = Writes::default();
        let mut bytes = 0;
        for document in documents {
            match self.rewritten(document)? {
                Ok((manifest, values)) => {
                    for (key, value) in values {
                        bytes += value.len();
                        writes.insert(key, value);
                    }
                    insert_manifest(&mut writes, document, &manifest);
                }
                Err("") => {}
                Err(reason) => warn!(%document, "cannot be upgraded and stays as it is: {reason}"),
            }
            if bytes > BATCH_BYTES {
                self.commit(&mut self.committer(), std::mem::take(&mut writes), Seen::AtOnce)?;
                bytes = 0;
            }
        }
        self.commit(&mut self.committer(), writes, Seen::AtOnce)?;
        self.set_format()
    }

    /// A document in this format; or why it is left as it is, nothing if it was rewritten before.
    #[allow(clippy::type_complexity, reason = "used once, a few lines above")]
    fn rewritten(
        &self,
        document: DocumentId,
    ) -> Result<Result<(Manifest, Vec<(Vec<u8>, Vec<u8>)>), &'static str>, StoreError> {
        let key = manifest_key(document);
        let Some(value) = self.documents.get(&key).map_err(|error| self.failed(error))? else {
            return Ok(Err("its manifest is missing"));
        };
        let Some(content) = unseal(&key, &value) else {
            return Ok(Err("its manifest is damaged"));
        };
        if Manifest::decode(content).is_some() {
            return Ok(Err(""));
        }
        let Some(old) = OldManifest::decode(content) else {
            return Ok(Err("its manifest cannot be read"));
        };
        let mut changes: Vec<Vec<u8>> = Vec::new();
        let first = part_key(document, Kind::Change, 0, 0);
        let last = part_key(document, Kind::Change, u64::MAX, u32::MAX);
        for entry in self.documents.range(first..=last) {
            let (key, value) = entry.map_err(|error| self.failed(error))?;
            let (Some(content), Some((number, part))) =
                (unseal(&key, &value), number_and_part(&key))
            else {
                return Ok(Err("a chunk is damaged"));
            };
            let next = changes.len() as u64;
            match changes.last_mut() {
                Some(chunk) if part > 0 => chunk.extend_from_slice(content),
                _ if part == 0 && number == next => changes.push(content.to_vec()),
                _ => return Ok(Err("a chunk is missing")),
            }
        }
        Ok(rewrite(document, &old, &changes))
    }
}

#[allow(clippy::type_complexity, reason = "as above")]
fn rewrite(
    document: DocumentId,
    old: &OldManifest,
    changes: &[Vec<u8>],
) -> Result<(Manifest, Vec<(Vec<u8>, Vec<u8>)>), &'static str> {
    let mut rolling = [0; 32];
    for bytes in changes {
        let hasher = Sha256::new().chain_update(rolling).chain_update(Sha256::digest(bytes));
        rolling = hasher.finalize().into();
    }
    if (changes.len() as u64, rolling) != (old.chunks, old.rolling) {
        return Err("it does not have the chunks that were stored");
    }
    let mut graph = ChangeGraph::new();
    let mut manifest = Manifest { heads: old.heads.clone(), ..Manifest::default() };
    let mut values = Vec::new();
    for bytes in changes {
        let mut split = chunks(bytes);
        let (Some(Ok(chunk)), None) = (split.next(), split.next()) else {
            return Err("a chunk is not one change");
        };
        let change = chunk.change().map_err(|_| "a chunk is no change")?;
        let entry = IndexEntry::of(&change, &graph).ok_or("a change comes too early")?;
        match graph.insert(change.hash, &change.header) {
            Ok(Inserted::At(_)) => {}
            _ => return Err("a change contradicts an earlier one"),
        }
        let mut value = Vec::new();
        entry.write_to(&mut value, bytes);
        for (key, value) in parts(document, Kind::Change, manifest.changes, &value) {
            manifest.rolling = roll(manifest.rolling, &value);
            values.push((key, value));
        }
        manifest.changes += 1;
    }
    graph.mark_stored(graph.len());
    let mut heads = old.heads.clone();
    heads.sort_unstable();
    if graph.heads() != heads {
        return Err("its changes lead to other heads than were stored");
    }
    Ok((manifest, values))
}
