//! From what is stored back to a change graph.

use sync_protocol::{ChangeGraph, ChangeHash, ChunkError, InsertError, Inserted, chunks};

/// Why stored chunks are no history of a document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// A chunk is not one change.
    #[error("chunk {chunk} cannot be read")]
    Chunk {
        /// Its number.
        chunk: usize,
        /// What is wrong with it.
        source: ChunkError,
    },
    /// Not one new change, after those that it builds on.
    #[error("chunk {chunk} is not one new change after those that it builds on")]
    OutOfOrder {
        /// Its number.
        chunk: usize,
    },
    /// A change contradicts an earlier one.
    #[error("chunk {chunk} contradicts an earlier one")]
    Contradiction {
        /// Its number.
        chunk: usize,
        /// How.
        source: InsertError,
    },
    /// The changes do not add up to what was stored.
    #[error("the changes lead to other heads than were stored")]
    OtherHeads,
}

/// The graph of the changes in `stored`, all of them marked as stored.
pub fn restore(stored: &[Vec<u8>], heads: &[ChangeHash]) -> Result<ChangeGraph, RestoreError> {
    let mut graph = ChangeGraph::new();
    for (chunk, bytes) in stored.iter().enumerate() {
        let unreadable = |source| RestoreError::Chunk { chunk, source };
        for split in chunks(bytes) {
            let change = split.and_then(|split| split.change()).map_err(unreadable)?;
            match graph.insert(change.hash, &change.header) {
                Ok(Inserted::At(position)) if position == chunk => {}
                Ok(_) => return Err(RestoreError::OutOfOrder { chunk }),
                Err(source) => return Err(RestoreError::Contradiction { chunk, source }),
            }
        }
    }
    graph.mark_stored(stored.len());
    let mut expected = heads.to_vec();
    expected.sort_unstable();
    if graph.heads() == expected { Ok(graph) } else { Err(RestoreError::OtherHeads) }
}
