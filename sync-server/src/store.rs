//! What the relay keeps of its documents.
//!
//! A document is a log of changes, each with an [`IndexEntry`] that says what the change graph needs
//! to know of it. Now and then the log is [compacted](Store::compact): a snapshot replaces its
//! beginning, and the entries of what the snapshot covers are packed. What the newest snapshot
//! replaced is kept until there is another, in case it is damaged. The store keeps all of it as
//! bytes and never looks into a change.

mod identity;
pub(crate) mod index;
pub(crate) mod manifest;
mod memory;
pub(crate) mod record;
pub(crate) mod sled;
mod witness;

#[doc(hidden)]
pub use self::sled::Disk;
pub use self::sled::{BackupReport, SledStore};
pub(crate) use index::rebuild;
pub use index::{IndexEntry, IndexError, pack, unpack};
pub use memory::MemoryStore;

use automerge::ChangeHash;
use std::path::PathBuf;
use std::sync::Arc;
use sync_protocol::{DocumentId, StorageId};

/// A change as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChange {
    /// What the change graph needs of it.
    pub entry: IndexEntry,
    /// Its bytes: a chunk that Automerge can load.
    pub bytes: Arc<[u8]>,
}

/// New changes of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The document.
    pub document: DocumentId,
    /// Its changes, each after those that it builds on.
    pub changes: Vec<StoredChange>,
    /// The document's heads once these are stored.
    pub heads: Vec<ChangeHash>,
}

/// What is kept of one document to serve it; what it [begins](Store::beginning) with is read when
/// somebody needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredDocument {
    /// The packed entries of the changes that the snapshot covers.
    pub index: Vec<u8>,
    /// The newest snapshot.
    pub snapshot: Option<SnapshotInfo>,
    /// The position of the first change in `log`: where the newest snapshot ends.
    pub log_start: usize,
    /// The changes from there on.
    pub log: Vec<StoredChange>,
    /// The document's heads.
    pub heads: Vec<ChangeHash>,
    /// Where the document was when this was read.
    pub mark: Mark,
}

/// How far a document had come, for a later [`Compaction`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// How many changes it had.
    pub changes: usize,
    /// What all of them hash to, as the store counts.
    pub(crate) rolling: [u8; 16],
}

/// How far a snapshot reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// It holds the first so many changes.
    pub changes: usize,
    /// How long it is.
    pub bytes: usize,
}

/// A document's first changes, as Automerge saves a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// It holds the first so many changes.
    pub changes: usize,
    /// One document chunk.
    pub bytes: Arc<[u8]>,
}

/// A document's changes up to where its newest snapshot ends, at least.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beginning {
    /// The newest snapshot that can be read.
    pub snapshot: Option<Snapshot>,
    /// If that is not the newest: the changes from its end, or from the first, up to where the
    /// newest ends.
    pub changes: Vec<StoredChange>,
}

/// Why a document is set aside: out of service until somebody [puts it back](Store::put_back).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// The document.
    pub document: DocumentId,
    /// How many changes it had when that was found.
    pub changes: usize,
    /// What was found, in words for whoever looks after the relay.
    pub reason: String,
}

/// A snapshot to store in place of the changes that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compaction {
    /// The document.
    pub document: DocumentId,
    /// Up to where the snapshot reaches: what [`Store::load`] gave that it was made from.
    pub mark: Mark,
    /// The snapshot.
    pub snapshot: Arc<[u8]>,
    /// The packed entries of all changes that it holds.
    pub index: Vec<u8>,
}

impl StoredDocument {
    /// The entries of all its changes, by position.
    ///
    /// # Errors
    /// [`IndexError`] if the packed ones cannot be read.
    pub fn entries(&self) -> Result<Vec<IndexEntry>, IndexError> {
        let mut entries = unpack(&self.index)?;
        let tail = self.log.get(entries.len().saturating_sub(self.log_start)..);
        entries.extend(tail.unwrap_or_default().iter().map(|change| change.entry.clone()));
        Ok(entries)
    }

    /// How many of its changes are in a snapshot.
    pub fn snapshot_changes(&self) -> usize {
        self.snapshot.map_or(0, |snapshot| snapshot.changes)
    }

