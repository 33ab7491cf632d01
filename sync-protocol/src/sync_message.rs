//! Automerge's sync messages: what travels as the payload of `sync` and `request`.
//!
//! Automerge has a parser of its own, but a message of 15 bytes makes it abort. This one reads the
//! same bytes within limits.

use crate::bloom::BloomFilter;
use crate::bytes::{BytesError, Reader, write_hashes, write_prefixed, write_unsigned};
use automerge::ChangeHash;
use std::borrow::Cow;

/// The most hashes in one list of a sync message. Heads are branches that nobody has merged yet
/// and missing dependencies a few more; the frame limit alone would allow half a million.
pub const HASHES_MAX: usize = 4096;

/// The most `have` entries. Automerge sends one or none.
pub const HAVES_MAX: usize = 16;

/// The most change chunks of one message in the first format. The second has one blob.
pub const CHUNKS_MAX: usize = 1 << 17;

/// The most bytes of the flags section; there are two so far.
const FLAG_BYTES_MAX: usize = 64;

const FIRST_FORMAT: u8 = 0x42;
const SECOND_FORMAT: u8 = 0x43;

/// How the changes of a message are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncFormat {
    /// One change chunk per entry; every peer reads it.
    Changes,
    /// One entry of concatenated chunks, whole documents among them; for peers that have shown
    /// [`SyncFlags`].
    Blob,
}

/// What a peer has, and is asked to be told beyond it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Have {
    /// The heads up to which both peers had everything.
    pub last_sync: Vec<ChangeHash>,
    /// What it has since.
    pub since: BloomFilter,
}

/// The flags of a message. A peer that sends any reads [`SyncFormat::Blob`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SyncFlags(u8);

impl SyncFlags {
    /// The sender has lost what it was sent: forget what that was and send again.
    pub const SYNC_RESET: Self = Self(1);
    /// The sender ignores changes; do not send any.
    pub const READ_ONLY: Self = Self(1 << 1);
    /// The sender obeys [`SyncFlags::SYNC_RESET`].
    pub const SUPPORTS_SYNC_RESET: Self = Self(1 << 2);

    const BIT_FIELD: u8 = 0x80;
    /// Read by versions that knew a byte for each flag: "reads blobs".
    const READS_BLOBS: u8 = 0x02;

    /// Whether all of `flags` are set.
    pub fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// These flags and `flags`.
    #[must_use]
    pub fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }

    fn read(bytes: &[u8]) -> Self {
        let fields = bytes.iter().filter(|byte| *byte & Self::BIT_FIELD != 0);
        Self(fields.fold(0, |flags, field| flags | (field & !Self::BIT_FIELD)))
    }
}

/// A step of syncing one document: what the sender has, lacks and offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncMessage<'a> {
    /// How `changes` are laid out.
    pub format: SyncFormat,
    /// The sender's heads, ascending.
    pub heads: Vec<ChangeHash>,
    /// Changes that the sender asks for by name, ascending.
    pub need: Vec<ChangeHash>,
    /// What the sender has. Without an entry it asks for nothing but `need`.
    pub have: Vec<Have>,
    /// Chunks for [`chunks`](crate::chunks), borrowed from the message.
    pub changes: Vec<Cow<'a, [u8]>>,
    /// `None` from versions that have no flags; they read [`SyncFormat::Changes`] only.
    pub flags: Option<SyncFlags>,
}

/// Why bytes are not a sync message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyncMessageError {
    /// The first byte says something else.
    #[error("a sync message starts with 42 or 43, not {found}")]
    NotASyncMessage {
        /// The first byte in hexadecimal; `nothing` if there is none.
        found: String,
    },
    /// A part is damaged or exceeds a limit.
    #[error("the {part} of a sync message cannot be read")]
    Damaged {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        source: BytesError,
    },
}

impl<'a> SyncMessage<'a> {
    /// Reads a message. Chunks are neither copied nor looked into.
    ///
    /// Lists of hashes come out ascending and without repetition, so that equal sets compare
    /// equal. Bytes after the flags are ignored, as Automerge does for later versions' sake.
    ///
    /// # Errors
    /// [`SyncMessageError`] if the bytes are no sync message or exceed a limit.
    ///
    /// ```
    /// use sync_protocol::SyncMessage;
    /// let nothing = [0x42, 0, 0, 1, 0, 0, 0, 2, 2, 0x84];
    /// let message = SyncMessage::decode(&nothing)?;
    /// assert!(message.heads.is_empty());
    /// assert_eq!(message.encode(), nothing);
    /// # Ok::<(), sync_protocol::SyncMessageError>(())
    /// ```
    pub fn decode(bytes: &'a [u8]) -> Result<Self, SyncMessageError> {
        let mut reader = Reader::new(bytes);
        let format = match reader.byte() {
            Ok(FIRST_FORMAT) => SyncFormat::Changes,
            Ok(SECOND_FORMAT) => SyncFormat::Blob,
            Ok(other) => return Err(not_a_sync_message(format!("{other:02x}"))),
            Err(_) => return Err(not_a_sync_message("nothing".to_owned())),
        };
        let heads = hashes(&mut reader).map_err(damaged("heads"))?;
        let need = hashes(&mut reader).map_err(damaged("needed hashes"))?;
        let have = haves(&mut reader).map_err(damaged("summary of changes"))?;
        let changes = changes(&mut reader).map_err(damaged("changes"))?;
        let flags = flags(&mut reader).map_err(damaged("flags"))?;
        Ok(Self { format, heads, need, have, changes, flags })
    }

