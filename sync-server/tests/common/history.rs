//! Documents as a store keeps them.

use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT};
use sync_protocol::{ChangeGraph, DocumentId, chunks};
use sync_server::store::{Append, IndexEntry, StoredChange};

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

/// Makes so many changes, and what stores them.
pub fn grown(document: &mut Automerge, id: DocumentId, count: usize) -> Append {
    let known = document.get_changes(&[]).len();
    for number in known..known + count {
        let mut transaction = document.transaction();
        transaction.put(ROOT, format!("key {}", number % 7), number as u64).unwrap();
        transaction.commit();
    }
    let changes = stored_changes(document).split_off(known);
    Append { document: id, changes, heads: document.get_heads() }
}

/// A text that no other is like and that does not compress.
pub fn noise(seed: usize, length: usize) -> String {
    let mut state = seed as u64 + 1;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// What stores the changes in these bytes, whatever they mean; none if they make no graph.
pub fn stored_bytes<'a>(
    changes: impl IntoIterator<Item = &'a [u8]>,
    document: DocumentId,
) -> Option<Append> {
    let mut graph = ChangeGraph::new();
    let stored = changes.into_iter().map(|bytes| {
        let raw = chunks(bytes).next()?.ok()?.change().ok()?;
        let entry = IndexEntry::of(&raw, &graph)?;
        graph.insert(raw.hash, &raw.header).ok()?;
        Some(StoredChange { entry, bytes: raw.bytes.into() })
    });
    let changes = stored.collect::<Option<_>>()?;
    graph.mark_stored(graph.len());
    Some(Append { document, changes, heads: graph.heads().to_vec() })
}