    /// The changes that are in no snapshot.
    pub fn tail(&self) -> &[StoredChange] {
        let start = self.snapshot_changes().saturating_sub(self.log_start);
        self.log.get(start..).unwrap_or_default()
    }
}

impl Beginning {
    /// The position after its last change.
    pub fn end(&self) -> usize {
        self.snapshot.as_ref().map_or(0, |snapshot| snapshot.changes) + self.changes.len()
    }

    /// All of it, as Automerge loads it.
    pub fn bytes(&self) -> Vec<u8> {
        let snapshot = self.snapshot.iter().map(|snapshot| &*snapshot.bytes);
        let changes = self.changes.iter().map(|change| &*change.bytes);
        snapshot.chain(changes).collect::<Vec<_>>().concat()
    }
}

/// What is kept beside the documents: keys, and what each has.
pub type Records = Vec<(Vec<u8>, Vec<u8>)>;

/// A key, and what it has from now on, if anything.
pub type RecordWrite = (Vec<u8>, Option<Vec<u8>>);

/// Keeps documents. All methods block; call them from a thread that may.
pub trait Store: Send + Sync {
    /// Names the store to its clients, for as long as it exists.
    fn id(&self) -> &StorageId;

    /// Stores everything in `appends`, or nothing of it, and returns once it survives a power cut
    /// as far as the store promises that at all.
    ///
    /// Several documents' changes in one call share the cost of reaching the disk.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it may be acknowledged to anybody.
    fn append(&self, appends: &[Append]) -> Result<(), StoreError>;

    /// Whether what it has [stored](Self::append) survives a power cut. Clients are told, and call
    /// changes saved only if it does.
    fn is_durable(&self) -> bool;

    /// Stores a snapshot of a document's first changes, as durably as
    /// [`append`](Self::append) and all or nothing. A store whose snapshots can be damaged keeps
    /// the snapshot before, and the changes from there to this one, until the next compaction.
    ///
    /// Returns whether it was stored: not if the document already has a snapshot that reaches as
    /// far, or never had these changes.
    ///
    /// # Errors
    /// [`StoreError`]; the document is as it was.
    fn compact(&self, compaction: &Compaction) -> Result<bool, StoreError>;

    /// What is stored of a document: its index, and the changes after the newest snapshot; `None`
    /// if nothing ever was.
    ///
    /// # Errors
    /// [`StoreError::DamagedDocument`] if anything of this is missing or changed. Other documents
    /// are not affected. What comes before is not looked at.
    fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError>;

    /// What a document begins with: the newest snapshot, or, if that is damaged, what it was made
    /// from. Empty if there is no snapshot. Together with what [`load`](Self::load) gave before, it
    /// is the whole document: it reaches as far as the log's start, or farther.
    ///
    /// # Errors
    /// [`StoreError::DamagedDocument`] if the newest snapshot is damaged and what it was made from
    /// is too.
    fn beginning(&self, document: DocumentId) -> Result<Beginning, StoreError>;

    /// Notes, as durably as [`append`](Self::append), that a document is set aside. Its changes stay
    /// as they are, and the store goes on taking others: not to give it any is the caller's part.
    /// What was noted before is replaced. Of a document of which nothing is stored nothing is noted.
    ///
    /// # Errors
    /// [`StoreError`]; it may or may not be noted.
    fn set_aside(&self, aside: &SetAside) -> Result<(), StoreError>;

    /// Takes that [note](Self::set_aside) away, as durably, even if it can no longer be read. Without
    /// one it does nothing.
    ///
    /// # Errors
    /// [`StoreError`]; the note may or may not be there.
    fn put_back(&self, document: DocumentId) -> Result<(), StoreError>;

    /// Why a document is set aside; `None` if it is not.
    ///
    /// # Errors
    /// [`StoreError::DamagedDocument`] if there is a note that cannot be read.
    fn aside(&self, document: DocumentId) -> Result<Option<SetAside>, StoreError>;

    /// Whether there is so little space left that nothing more should be stored; `was_low` is the
    /// last answer, so that it does not change with every file that comes and goes.
    fn is_low_on_space(&self, was_low: bool) -> bool {
        _ = was_low;
        false
    }