    /// Writes the message as Automerge does. Lists of hashes must be ascending.
    pub fn encode(&self) -> Vec<u8> {
        let payload: usize = self.changes.iter().map(|chunk| chunk.len() + 4).sum();
        let mut out = Vec::with_capacity(payload + 128);
        out.push(match self.format {
            SyncFormat::Changes => FIRST_FORMAT,
            SyncFormat::Blob => SECOND_FORMAT,
        });
        write_hashes(&mut out, &self.heads);
        write_hashes(&mut out, &self.need);
        write_unsigned(&mut out, self.have.len() as u64);
        for have in &self.have {
            write_hashes(&mut out, &have.last_sync);
            write_prefixed(&mut out, &have.since.to_bytes());
        }
        write_unsigned(&mut out, self.changes.len() as u64);
        for chunk in &self.changes {
            write_prefixed(&mut out, chunk);
        }
        if let Some(flags) = self.flags {
            write_prefixed(&mut out, &[SyncFlags::READS_BLOBS, SyncFlags::BIT_FIELD | flags.0]);
        }
        out
    }

    /// Whether the sender has shown that it reads [`SyncFormat::Blob`].
    pub fn sender_reads_blobs(&self) -> bool {
        self.flags.is_some()
    }

    /// Whether every flag in `flags` is set.
    pub fn has_flags(&self, flags: SyncFlags) -> bool {
        self.flags.is_some_and(|set| set.contains(flags))
    }
}

/// "I have what you have": the message that ends every exchange, byte for byte as Automerge sends
/// it to a peer with the same heads. 74 bytes for one head.
///
/// Most messages that a relay receives are this one for its current heads, so comparing bytes
/// saves reading them.
///
/// ```
/// use sync_protocol::{ChangeHash, acknowledgement};
/// assert_eq!(acknowledgement(&[ChangeHash([7; 32])]).len(), 74);
/// ```
pub fn acknowledgement(heads: &[ChangeHash]) -> Vec<u8> {
    let message = SyncMessage {
        format: SyncFormat::Blob,
        heads: heads.to_vec(),
        need: Vec::new(),
        have: vec![Have { last_sync: heads.to_vec(), since: BloomFilter::default() }],
        changes: Vec::new(),
        flags: Some(SyncFlags::SUPPORTS_SYNC_RESET),
    };
    message.encode()
}

fn not_a_sync_message(found: String) -> SyncMessageError {
    SyncMessageError::NotASyncMessage { found }
}

fn damaged(part: &'static str) -> impl Fn(BytesError) -> SyncMessageError {
    move |source| SyncMessageError::Damaged { part, source }
}

fn hashes(reader: &mut Reader<'_>) -> Result<Vec<ChangeHash>, BytesError> {
    let mut hashes = reader.hashes(HASHES_MAX)?;
    hashes.sort_unstable();
    hashes.dedup();
    Ok(hashes)
}

fn haves(reader: &mut Reader<'_>) -> Result<Vec<Have>, BytesError> {
    let count = reader.count(HAVES_MAX)?;
    let have = |_| {
        let last_sync = hashes(reader)?;
        Ok(Have { last_sync, since: BloomFilter::read(reader.prefixed()?)? })
    };
    (0..count).map(have).collect()
}

fn changes<'a>(reader: &mut Reader<'a>) -> Result<Vec<Cow<'a, [u8]>>, BytesError> {
    let count = reader.count(CHUNKS_MAX)?;
    (0..count).map(|_| reader.prefixed().map(Cow::Borrowed)).collect()
}

fn flags(reader: &mut Reader<'_>) -> Result<Option<SyncFlags>, BytesError> {
    if reader.is_empty() {
        return Ok(None);
    }
    let count = reader.count(FLAG_BYTES_MAX)?;
    Ok(Some(SyncFlags::read(reader.take(count as u64)?)))
}
