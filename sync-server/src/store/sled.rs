//! Documents in sled, by the rules that survived simulated power cuts.
//!
//! sled's own `flush` asks the kernel to start writing and does not wait for the disk, so an
//! `fsync` of its log follows before anything counts as stored. Segments of 16 MiB and values of at
//! most 64 KiB keep everything in that one file.

mod backup;
mod read;
mod upgrade;
mod write;

pub use backup::BackupReport;

use super::record::{seal, unseal};
use super::witness::Witness;
use super::{Append, Beginning, Compaction, Store, StoreError, StoredDocument, identity};
use crate::space::MinFree;
use sled::{Batch, Config, Db, Tree};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use sync_protocol::{DocumentId, StorageId};
use tracing::warn;

/// The format that this build writes, and the latest that it reads.
const FORMAT: u32 = 2;

const FORMAT_KEY: &[u8] = b"format";
const ID_KEY: &[u8] = b"id";
/// Beside the documents, so that it changes in the same batch. Shorter than any of their keys.
const COMMITS_KEY: &[u8] = b"commits";
const SEGMENT_BYTES: usize = 16 * 1024 * 1024;

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
}

/// Whoever holds the lock on this is the one committer.
#[derive(Debug)]
struct Committer {
    /// The file that sled writes to, for `fsync`.
    log: File,
    /// The number of the last commit.
    commits: u64,
    witness: Witness,
}

impl SledStore {
    /// Opens the store in `path`, making the directory if there is none.
    ///
    /// # Errors
    /// [`StoreError`] says what is wrong with the directory and what to do about it. Nothing in it
    /// is changed then.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let not_writable = |source| StoreError::NotWritable { path: path.to_owned(), source };
        std::fs::create_dir_all(path).map_err(not_writable)?;
        let config = Config::default()
            .path(path)
            .segment_size(SEGMENT_BYTES)
            // Committing is ours: nothing may be written behind an acknowledgement's back.
            .flush_every_ms(None);
        // sled panics on some damage.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let database = config.open()?;
            let documents = database.open_tree("documents")?;
            Ok((database, documents))
        }));
        let (database, documents) = match opened {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => return Err(open_error(path, error)),
            Err(panic) => {
                let details = panic_message(panic.as_ref());
                return Err(StoreError::DamagedDatabase { path: path.to_owned(), details });
            }
        };
        let log = File::open(path.join("db")).map_err(not_writable)?;
        let (witness, seen) = Witness::open(path).map_err(not_writable)?;
        let committer = Mutex::new(Committer { log, commits: 0, witness });
        let id = identity::draw();
        let mut store = Self {
            path: path.to_owned(),
            database,
            documents,
            committer,
            id,
            min_free: MinFree { bytes: 0, percent: 0 },
        };
        let format = store.format()?;
        store.check_commits(seen)?;
        match format {
            None => store.begin()?,
            Some(FORMAT) => {}
            Some(_) => store.upgrade()?,
        }
        store.id = store.keep_id()?;
        Ok(store)
    }

    /// The same store, which [is low on space](Store::is_low_on_space) when less than this is free.
    #[must_use]
    pub fn keeping_free(self, min_free: MinFree) -> Self {
        Self { min_free, ..self }
    }

    /// The id that the store was given when it was made.
    fn keep_id(&self) -> Result<StorageId, StoreError> {
        let stored = self.database.get(ID_KEY).map_err(|error| self.failed(error))?;
        let Some(stored) = stored else {
            let sealed = seal(ID_KEY, self.id.as_str().as_bytes());
            self.database.insert(ID_KEY, sealed).map_err(|error| self.failed(error))?;
            self.reach_the_disk(&self.committer())?;
            return Ok(self.id.clone());
        };
        let text = unseal(ID_KEY, &stored).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let id = text.and_then(|text| StorageId::parse(text).ok());
        id.ok_or_else(|| self.damaged_database("the store's id cannot be read".to_owned()))
    }

    /// Compares the number of commits in the database with the witness's.
    fn check_commits(&self, seen: u64) -> Result<(), StoreError> {
        let stored = self.documents.get(COMMITS_KEY).map_err(|error| self.failed(error))?;
        let count = |value| unseal(COMMITS_KEY, value).and_then(|count| count.try_into().ok());
        let known = match &stored {
            None => 0,
            Some(value) => count(value).map(u64::from_be_bytes).ok_or_else(|| {
                self.damaged_database("the number of commits cannot be read".to_owned())
            })?,
        };
        if known < seen {
            let details = format!("it knows {known} commits and {seen} were made");
            return Err(self.damaged_database(details));
        }
        self.committer().commits = known;
        Ok(())
    }

    fn committer(&self) -> MutexGuard<'_, Committer> {
        // A commit that panicked has acknowledged nothing; the next one writes all numbers anew.
        self.committer.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Makes a new database one of this format.
    fn begin(&self) -> Result<(), StoreError> {
        self.set_format()?;
        self.sync_directory()
    }

    fn set_format(&self) -> Result<(), StoreError> {
        let sealed = seal(FORMAT_KEY, &FORMAT.to_be_bytes());
        self.database.insert(FORMAT_KEY, sealed).map_err(|error| self.failed(error))?;
        self.reach_the_disk(&self.committer())
    }

    /// Waits until everything written so far is on the disk.
    fn reach_the_disk(&self, committer: &Committer) -> Result<(), StoreError> {
        self.database.flush().map_err(|error| self.failed(error))?;
        // The log's length is part of what `fdatasync` writes, its times are not.
        committer.log.sync_data().map_err(|error| self.failed(error.into()))
    }

    /// Writes a batch and returns when it is on the disk.
    fn commit(&self, committer: &mut Committer, mut batch: Batch) -> Result<(), StoreError> {
        let commit = committer.commits + 1;
        batch.insert(COMMITS_KEY, seal(COMMITS_KEY, &commit.to_be_bytes()));
        self.documents.apply_batch(batch).map_err(|error| self.failed(error))?;
        committer.commits = commit;
        self.reach_the_disk(committer)?;
        committer.witness.saw(commit).map_err(|error| self.failed(error.into()))
    }

    /// A new file is there after a power cut only if its directory was synced too.
    fn sync_directory(&self) -> Result<(), StoreError> {
        let directories = [Some(self.path.as_path()), self.path.parent()];
        for directory in directories.into_iter().flatten() {
            let directory =
                if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
            let synced = File::open(directory).and_then(|file| file.sync_all());
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
}

fn damaged(document: DocumentId, details: &str) -> StoreError {
    StoreError::DamagedDocument { document, details: details.to_owned() }
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