    /// The documents of which anything is stored, ascending.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn documents(&self) -> Result<Vec<DocumentId>, StoreError>;

    /// What is kept beside the documents: keys of at most 64 bytes, ascending, with at most 48 KiB
    /// each. The relay keeps there who is known, and who may do what.
    ///
    /// # Errors
    /// [`StoreError::DamagedDirectory`] if anything of it is changed: without it nobody knows who may
    /// do what.
    fn records(&self) -> Result<Records, StoreError>;

    /// Gives keys what they have from now on, or nothing, all or none of it, as durably as
    /// [`append`](Self::append).
    ///
    /// # Errors
    /// [`StoreError`]; it may or may not be stored.
    fn write_records(&self, records: &[RecordWrite]) -> Result<(), StoreError>;
}

/// One that is shared.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn id(&self) -> &StorageId {
        (**self).id()
    }
    fn is_durable(&self) -> bool {
        (**self).is_durable()
    }
    fn append(&self, appends: &[Append]) -> Result<(), StoreError> {
        (**self).append(appends)
    }
    fn compact(&self, compaction: &Compaction) -> Result<bool, StoreError> {
        (**self).compact(compaction)
    }
    fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError> {
        (**self).load(document)
    }
    fn beginning(&self, document: DocumentId) -> Result<Beginning, StoreError> {
        (**self).beginning(document)
    }
    fn set_aside(&self, aside: &SetAside) -> Result<(), StoreError> {
        (**self).set_aside(aside)
    }
    fn put_back(&self, document: DocumentId) -> Result<(), StoreError> {
        (**self).put_back(document)
    }
    fn aside(&self, document: DocumentId) -> Result<Option<SetAside>, StoreError> {
        (**self).aside(document)
    }
    fn is_low_on_space(&self, was_low: bool) -> bool {
        (**self).is_low_on_space(was_low)
    }
    fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        (**self).documents()
    }
    fn records(&self) -> Result<Records, StoreError> {
        (**self).records()
    }
    fn write_records(&self, records: &[RecordWrite]) -> Result<(), StoreError> {
        (**self).write_records(records)
    }
}

/// Why the store cannot do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process has the directory open.
    #[error("{} is already in use by another sync-server; stop it or choose another directory", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The directory cannot be made or written.
    #[error("cannot write to {}; check that the directory exists and who owns it", path.display())]
    NotWritable {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The disk does not give the database back.
    #[error("cannot read {}; nothing was changed: check the disk, or restore a backup elsewhere", path.display())]
    NotReadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("the database in {} is damaged; move the directory away and restore a backup", path.display())]
    DamagedDatabase {
        /// The directory.
        path: PathBuf,
        /// What the database said.
        details: String,
    },
    /// The data was written by a later version of this program.
    #[error(
        "the data in {} has format {found}; this program reads up to {known}: install a newer one", path.display()
    )]
    NewerFormat {
        /// The directory.
        path: PathBuf,
        /// The format of the data.
        found: u32,
        /// The latest format that this program reads.
        known: u32,
    },
    /// Something of one document is missing or changed.
    #[error("document {document} is damaged: {details}; restore it from a backup or a client")]
    DamagedDocument {
        /// The document.
        document: DocumentId,
        /// What is wrong.
        details: String,
    },
    /// What says who may do what was written by a later version of this program.
    #[error(
        "what is stored of users and their rights was written by a newer version; install that one"
    )]
    NewerRecord,
    /// What says who may do what is changed.
    #[error("what {} says of users and their rights is damaged: {details}; restore a backup", path.display())]
    DamagedDirectory {
        /// The directory.
        path: PathBuf,
        /// What is wrong.
        details: String,
    },
    /// Something is where a copy should go.
    #[error("{} is not empty; choose a directory that does not exist yet", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// The database failed while it was open.
    #[error("the database in {} failed; nothing was acknowledged", path.display())]
    Failed {
        /// The directory.
        path: PathBuf,
        /// What the database said.
        source: ::sled::Error,
    },
}
