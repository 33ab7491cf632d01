//! Documents in sled, by the rules that survived simulated power cuts.
//!
//! A commit counts once it is on the disk: in a [journal] beside sled, or in sled's own log, which is
//! one file, because segments have 16 MiB and values at most 64 KiB.

mod aside;
mod backup;
mod commit;
mod disk;
mod files;
pub(crate) mod journal;
mod read;
mod records;
mod upgrade;
mod write;
pub(crate) mod writes;

pub use backup::BackupReport;
pub use disk::Disk;

use super::record::{seal, unseal};
use super::{
    Append, Beginning, Compaction, RecordWrite, Records, SetAside, Store, StoreError,
    StoredDocument, identity,
};
use crate::space::MinFree;
use commit::Committer;
use sled::{Config, Db, Tree};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;
use sync_protocol::{DocumentId, StorageId};
use tracing::warn;

/// The format that this build writes, and the latest that it reads.
const FORMAT: u32 = 3;
/// The one before had no journal.
const FORMAT_WITHOUT_JOURNAL: u32 = 2;

const FORMAT_KEY: &[u8] = b"format";
const ID_KEY: &[u8] = b"id";
const SEGMENT_BYTES: usize = 16 * 1024 * 1024;

/// sled's own threads let go of the lock a moment after the store is dropped.
const LOCK_TRIES: u32 = 20;
const LOCK_WAIT: Duration = Duration::from_millis(25);

/// Keeps documents in a directory, durably: [`append`](Store::append) returns after the disk has
/// the bytes.
#[derive(Debug)]
pub struct SledStore {
    path: PathBuf,
    database: Db,
    documents: Tree,
    committer: Mutex<Committer>,
    id: StorageId,
    min_free: MinFree,
    disk: Disk,
}

impl SledStore {
    /// Opens the store in `path`, making the directory if there is none.
    ///
    /// # Errors
    /// [`StoreError`] says what is wrong with the directory and what to do about it. Nothing in it
    /// is changed then, unless the database is damaged: sled overwrites what follows the damage.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_watched(path, Disk::default())
    }

    /// The same, with a `disk` that somebody watches: what survives a power cut depends on when it is
    /// waited for.
    #[doc(hidden)]
    pub fn open_watched(path: &Path, disk: Disk) -> Result<Self, StoreError> {
        let not_writable = |source| StoreError::NotWritable { path: path.to_owned(), source };
        std::fs::create_dir_all(path).map_err(not_writable)?;
        let config = Config::default()
            .path(path)
            .segment_size(SEGMENT_BYTES)
            // Committing is ours: nothing may be written behind an acknowledgement's back.
            .flush_every_ms(None);
        let mut opened = open_database(path, &config);
        for _ in 0..LOCK_TRIES {
            if !matches!(opened, Err(StoreError::InUse { .. })) {
                break;
            }
            std::thread::sleep(LOCK_WAIT);
            opened = open_database(path, &config);
        }
        let (database, documents) = opened?;
        let (committer, earlier) = Committer::open(path, disk.clone()).map_err(not_writable)?;
        let id = identity::draw();
        let mut store = Self {
            path: path.to_owned(),
            database,
            documents,
            committer: Mutex::new(committer),
            id,
            min_free: MinFree { bytes: 0, percent: 0 },
            disk,
        };
        let format = store.format()?;
        if format.is_none() && earlier.commits() > 0 {
            return Err(store.lost_commits(0, earlier.commits()));
        }
        store.recover(earlier)?;
        match format {
            None => store.set_format()?,
            Some(FORMAT) => {}
            Some(FORMAT_WITHOUT_JOURNAL) => store.set_format()?,
            Some(_) => store.upgrade()?,
        }
        store.sync_directory()?;
        store.id = store.keep_id()?;
        Ok(store)
    }

    /// The same store, which [is low on space](Store::is_low_on_space) when less than this is free.
    #[must_use]
    pub fn keeping_free(mut self, min_free: MinFree) -> Self {
        self.min_free = min_free;
        self
    }

    /// The id that the store was given when it was made.
    fn keep_id(&self) -> Result<StorageId, StoreError> {
        let stored = self.database.get(ID_KEY).map_err(|error| self.failed(error))?;
        let Some(stored) = stored else {
            let sealed = seal(ID_KEY, self.id.as_str().as_bytes());
            self.database.insert(ID_KEY, sealed).map_err(|error| self.failed(error))?;
            self.flush()?;
            return Ok(self.id.clone());
        };
        let text = unseal(ID_KEY, &stored).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let id = text.and_then(|text| StorageId::parse(text).ok());
        id.ok_or_else(|| self.damaged_database("the store's id cannot be read".to_owned()))
    }

    fn damaged_database(&self, details: String) -> StoreError {
        StoreError::DamagedDatabase { path: self.path.clone(), details }
    }

    /// The format of what is there; `None` if nothing is.
    fn format(&self) -> Result<Option<u32>, StoreError> {
        let stored = self.database.get(FORMAT_KEY).map_err(|error| self.failed(error))?;
        let Some(stored) = stored else {
            return Ok(None);
        };
        let content = unseal(FORMAT_KEY, &stored).and_then(|bytes| bytes.try_into().ok());
        match content.map(u32::from_be_bytes) {
            Some(found) if found <= FORMAT => Ok(Some(found)),
            Some(found) => {
                let path = self.path.clone();
                Err(StoreError::NewerFormat { path, found, known: FORMAT })
            }
            None => Err(self.damaged_database("the format record cannot be read".to_owned())),
        }
    }

    fn set_format(&self) -> Result<(), StoreError> {
        let sealed = seal(FORMAT_KEY, &FORMAT.to_be_bytes());
        self.database.insert(FORMAT_KEY, sealed).map_err(|error| self.failed(error))?;
        self.flush()
    }

    /// A new file is there after a power cut only if its directory was synced too.
    fn sync_directory(&self) -> Result<(), StoreError> {
        let directories = [Some(self.path.as_path()), self.path.parent()];
        for directory in directories.into_iter().flatten() {
            let directory =
                if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
            let synced = File::open(directory).and_then(|file| self.disk.wait_for(".", &file));
            synced.map_err(|error| self.failed(error.into()))?;
        }
        Ok(())
    }

    fn failed(&self, source: sled::Error) -> StoreError {
        StoreError::Failed { path: self.path.clone(), source }
    }
}

