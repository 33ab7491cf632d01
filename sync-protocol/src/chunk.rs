//! Chunks: what Automerge's changes and documents are written in.
//!
//! A checksum proves that bytes arrived as they were sent, not that they mean something. Whoever
//! applies changes from others must admit them first.

use crate::admission::{Inadmissible, document};
use crate::bytes::{BytesError, Reader, write_unsigned};
use crate::change::ChangeHeader;
use crate::inflate::Inflated;
use automerge::{Automerge, AutomergeError, Change, ChangeHash, LoadOptions, OnPartialLoad};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The most bytes of a change, once inflated: far more than a person writes at once. Deflate
/// expands up to 1,030 times before its checksum can be looked at.
pub const CHANGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The most bytes of a document chunk, as it travels.
pub const DOCUMENT_BYTES_MAX: usize = 16 * 1024 * 1024;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const DOCUMENT: u8 = 0;
const CHANGE: u8 = 1;
const DEFLATED_CHANGE: u8 = 2;
const BUNDLE: u8 = 3;

/// What a chunk contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkKind {
    /// All changes of a document, compressed together.
    Document,
    /// One change.
    Change,
    /// One change, deflated.
    DeflatedChange,
}

/// One chunk, borrowed from the bytes that it came in. Only its frame has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk<'a> {
    kind: ChunkKind,
    checksum: [u8; 4],
    bytes: &'a [u8],
    body: &'a [u8],
}

/// A change whose hash has been checked and whose header has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawChange<'a> {
    /// Names the change: the SHA-256 of its content.
    pub hash: ChangeHash,
    /// Who made it, upon what.
    pub header: ChangeHeader,
    /// The change as a chunk, not deflated.
    pub bytes: Cow<'a, [u8]>,
}

impl RawChange<'_> {
    /// The same change with bytes of its own.
    pub fn into_owned(self) -> RawChange<'static> {
        let bytes = Cow::Owned(self.bytes.into_owned());
        RawChange { hash: self.hash, header: self.header, bytes }
    }
}

/// Why bytes are not chunks that are accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChunkError {
    /// Not a chunk.
    #[error("a chunk starts with 85 6f 4a 83, not {found}")]
    NotAChunk {
        /// The first bytes in hexadecimal.
        found: String,
    },
    /// A part of the chunk is damaged.
    #[error("the {part} of a chunk cannot be read")]
    Damaged {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        source: BytesError,
    },
    /// The content is not what was sent.
    #[error("the checksum of a chunk does not match its content")]
    WrongChecksum,
    /// An experimental kind that no client sends.
    #[error("a bundle of changes is not accepted")]
    Bundle,
    /// A kind from a later version of Automerge.
    #[error("a chunk is of the unknown kind {kind}")]
    UnknownKind {
        /// The number of the kind.
        kind: u8,
    },
    /// The chunk holds something else than asked for.
    #[error("the chunk is a {found:?}, not a {wanted}")]
    OtherKind {
        /// What was asked for.
        wanted: &'static str,
        /// What it is.
        found: ChunkKind,
    },
    /// Too many bytes.
    #[error("a {kind:?} has {bytes} bytes, at most {max} are accepted")]
    TooLarge {
        /// What it is.
        kind: ChunkKind,
        /// How many bytes it has, at least.
        bytes: usize,
        /// How many it may have.
        max: usize,
    },
    /// Deflated bytes that cannot be inflated.
    #[error("a deflated change cannot be inflated")]
    Inflate(#[source] std::io::Error),
    /// A document of which too much would come out.
    #[error("a document of {bytes} bytes is not loaded")]
    Refused {
        /// Its length.
        bytes: usize,
        /// The rule that it breaks.
        source: Inadmissible,
    },
    /// A document that made Automerge panic.
    #[error("a document of {bytes} bytes contradicts itself")]
    Contradictory {
        /// Its length.
        bytes: usize,
    },
    /// A document that Automerge cannot read.
    #[error("a document of {bytes} bytes cannot be read")]
    Document {
        /// Its length.
        bytes: usize,
        /// What Automerge found.
        source: Box<AutomergeError>,
    },
}

/// Splits concatenated chunks. After an error nothing follows.
///
/// ```
/// use sync_protocol::{ChunkKind, chunks};
/// let mut document = automerge::AutoCommit::new();
/// # use automerge::transaction::Transactable;
/// document.put(automerge::ROOT, "title", "Write")?;
/// let saved = document.save();
/// let kinds: Vec<_> = chunks(&saved).map(|chunk| chunk.map(|chunk| chunk.kind())).collect();
/// assert!(matches!(kinds[..], [Ok(ChunkKind::Document)]));
/// # Ok::<(), automerge::AutomergeError>(())
/// ```
pub fn chunks(bytes: &[u8]) -> Chunks<'_> {
    Chunks { rest: bytes }
}

/// The iterator of [`chunks`].
#[derive(Debug, Clone)]
pub struct Chunks<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, ChunkError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match Chunk::split_first(self.rest) {
            Ok((chunk, rest)) => {
                self.rest = rest;
                Some(Ok(chunk))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}

impl<'a> Chunk<'a> {
    fn split_first(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), ChunkError> {
        let damaged = |source| ChunkError::Damaged { part: "header", source };
        let mut reader = Reader::new(bytes);
        if reader.array() != Ok(MAGIC) {
            let start = bytes.iter().take(4).map(|byte| format!("{byte:02x}"));
            return Err(ChunkError::NotAChunk { found: start.collect::<Vec<_>>().join(" ") });
        }
        let checksum = reader.array().map_err(damaged)?;
        let kind = match reader.byte().map_err(damaged)? {
            DOCUMENT => ChunkKind::Document,
            CHANGE => ChunkKind::Change,
            DEFLATED_CHANGE => ChunkKind::DeflatedChange,
            BUNDLE => return Err(ChunkError::Bundle),
            kind => return Err(ChunkError::UnknownKind { kind }),
        };
        let length = reader.unsigned().map_err(damaged)?;
        let damaged = |source| ChunkError::Damaged { part: "content", source };
        let body = reader.take(length).map_err(damaged)?;
        let rest = reader.rest();
        let bytes = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
        Ok((Self { kind, checksum, bytes, body }, rest))
    }

