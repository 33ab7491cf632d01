//! Documents as a store keeps them.

use automerge::Automerge;
use sync_protocol::{ChangeGraph, chunks};
use sync_server::store::{IndexEntry, StoredChange};

/// All changes of a document, each after those that it builds on.
pub fn stored_changes(document: &Automerge) -> Vec<StoredChange> {
    let mut graph = ChangeGraph::new();
    let stored = document.get_changes(&[]).into_iter().map(|change| {
        let chunk = chunks(change.raw_bytes()).next().unwrap().unwrap();
        let raw = chunk.change().unwrap();
        let entry = IndexEntry::of(&raw, &graph).unwrap();
        graph.insert(raw.hash, &raw.header).unwrap();
        StoredChange { entry, bytes: raw.bytes.into() }
    });
    stored.collect()
}
