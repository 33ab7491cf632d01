//! Whether everything that is stored is there and means what it should.

use crate::compaction::{hashes, load};
use crate::relay::restore;
use crate::store::{IndexEntry, SledStore, Store, StoredChange, StoredDocument};
use automerge::ChangeHash;
use std::collections::BTreeSet;
use std::panic::catch_unwind;
use sync_protocol::{DocumentId, chunks, sentence};

/// Checks a document: that all of it is there as it was written, that the index describes the
/// changes, and that the newest snapshot holds what it stands for. Returns how many changes it has.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn verify(store: &SledStore, document: DocumentId) -> Result<usize, String> {
    let kept = store.read_everything(document).map_err(|error| sentence(&error))?;
    let kept = kept.unwrap_or_default();
    let snapshot = store.beginning(document).map_err(|error| sentence(&error))?.snapshot;
    let log = (kept.older_start..).zip(kept.older.iter().chain(&kept.stored.log));
    let entries = contents(&kept.stored, log)
        .map_err(|details| format!("document {document} is damaged: {details}"))?;
    if let Some(snapshot) = snapshot {
        let held = catch_unwind(|| load(&snapshot.bytes).map(|document| hashes(&document)));
        let covered = entries.get(..snapshot.changes).unwrap_or_default();
        let expected: BTreeSet<ChangeHash> = covered.iter().map(|entry| entry.hash).collect();
        if !matches!(held, Ok(Ok(held)) if held == expected) {
            return Err(format!("document {document} is damaged: its snapshot is of another"));
        }
    }
    Ok(entries.len())
}

/// The entries of a document's changes, after comparing those in the log with their changes.
fn contents<'a>(
    stored: &StoredDocument,
    log: impl Iterator<Item = (usize, &'a StoredChange)>,
) -> Result<Vec<IndexEntry>, String> {
    restore(stored).map_err(|error| sentence(&error))?;
    let entries = stored.entries().map_err(|error| sentence(&error))?;
    for (position, change) in log {
        let mut split = chunks(&change.bytes);
        let (Some(Ok(chunk)), None) = (split.next(), split.next()) else {
            return Err(format!("what is stored at position {position} is not one change"));
        };
        let raw = chunk.change().map_err(|error| sentence(&error))?;
        let entry = entries.get(position).filter(|entry| **entry == change.entry);
        let described = entry.is_some_and(|entry| {
            let deps = entry.deps.iter().map(|dep| Some(entries.get(*dep as usize)?.hash));
            entry.hash == raw.hash && deps.eq(raw.header.deps.iter().copied().map(Some))
        });
        if !described {
            return Err(format!("the index says something else of change {}", raw.hash));
        }
    }
    Ok(entries)
}