impl Store for SledStore {
    fn id(&self) -> &StorageId {
        &self.id
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn append(&self, appends: &[Append]) -> Result<(), StoreError> {
        self.write_changes(appends)
    }

    fn compact(&self, compaction: &Compaction) -> Result<bool, StoreError> {
        self.write_snapshot(compaction)
    }

    fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError> {
        self.read_document(document)
    }

    fn beginning(&self, document: DocumentId) -> Result<Beginning, StoreError> {
        self.read_beginning(document)
    }

    fn set_aside(&self, aside: &SetAside) -> Result<(), StoreError> {
        self.write_aside(aside)
    }

    fn put_back(&self, document: DocumentId) -> Result<(), StoreError> {
        self.remove_aside(document)
    }

    fn aside(&self, document: DocumentId) -> Result<Option<SetAside>, StoreError> {
        self.read_aside(document)
    }

    fn is_low_on_space(&self, was_low: bool) -> bool {
        let missing = self.min_free.is_missing(&self.path, was_low);
        missing.unwrap_or_else(|error| {
            warn!("cannot tell how much of the disk is free: {error}");
            was_low
        })
    }

    fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        self.read_documents()
    }

    fn records(&self) -> Result<Records, StoreError> {
        self.read_records()
    }

    fn write_records(&self, records: &[RecordWrite]) -> Result<(), StoreError> {
        self.store_records(records)
    }
}

fn damaged(document: DocumentId, details: &str) -> StoreError {
    StoreError::DamagedDocument { document, details: details.to_owned() }
}

fn open_database(path: &Path, config: &Config) -> Result<(Db, Tree), StoreError> {
    files::prepare(path)?;
    // sled panics on some damage.
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let database = config.open()?;
        let documents = database.open_tree("documents")?;
        Ok((database, documents))
    }));
    match opened {
        Ok(opened) => opened.map_err(|error| open_error(path, error)),
        Err(panic) => {
            let details = panic_message(panic.as_ref());
            Err(StoreError::DamagedDatabase { path: path.to_owned(), details })
        }
    }
}

fn open_error(path: &Path, error: sled::Error) -> StoreError {
    let path = path.to_owned();
    match error {
        // sled reports its lock as an I/O error with this text and no kind of its own.
        sled::Error::Io(source) if source.to_string().contains("could not acquire lock") => {
            StoreError::InUse { path }
        }
        sled::Error::Io(source) if source.kind() != std::io::ErrorKind::Other => {
            StoreError::NotWritable { path, source }
        }
        other => StoreError::DamagedDatabase { path, details: other.to_string() },
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("the database gave no reason").to_owned()
}
