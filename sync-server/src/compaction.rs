//! From a document's changes to a snapshot that holds them all.

use crate::store::{Compaction, IndexError, Store, StoreError, StoredDocument, pack};
use automerge::{Automerge, AutomergeError, ChangeHash, LoadOptions, OnPartialLoad};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use sync_protocol::{DOCUMENT_BYTES_MAX, DocumentId};

/// Why a document cannot be compacted. It stays as it is, and can be read and changed as before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompactError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the store has of it is no history.
    #[error("its index cannot be read")]
    Index(#[from] IndexError),
    /// Automerge cannot read the changes, which were never looked into before.
    #[error("its changes cannot be read together")]
    Load(#[from] AutomergeError),
    /// Automerge panics on the changes.
    #[error("Automerge panics on its changes")]
    Panic,
    /// The snapshot is not the same document.
    #[error("a snapshot of it would not hold the same changes")]
    Differs,
    /// Clients would not take the snapshot.
    #[error("a snapshot of it would have {bytes} bytes, and clients take {DOCUMENT_BYTES_MAX}")]
    TooLarge {
        /// How many bytes it would have.
        bytes: usize,
    },
}

/// Makes a snapshot of all that is stored of a document, and checks that it holds exactly that;
/// `None` if everything is in one already. Takes seconds for the largest documents.
///
/// # Errors
/// [`CompactError`]; nothing was written.
pub fn compaction_of(
    store: &dyn Store,
    document: DocumentId,
) -> Result<Option<Compaction>, CompactError> {
    let Some((stored, bytes)) = read_whole(store, document)? else {
        return Ok(None);
    };
    if stored.tail().is_empty() {
        return Ok(None);
    }
    let entries = stored.entries()?;
    let expected: BTreeSet<ChangeHash> = entries.iter().map(|entry| entry.hash).collect();
    // What clients sent was checked for wholeness, not for meaning.
    let snapshot = catch_unwind(AssertUnwindSafe(|| {
        let saved = load(&bytes)?.save();
        let copy = load(&saved)?;
        let (mut heads, mut copy_heads) = (stored.heads.clone(), copy.get_heads());
        heads.sort_unstable();
        copy_heads.sort_unstable();
        let same = heads == copy_heads && hashes(&copy) == expected;
        if same { Ok(saved) } else { Err(CompactError::Differs) }
    }));
    let snapshot = snapshot.map_err(|_| CompactError::Panic)??;
    if snapshot.len() > DOCUMENT_BYTES_MAX {
        return Err(CompactError::TooLarge { bytes: snapshot.len() });
    }
    let index = pack(&entries);
    Ok(Some(Compaction { document, mark: stored.mark, snapshot: snapshot.into(), index }))
}

/// What is stored of a document, and all its bytes as Automerge loads them: its snapshot, and the
/// changes that are not in it. `None` if nothing is stored.
///
/// # Errors
/// [`StoreError`] if the store cannot be read.
pub fn read_whole(
    store: &dyn Store,
    document: DocumentId,
) -> Result<Option<(StoredDocument, Vec<u8>)>, StoreError> {
    loop {
        let snapshot = store.snapshot(document)?;
        let Some(stored) = store.load(document)? else {
            return Ok(None);
        };
        let (mut bytes, covered) = match snapshot {
            Some(snapshot) => (snapshot.bytes.to_vec(), snapshot.changes),
            None => (Vec::new(), 0),
        };
        // The log reaches back to the snapshot before the last; two compactions between the two
        // reads are possible.
        if let Some(uncovered) = covered.checked_sub(stored.log_start) {
            let rest = stored.log.get(uncovered..).unwrap_or_default();
            rest.iter().for_each(|change| bytes.extend_from_slice(&change.bytes));
            return Ok(Some((stored, bytes)));
        }
    }
}

/// Loads a document; all of it or nothing.
pub fn load(bytes: &[u8]) -> Result<Automerge, AutomergeError> {
    let options = LoadOptions::new().on_partial_load(OnPartialLoad::Error);
    Automerge::load_with_options(bytes, options)
}

/// All changes of a document.
pub fn hashes(document: &Automerge) -> BTreeSet<ChangeHash> {
    document.get_changes_meta(&[]).iter().map(|change| change.hash).collect()
}
