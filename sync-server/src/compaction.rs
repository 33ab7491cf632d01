//! From a document's changes to a snapshot that holds them all; and whether there is one.

use crate::store::{
    Compaction, IndexEntry, IndexError, Snapshot, Store, StoreError, StoredDocument, pack,
};
use automerge::{Automerge, AutomergeError, ChangeHash, LoadOptions, OnPartialLoad};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use sync_protocol::{ChunkError, DOCUMENT_BYTES_MAX, DocumentId, chunks};

/// Why a document cannot be compacted, or does not pass the full check. It stays as it is.
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
    /// Clients would not take the snapshot, because too much would come out of it for its size.
    #[error("clients would not take a snapshot of it")]
    Refused(#[from] ChunkError),
    /// Clients would not take the snapshot.
    #[error("a snapshot of it would have {bytes} bytes, and clients take {DOCUMENT_BYTES_MAX}")]
    TooLarge {
        /// How many bytes it would have.
        bytes: usize,
    },
}

impl CompactError {
    /// Whether it is what the document's changes mean that is at fault: the document can be read as
    /// it came, and not be saved and read again. The store may be whole, and a limit that is
    /// exceeded is none of these.
    pub fn is_the_document_s(&self) -> bool {
        matches!(self, Self::Load(_) | Self::Panic | Self::Differs)
    }
}

/// The full check: reads all that is stored of a document, saves it, reads that, and compares the
/// changes and heads with what the store says. Returns how many changes there are; none if nothing is
/// stored.
///
/// # Errors
/// [`CompactError`]; nothing was written.
pub fn check(store: &dyn Store, document: DocumentId) -> Result<usize, CompactError> {
    let Some((stored, bytes)) = read_whole(store, document)? else {
        return Ok(0);
    };
    let (_, heads) = saved_and_read(&bytes, &stored.entries()?)?;
    compare(heads, &stored)?;
    Ok(stored.mark.changes)
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
    let (snapshot, heads) = saved(&bytes, &entries)?;
    compare(heads, &stored)?;
    let index = pack(&entries);
    Ok(Some(Compaction { document, mark: stored.mark, snapshot: snapshot.into(), index }))
}

/// A snapshot of a document's first changes, up to where its newest ends at least: the newest, or,
/// if that is damaged, one like it, made of what it was made from. `None` if there is none.
///
/// # Errors
/// [`CompactError`] if the newest is damaged and there is no making another.
pub fn snapshot_of(
    store: &dyn Store,
    document: DocumentId,
) -> Result<Option<Snapshot>, CompactError> {
    let beginning = store.beginning(document)?;
    if beginning.changes.is_empty() {
        return Ok(beginning.snapshot);
    }
    let changes = beginning.end();
    let entries = store.load(document)?.unwrap_or_default().entries()?;
    let (bytes, _) = saved(&beginning.bytes(), entries.get(..changes).unwrap_or_default())?;
    Ok(Some(Snapshot { changes, bytes: bytes.into() }))
}

fn compare(mut heads: Vec<ChangeHash>, stored: &StoredDocument) -> Result<(), CompactError> {
    let mut expected = stored.heads.clone();
    heads.sort_unstable();
    expected.sort_unstable();
    if heads == expected { Ok(()) } else { Err(CompactError::Differs) }
}

/// A document as one chunk that clients take, which was checked to hold exactly these changes; and
/// its heads.
fn saved(bytes: &[u8], entries: &[IndexEntry]) -> Result<(Vec<u8>, Vec<ChangeHash>), CompactError> {
    let (saved, heads) = saved_and_read(bytes, entries)?;
    if saved.len() > DOCUMENT_BYTES_MAX {
        return Err(CompactError::TooLarge { bytes: saved.len() });
    }
    // What cannot be read by admission again would take no changes any more.
    for chunk in chunks(&saved) {
        chunk?.check_document()?;
    }
    Ok((saved, heads))
}

/// The same, whether clients take it or not.
fn saved_and_read(
    bytes: &[u8],
    entries: &[IndexEntry],
) -> Result<(Vec<u8>, Vec<ChangeHash>), CompactError> {
    let expected: BTreeSet<ChangeHash> = entries.iter().map(|entry| entry.hash).collect();
    // What clients sent was checked for wholeness, not for meaning.
    let saved = catch_unwind(AssertUnwindSafe(|| {
        let saved = load(bytes)?.save();
        let copy = load(&saved)?;
        let same = hashes(&copy) == expected;
        if same { Ok((saved, copy.get_heads())) } else { Err(CompactError::Differs) }
    }));
    saved.map_err(|_| CompactError::Panic)?
}

/// What is stored of a document, and all its bytes as Automerge loads them: what it begins with, and
/// the changes that are not in that. `None` if nothing is stored.
///
/// # Errors
/// [`StoreError`] if the store cannot be read.
pub fn read_whole(
    store: &dyn Store,
    document: DocumentId,
) -> Result<Option<(StoredDocument, Vec<u8>)>, StoreError> {
    loop {
        let beginning = store.beginning(document)?;
        let Some(stored) = store.load(document)? else {
            return Ok(None);
        };
        // A compaction between the two reads leaves a gap.
        if let Some(uncovered) = beginning.end().checked_sub(stored.log_start) {
            let mut bytes = beginning.bytes();
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
