//! Admission: what must hold before a change is stored, forwarded, or given to Automerge.
//!
//! A checksum is no proof of good will, and a crafted change of a hundred bytes makes Automerge
//! panic, exhausts its memory, or makes a document that cannot be loaded again once it is saved.
//! Nor can it be taken back: other clients have it. So every change is checked here first, by its
//! raw bytes ([`check_change`], without a document) and against a compact index of the document's
//! operations ([`Admission`]), in time proportional to the change. What Automerge itself writes
//! always passes, within the limits that the constants name; `docs/security.md` lists what does
//! not.

mod ancestry;
mod column;
mod content;
pub(crate) mod document;
mod index;
mod operation;
mod refusal;

use crate::chunk::{ChunkError, ChunkKind, RawChange, chunks};
use crate::graph::{ChangeGraph, Fit, InsertError, Inserted};
use automerge::ChangeHash;
use content::Content;
use index::OperationIndex;
pub use refusal::{Inadmissible, OperationRule};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most operations of a change. A text of as many characters is pasted as one.
pub const OPERATIONS_MAX: u32 = 1 << 16;

/// The most values that the operations of a change replace, together.
pub const PREDECESSORS_MAX: u32 = 1 << 18;

/// The most bytes of a change's keys and mark names, had each been written out.
pub const EXPANDED_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The most changes that a change builds on directly.
pub const DEPS_MAX: usize = 1024;

/// The most bytes of an actor's id.
pub const ACTOR_BYTES_MAX: usize = 64;

/// The most bytes of a change's message.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024;

/// The most bytes that follow the operations, where the author is named.
pub const EXTRA_BYTES_MAX: usize = 1024;

/// Operations are numbered below this: browsers run out of memory far below Automerge's 2^32.
pub const NUMBER_MAX: u32 = 1 << 24;

/// How far a change may number its operations above all that are known.
pub const JUMP_MAX: u32 = 4096;

/// The most operations of a document.
pub const DOCUMENT_OPERATIONS_MAX: u32 = (1 << 24) - 2;

/// How deep objects may lie within objects; more overflows the stack of those who read them.
pub const DEPTH_MAX: usize = 16;

/// How far a counter may be from zero, and an increment: what JavaScript counts exactly.
pub const COUNTER_MAX: u64 = 1 << 53;

/// Times are below this number of seconds: what JavaScript counts exactly.
const TIME_MAX: i64 = 1 << 53;

/// How many elements are looked at to find out whether a change's marks end after they begin:
/// some 50 ms. A hundred marks in a text of 300,000 characters take as many at worst.
const MARK_STEPS_MAX: u32 = 1 << 25;

/// Checks what can be said of a change without its document.
///
/// A change that passes can be read by Automerge without a panic, takes no more memory than the
/// limits say, and is encoded in the only way in which Automerge would write it again. It may still
/// refer to what is not there: an [`Admission`] knows.
///
/// # Errors
/// [`Inadmissible`]: the rule that the change breaks.
///
/// ```
/// use sync_protocol::{check_change, chunks};
/// # use automerge::{AutoCommit, ROOT, transaction::Transactable};
/// let mut document = AutoCommit::new();
/// document.put(ROOT, "title", "Write")?;
/// let bytes = document.save_incremental();
/// let change = chunks(&bytes).next().unwrap().unwrap().change().unwrap();
/// assert_eq!(check_change(&change), Ok(()));
/// # Ok::<(), automerge::AutomergeError>(())
/// ```
pub fn check_change(change: &RawChange<'_>) -> Result<(), Inadmissible> {
    check_bytes(&change.bytes)
}

/// The same for a chunk whose hash has been checked and which is not deflated.
pub(crate) fn check_bytes(chunk: &[u8]) -> Result<(), Inadmissible> {
    let content = Content::read(chunk)?;
    let mut operations = content.operations();
    while operations.next()?.is_some() {}
    Ok(())
}

