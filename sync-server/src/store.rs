//! What the relay keeps of its documents.
//!
//! A document is a sequence of chunks: bytes that Automerge can load, in an order in which it can
//! load them. The store keeps them as they came and never looks inside.

mod identity;
mod memory;
mod record;
mod sled;
mod witness;

pub use self::sled::SledStore;
pub use memory::MemoryStore;

use automerge::ChangeHash;
use std::path::PathBuf;
use std::sync::Arc;
use sync_protocol::{DocumentId, StorageId};

/// New chunks of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The document.
    pub document: DocumentId,
    /// Its chunks, in an order in which they can be loaded after what is stored already.
    pub chunks: Vec<Arc<[u8]>>,
    /// The document's heads once these are stored.
    pub heads: Vec<ChangeHash>,
}

/// All that is kept of one document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredDocument {
    /// Its chunks, in the order in which they were stored.
    pub chunks: Vec<Vec<u8>>,
    /// Its heads.
    pub heads: Vec<ChangeHash>,
}

/// Keeps documents. All methods block; call them from a thread that may.
pub trait Store: Send + Sync {
    /// Names the store to its clients, for as long as it exists.
    fn id(&self) -> &StorageId;

    /// Stores everything in `appends`, or nothing of it, and returns once it survives a power cut
    /// as far as the store promises that at all.
    ///
    /// Several documents' chunks in one call share the cost of reaching the disk.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it may be acknowledged to anybody.
    fn append(&self, appends: &[Append]) -> Result<(), StoreError>;

    /// Everything stored of a document; `None` if nothing ever was.
    ///
    /// # Errors
    /// [`StoreError::DamagedDocument`] if anything of it is missing or changed. Other documents
    /// are not affected.
    fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError>;

    /// The documents stored, in no particular order.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn documents(&self) -> Result<Vec<DocumentId>, StoreError>;
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
    /// The database failed while it was open.
    #[error("the database in {} failed; nothing was acknowledged", path.display())]
    Failed {
        /// The directory.
        path: PathBuf,
        /// What the database said.
        source: ::sled::Error,
    },
}
