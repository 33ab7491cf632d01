//! From what is stored back to a change graph.

use crate::store::{IndexError, StoredDocument, rebuild};
use sync_protocol::{ChangeGraph, GraphBuilder, RebuildError};

/// Why what is stored is no history of a document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The packed index cannot be read.
    #[error("its index cannot be read")]
    Index(#[from] IndexError),
    /// The entries contradict each other.
    #[error("its index makes no history")]
    Contradiction(#[from] RebuildError),
    /// There are changes that neither the index nor the log describes.
    #[error("its index has {index} changes, its snapshot {snapshot}, and its log starts at {log}")]
    Gap {
        /// How many changes the packed index describes.
        index: usize,
        /// How many are in the snapshot.
        snapshot: usize,
        /// The position of the first in the log.
        log: usize,
    },
    /// The changes do not add up to what was stored.
    #[error("the changes lead to other heads than were stored")]
    OtherHeads,
}

/// The graph of the changes in `stored`, all of them marked as stored. No change is looked into.
///
/// # Errors
/// [`RestoreError`] if what is stored is no history.
pub fn restore(stored: &StoredDocument) -> Result<ChangeGraph, RestoreError> {
    let mut builder = GraphBuilder::new();
    rebuild(&stored.index, &mut builder)?;
    let (index, snapshot, log) = (builder.len(), stored.snapshot_changes(), stored.log_start);
    if index != snapshot || log > snapshot {
        return Err(RestoreError::Gap { index, snapshot, log });
    }
    for change in stored.tail() {
        let entry = &change.entry;
        builder.push(entry.hash, &entry.deps, &entry.actor, entry.seq, entry.last_op())?;
    }
    let graph = builder.finish()?;
    let mut expected = stored.heads.clone();
    expected.sort_unstable();
    if graph.heads() == expected { Ok(graph) } else { Err(RestoreError::OtherHeads) }
}