/// The changes of a document, which grow by what is admitted only.
///
/// Reads like the [`ChangeGraph`] that it keeps. The index of operations costs 8 bytes for each
/// operation and 16 for each change, and is not built before a new change arrives: ask
/// [`needs_chunks`](Self::needs_chunks) then.
#[derive(Debug, Clone)]
pub struct Admission {
    graph: ChangeGraph,
    index: Index,
    /// Nothing new may be by one of these.
    others: Option<Arc<BTreeSet<Vec<u8>>>>,
}

#[derive(Debug, Clone)]
enum Index {
    Built(Box<OperationIndex>),
    /// The stored changes have not been read.
    Unbuilt,
    /// What is stored breaks a rule, so nothing can be built on it safely.
    Broken,
    /// Nothing is checked.
    Off,
}

/// Why a change is not taken into a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdmitError {
    /// It contradicts a change that is there.
    #[error("it does not fit the document")]
    Contradiction(#[from] InsertError),
    /// It breaks a rule.
    #[error("it is not admitted")]
    Refused(#[from] Inadmissible),
    /// The caller has to [`build`](Admission::build) the index first.
    #[error("the stored changes must be read before new ones can be checked")]
    IndexMissing,
    /// What is stored breaks a rule, so the document takes no changes.
    #[error("the document holds a change that breaks a rule, and takes no others")]
    Broken,
}

/// Why an index cannot be built from what is stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A chunk is damaged.
    #[error("stored chunk {chunk} cannot be read")]
    Chunk {
        /// Its number.
        chunk: usize,
        /// What is wrong with it.
        source: ChunkError,
    },
    /// The chunks are not those that the graph was made of, in their order.
    #[error("stored change {hash} is not the one at position {position} of the document")]
    OutOfOrder {
        /// The change.
        hash: ChangeHash,
        /// The position that is next.
        position: usize,
    },
    /// A stored change breaks a rule.
    #[error("stored change {hash} is not admitted")]
    Refused {
        /// The change.
        hash: ChangeHash,
        /// The rule.
        source: Inadmissible,
    },
    /// There are fewer changes than the graph has.
    #[error("{found} of {expected} stored changes were given")]
    Incomplete {
        /// How many were given.
        found: usize,
        /// How many there are.
        expected: usize,
    },
}

impl Default for Admission {
    fn default() -> Self {
        Self::new()
    }
}

impl std::ops::Deref for Admission {
    type Target = ChangeGraph;

    fn deref(&self) -> &ChangeGraph {
        &self.graph
    }
}

impl Admission {
    /// A document without changes.
    pub fn new() -> Self {
        Self::with(ChangeGraph::new(), Index::Built(Box::default()))
    }

    /// A document with the changes of `graph`, which were admitted when they were stored. Reads
    /// nothing yet.
    pub fn of_stored(graph: ChangeGraph) -> Self {
        let index = if graph.is_empty() { Index::Built(Box::default()) } else { Index::Unbuilt };
        Self::with(graph, index)
    }

    fn with(graph: ChangeGraph, index: Index) -> Self {
        Self { graph, index, others: None }
    }

    /// Until it is called again, new changes by these authors are refused: whoever sends what comes
    /// now is somebody else. What is there stays, and what names no author is taken.
    ///
    /// The author is what [`Automerge::set_author`](automerge::Automerge::set_author) was given. The
    /// first change of an actor names it, and counts for those that follow. Without a check of
    /// changes there is none of authors.
    pub fn refuse_authors(&mut self, others: Option<Arc<BTreeSet<Vec<u8>>>>) {
        self.others = others;
    }

    /// A document that takes every change that fits the graph, unchecked: for bytes from oneself,
    /// and to measure what admission costs. Never for what comes from a network: one crafted change
    /// crashes every client.
    pub fn unchecked(graph: ChangeGraph) -> Self {
        Self::with(graph, Index::Off)
    }

    /// The changes.
    pub fn graph(&self) -> &ChangeGraph {
        &self.graph
    }

    /// Says that the log is stored up to `length` changes; see [`ChangeGraph::mark_stored`].
    pub fn mark_stored(&mut self, length: usize) {
        self.graph.mark_stored(length);
    }

