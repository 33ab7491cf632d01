//! Copies of a whole store, made while it is in use.

use super::commit::Seen;
use super::writes::Writes;
use super::{ID_KEY, SledStore};
use crate::store::StoreError;
use crate::store::manifest::Manifest;
use crate::store::record::{Kind, manifest_key, part_key, seal, unseal};
use std::path::{Path, PathBuf};
use sync_protocol::{DocumentId, sentence};

/// After so many writes in between, writers wait for the reader of a document.
const TRIES_MAX: usize = 8;
/// How much is copied before it goes to the disk.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// What a backup holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackupReport {
    /// How many documents.
    pub documents: usize,
    /// Those that were damaged before: they are in it as they are.
    pub damaged: Vec<(DocumentId, String)>,
}

type Values = Vec<(sled::IVec, sled::IVec)>;

impl SledStore {
    /// Copies everything into the directory `to`, which must not exist or be empty; the copy is a
    /// data directory like any other. Others may go on writing: all that was stored before the call
    /// is in it, and each document as it was at one moment.
    ///
    /// The copy is made beside `to` and gets its name once it is complete and on the disk.
    ///
    /// # Errors
    /// [`StoreError`] if `to` is not empty or cannot be written, or if reading fails.
    pub fn backup(&self, to: &Path) -> Result<BackupReport, StoreError> {
        let not_writable = |source| StoreError::NotWritable { path: to.to_owned(), source };
        if to.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(StoreError::NotEmpty { path: to.to_owned() });
        }
        let partial = beside(to, "partial");
        match std::fs::remove_dir_all(&partial) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(not_writable(error));
            }
            _ => {}
        }
        let copy = SledStore::open(&partial)?;
        let report = self.copy_into(&copy)?;
        drop(copy);
        std::fs::rename(&partial, to).map_err(not_writable)?;
        let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = std::fs::File::open(parent.unwrap_or(Path::new(".")));
        parent.and_then(|parent| parent.sync_all()).map_err(not_writable)?;
        Ok(report)
    }

    fn copy_into(&self, copy: &SledStore) -> Result<BackupReport, StoreError> {
        // A restored relay is the same relay to its clients.
        let id = seal(ID_KEY, self.id.as_str().as_bytes());
        copy.database.insert(ID_KEY, id).map_err(|error| copy.failed(error))?;
        let documents = self.read_documents()?;
        let mut writes = Writes::default();
        let mut bytes = 0;
        for document in &documents {
            for (key, value) in self.values_of(*document)? {
                bytes += value.len();
                writes.insert(key.to_vec(), value.to_vec());
            }
            if bytes > BATCH_BYTES {
                copy.commit(&mut copy.committer(), std::mem::take(&mut writes), Seen::AtOnce)?;
                bytes = 0;
            }
        }
        // After the documents: who may do what is newer than what they may do it with. A document that
        // has come since is known to be its owner's, who brings it again.
        for (key, value) in self.raw_records()? {
            writes.insert(key.to_vec(), value.to_vec());
        }
        copy.commit(&mut copy.committer(), writes, Seen::AtOnce)?;
        let mut report = BackupReport { documents: documents.len(), damaged: Vec::new() };
        for document in documents {
            if let Err(error) = copy.check(document) {
                report.damaged.push((document, sentence(&error)));
            }
        }
        Ok(report)
    }

    /// Checks everything that is kept of a document: all that [`load`](crate::store::Store::load) reads, each snapshot,
    /// and what is kept in case the newest is damaged. What the changes mean is not looked at.
    ///
    /// # Errors
    /// [`StoreError::DamagedDocument`] says what is missing or changed.
    pub fn check(&self, document: DocumentId) -> Result<(), StoreError> {
        self.read_everything(document).map(drop)
    }

    /// How often a document has been compacted.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    pub fn compactions(&self, document: DocumentId) -> Result<u64, StoreError> {
        let snapshot = self.manifest(document)?.and_then(|manifest| manifest.snapshot);
        Ok(snapshot.map_or(0, |snapshot| snapshot.generation + 1))
    }

    /// All keys and values of a document at one moment.
    fn values_of(&self, document: DocumentId) -> Result<Values, StoreError> {
        let key = manifest_key(document);
        let manifest = || self.documents.get(&key).map_err(|error| self.failed(error));
        let values = || -> Result<Values, StoreError> {
            let values = self.documents.scan_prefix(document.as_bytes());
            let mut values: Values =
                values.collect::<Result<_, _>>().map_err(|e| self.failed(e))?;
            let manifest = values.iter().find(|(found, _)| *found == key);
            let manifest = manifest.and_then(|(key, value)| unseal(key, value));
            if let Some(manifest) = manifest.and_then(Manifest::decode) {
                // Changes are there before their manifest says so.
                let end = part_key(document, Kind::Change, manifest.changes, 0);
                let last = part_key(document, Kind::Change, u64::MAX, u32::MAX);
                values.retain(|(key, _)| !(end.as_slice()..=&last).contains(&&**key));
            }
            Ok(values)
        };
        for _ in 0..TRIES_MAX {
            let before = manifest()?;
            let values = values()?;
            // Each write of a document changes its manifest, and never back.
            if manifest()? == before {
                return Ok(values);
            }
        }
        let _nobody_writes = self.committer();
        values()
    }
}

/// A path in the same directory, with an ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}