    /// What the chunk contains.
    pub fn kind(&self) -> ChunkKind {
        self.kind
    }

    /// The whole chunk as it travels.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Inflates a change if need be, checks its hash and reads its header. Its operations are not
    /// looked at.
    ///
    /// # Errors
    /// [`ChunkError`] if the chunk is not a change, is damaged, or has more than
    /// [`CHANGE_BYTES_MAX`] bytes.
    pub fn change(&self) -> Result<RawChange<'a>, ChunkError> {
        let bytes = match self.kind {
            ChunkKind::Document => {
                return Err(ChunkError::OtherKind { wanted: "change", found: self.kind });
            }
            ChunkKind::Change => Cow::Borrowed(self.bytes),
            ChunkKind::DeflatedChange => {
                let content = inflate(self.body)?;
                let mut bytes = Vec::with_capacity(content.len() + 16);
                bytes.extend(MAGIC);
                bytes.extend(self.checksum);
                bytes.push(CHANGE);
                crate::bytes::write_prefixed(&mut bytes, &content);
                Cow::Owned(bytes)
            }
        };
        if bytes.len() > CHANGE_BYTES_MAX {
            let (kind, max) = (self.kind, CHANGE_BYTES_MAX);
            return Err(ChunkError::TooLarge { kind, bytes: bytes.len(), max });
        }
        let damaged = |source| ChunkError::Damaged { part: "change", source };
        // Past magic, checksum and kind; then the content follows its length.
        let mut reader = Reader::new(bytes.get(9..).unwrap_or_default());
        let content = reader.prefixed().map_err(damaged)?;
        let hash = hash(CHANGE, content);
        if !hash.0.starts_with(&self.checksum) {
            return Err(ChunkError::WrongChecksum);
        }
        let header = ChangeHeader::read(content).map_err(damaged)?;
        Ok(RawChange { hash, header, bytes })
    }

    /// Whether a document is one that [`document_changes`](Self::document_changes) would load, as
    /// far as that can be said without loading it: takes the time of inflating it.
    ///
    /// # Errors
    /// [`ChunkError`] if the chunk is not a document, is too large, its checksum is wrong, or more
    /// would come out of it than is accepted.
    pub fn check_document(&self) -> Result<(), ChunkError> {
        if self.kind != ChunkKind::Document {
            return Err(ChunkError::OtherKind { wanted: "document", found: self.kind });
        }
        let bytes = self.bytes.len();
        if bytes > DOCUMENT_BYTES_MAX {
            let (kind, max) = (self.kind, DOCUMENT_BYTES_MAX);
            return Err(ChunkError::TooLarge { kind, bytes, max });
        }
        if !hash(DOCUMENT, self.body).0.starts_with(&self.checksum) {
            return Err(ChunkError::WrongChecksum);
        }
        document::check(self.body).map_err(|source| ChunkError::Refused { bytes, source })
    }

    /// Expands a document into its changes, each after those that it builds on.
    ///
    /// Takes milliseconds to seconds and up to a gigabyte: call it on a thread that may block and
    /// has a large stack. How much comes out is [checked](Self::check_document) before Automerge
    /// loads the document, and a panic of it is an error. The changes are not admitted yet.
    ///
    /// # Errors
    /// [`ChunkError`] if the chunk is not a document, is too large, or Automerge cannot read it.
    pub fn document_changes(&self) -> Result<Vec<Change>, ChunkError> {
        self.check_document()?;
        let bytes = self.bytes.len();
        // The actor that loading draws at random never shows: nothing is written.
        let options = LoadOptions::new().on_partial_load(OnPartialLoad::Error);
        let expand = || {
            let document = Automerge::load_with_options(self.bytes, options)?;
            Ok(document.get_changes(&[]))
        };
        // What it panics over is local to the call and thrown away.
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(expand)) {
            Ok(Ok(changes)) => Ok(changes),
            Ok(Err(source)) => Err(ChunkError::Document { bytes, source: Box::new(source) }),
            Err(_panic) => Err(ChunkError::Contradictory { bytes }),
        }
    }
}

fn hash(kind: u8, content: &[u8]) -> ChangeHash {
    let mut head = vec![kind];
    write_unsigned(&mut head, content.len() as u64);
    ChangeHash(Sha256::new().chain_update(head).chain_update(content).finalize().into())
}

fn inflate(deflated: &[u8]) -> Result<Vec<u8>, ChunkError> {
    let limit = CHANGE_BYTES_MAX as u64 + 1;
    let Inflated { bytes: content, read } =
        crate::inflate::inflate(deflated, limit).map_err(ChunkError::Inflate)?;
    if content.len() > CHANGE_BYTES_MAX {
        let (kind, max) = (ChunkKind::DeflatedChange, CHANGE_BYTES_MAX);
        return Err(ChunkError::TooLarge { kind, bytes: content.len(), max });
    }
    // Bytes behind the stream would be stored and forwarded with it, and nothing vouches for them.
    if read != deflated.len() as u64 {
        let reason = "bytes follow the deflated stream";
        return Err(ChunkError::Inflate(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            reason,
        )));
    }
    Ok(content)
}