    /// Whether the stored chunks must be given to [`build`](Self::build) before new changes can be
    /// taken.
    pub fn needs_chunks(&self) -> bool {
        matches!(self.index, Index::Unbuilt)
    }

    /// Builds the index from what is stored: a chunk for each position of the graph in their order,
    /// or whole documents, each with the changes of the next positions in any order. Does nothing if it is built already.
    ///
    /// Costs about a microsecond for each operation. With whole documents, do as
    /// [`Chunk::document_changes`](crate::Chunk::document_changes) says.
    ///
    /// # Errors
    /// [`BuildError`] if what is stored is damaged or breaks a rule. The document can be read, but
    /// takes no changes from then on.
    pub fn build<B: AsRef<[u8]>>(
        &mut self,
        stored: impl IntoIterator<Item = B>,
    ) -> Result<(), BuildError> {
        if !self.needs_chunks() {
            return Ok(());
        }
        self.index = Index::Broken;
        let mut index = OperationIndex::default();
        for (number, bytes) in stored.into_iter().enumerate() {
            let damaged = |source| BuildError::Chunk { chunk: number, source };
            for chunk in chunks(bytes.as_ref()) {
                let chunk = chunk.map_err(damaged)?;
                if chunk.kind() != ChunkKind::Document {
                    self.record(&mut index, &chunk.change().map_err(damaged)?)?;
                    continue;
                }
                let mut changes = chunk.document_changes().map_err(damaged)?;
                // Automerge may have put them in another order in which each comes after those
                // that it builds on.
                changes.sort_by_key(|change| self.graph.position(&change.hash()));
                for change in changes {
                    for chunk in chunks(change.raw_bytes()) {
                        let change = chunk.and_then(|chunk| chunk.change()).map_err(damaged)?;
                        self.record(&mut index, &change)?;
                    }
                }
            }
        }
        let (found, expected) = (index.len(), self.graph.len());
        if found != expected {
            return Err(BuildError::Incomplete { found, expected });
        }
        self.index = Index::Built(Box::new(index));
        Ok(())
    }

    fn record(&self, index: &mut OperationIndex, change: &RawChange<'_>) -> Result<(), BuildError> {
        let (hash, position) = (change.hash, index.len());
        if self.graph.position(&hash) != Some(position) {
            return Err(BuildError::OutOfOrder { hash, position });
        }
        let content = Content::read(&change.bytes);
        let recorded =
            content.and_then(|content| index.admit(&self.graph, &change.header, &content, None));
        recorded.map_err(|source| BuildError::Refused { hash, source })
    }

    /// Takes a change if it is admitted, new, and all is there that it builds on.
    ///
    /// # Errors
    /// [`AdmitError`] if it can never be part of the document, or not yet.
    pub fn insert(&mut self, change: &RawChange<'_>) -> Result<Inserted, AdmitError> {
        match self.graph.fit(change.hash, &change.header)? {
            Fit::Known => return Ok(Inserted::Known),
            Fit::Lacks(missing) => {
                // What can never be admitted need not wait.
                if !matches!(self.index, Index::Off) {
                    check_change(change)?;
                }
                return Ok(Inserted::Lacks(missing));
            }
            Fit::Next => {}
        }
        match &mut self.index {
            Index::Built(index) => {
                let content = Content::read(&change.bytes)?;
                index.admit(&self.graph, &change.header, &content, self.others.as_deref())?;
            }
            Index::Unbuilt => return Err(AdmitError::IndexMissing),
            Index::Broken => return Err(AdmitError::Broken),
            Index::Off => {}
        }
        Ok(self.graph.insert(change.hash, &change.header)?)
    }

    /// How many operations the index holds, and about how many bytes of memory it takes. Nothing
    /// before it is built.
    pub fn index_size(&self) -> (usize, usize) {
        match &self.index {
            Index::Built(index) => (index.operations(), index.bytes()),
            _ => (0, 0),
        }
    }
}
