//! Reading documents, while others may be written.
//!
//! sled's iterators see what is written while they run. So a reader takes a manifest and then only
//! what belongs to it; if that is not whole, and the manifest is another one by now, it starts over.

use super::{SledStore, damaged};
use crate::store::index::IndexEntry;
use crate::store::manifest::{Manifest, Rolling, SnapshotRecord, roll};
use crate::store::record::{
    Kind, RECORDS, document_of, manifest_key, number_and_part, part_key, unseal,
};
use crate::store::{
    Beginning, Mark, Snapshot, SnapshotInfo, StoreError, StoredChange, StoredDocument,
};
use sync_protocol::DocumentId;
use tracing::warn;

/// How often reading starts over. Compactions of one document are seconds apart.
const TRIES_MAX: usize = 4;

/// All that is kept of a document, but for its snapshots.
#[derive(Debug, Default)]
pub struct Everything {
    /// The position of the first change in `older`: where the snapshot before the newest ends.
    pub older_start: usize,
    /// The changes from there to the end of the newest snapshot.
    pub older: Vec<StoredChange>,
    /// What serves the document.
    pub stored: StoredDocument,
}

impl SledStore {
    pub(super) fn manifest(&self, document: DocumentId) -> Result<Option<Manifest>, StoreError> {
        let key = manifest_key(document);
        let Some(value) = self.documents.get(&key).map_err(|error| self.failed(error))? else {
            return Ok(None);
        };
        let manifest = unseal(&key, &value).and_then(Manifest::decode);
        manifest.map(Some).ok_or_else(|| damaged(document, "its manifest cannot be read"))
    }

    pub(super) fn read_document(
        &self,
        document: DocumentId,
    ) -> Result<Option<StoredDocument>, StoreError> {
        self.read_consistently(document, |manifest| self.read(document, manifest))
    }

    pub(super) fn read_beginning(&self, document: DocumentId) -> Result<Beginning, StoreError> {
        let beginning = self.read_consistently(document, |manifest| {
            let Some(newest) = &manifest.snapshot else {
                return Ok(Beginning::default());
            };
            match self.snapshot_of(document, newest) {
                Ok(snapshot) => Ok(Beginning { snapshot: Some(snapshot), changes: Vec::new() }),
                Err(error) => {
                    // What is said is what is wrong with the newest.
                    let before = self.before(document, manifest, newest).map_err(|_| error)?;
                    warn!(%document, "its newest snapshot is damaged; what it was made from serves");
                    Ok(before)
                }
            }
        });
        Ok(beginning?.unwrap_or_default())
    }

    /// What the newest snapshot was made from.
    fn before(
        &self,
        document: DocumentId,
        manifest: &Manifest,
        newest: &SnapshotRecord,
    ) -> Result<Beginning, StoreError> {
        let previous = manifest.previous.as_ref();
        let start = previous.map_or_else(Default::default, |previous| previous.changes);
        let snapshot = previous.map(|previous| self.snapshot_of(document, previous)).transpose()?;
        let changes = self.log(document, start, newest.changes)?;
        Ok(Beginning { snapshot, changes })
    }

    /// The newest snapshot, if it is damaged.
    pub(super) fn damaged_newest(
        &self,
        document: DocumentId,
    ) -> Result<Option<SnapshotRecord>, StoreError> {
        let damaged = self.read_consistently(document, |manifest| {
            let read = manifest.snapshot.map(|newest| self.snapshot_of(document, &newest));
            match read.transpose() {
                Ok(_) => Ok(None),
                Err(StoreError::DamagedDocument { .. }) => Ok(manifest.snapshot),
                Err(error) => Err(error),
            }
        });
        damaged.map(Option::flatten)
    }

    /// Reads and checks all that is kept of a document.
    pub(crate) fn read_everything(
        &self,
        document: DocumentId,
    ) -> Result<Option<Everything>, StoreError> {
        self.read_consistently(document, |manifest| {
            let stored = self.read(document, manifest)?;
            for record in manifest.snapshot.iter().chain(&manifest.previous) {
                self.snapshot_of(document, record)?;
            }
            let older = self.log(document, manifest.log_start, manifest.tail_start())?;
            Ok(Everything { older_start: count(manifest.log_start.0), older, stored })
        })
    }

    pub(super) fn read_documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        let mut documents = Vec::new();
        let mut from = Vec::new();
        while let Some(entry) = self.documents.range(from..).next() {
            let (key, _) = entry.map_err(|error| self.failed(error))?;
            let mut after = key.to_vec();
            match document_of(&key) {
                Some(document) => {
                    if document.as_bytes() != RECORDS {
                        documents.push(document);
                    }
                    // Behind all keys of this document: those of the next may begin there.
                    after = document.as_bytes().to_vec();
                    after.push(u8::MAX);
                }
                None => after.push(0),
            }
            from = after;
        }
        Ok(documents)
    }

    fn read_consistently<T>(
        &self,
        document: DocumentId,
        read: impl Fn(&Manifest) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut tries = 0;
        loop {
            let Some(manifest) = self.manifest(document)? else {
                // Everything of a document is written together with its manifest.
                let mut rest = self.documents.scan_prefix(document.as_bytes());
                if rest.next().is_none() {
                    return Ok(None);
                }
                match self.manifest(document)? {
                    Some(_) => continue,
                    None => return Err(damaged(document, "its manifest is missing")),
                }
            };
            let result = read(&manifest);
            tries += 1;
            let is_whole = result.is_ok();
            if is_whole || tries == TRIES_MAX || self.manifest(document)? == Some(manifest) {
                return result.map(Some);
            }
        }
    }

    fn read(
        &self,
        document: DocumentId,
        manifest: &Manifest,
    ) -> Result<StoredDocument, StoreError> {
        let (bytes, rolling) = manifest.index;
        let index = match manifest.snapshot {
            Some(_) => self.whole(document, Kind::Index, 0, bytes, rolling)?,
            None => Vec::new(),
        };
        let start = manifest.tail_start();
        let log = self.log(document, start, (manifest.changes, manifest.rolling))?;
        let snapshot = manifest.snapshot.map(|snapshot| SnapshotInfo {
            changes: count(snapshot.changes.0),
            bytes: count(snapshot.bytes.0),
        });
        let mark = Mark { changes: count(manifest.changes), rolling: manifest.rolling };
        let (log_start, heads) = (count(start.0), manifest.heads.clone());
        Ok(StoredDocument { index, snapshot, log_start, log, heads, mark })
    }

    /// The changes in a part of the log, each of them checked, and that all are there. The part
    /// begins and ends where appending did.
    fn log(
        &self,
        document: DocumentId,
        (start, mut rolling): (u64, Rolling),
        (end, expected): (u64, Rolling),
    ) -> Result<Vec<StoredChange>, StoreError> {
        let mut log = Vec::new();
        let mut cut: Option<Vec<u8>> = None;
        let finish = |log: &mut Vec<StoredChange>, mut value: &[u8]| {
            while !value.is_empty() {
                let change = IndexEntry::read_from(&mut value);
                let (entry, bytes) =
                    change.ok_or_else(|| damaged(document, "an index entry cannot be read"))?;
                log.push(StoredChange { entry, bytes: bytes.into() });
            }
            Ok(())
        };
        let key = |position| part_key(document, Kind::Change, position, 0);
        let mut range = self.documents.range(key(start)..key(end)).peekable();
        while let Some(entry) = range.next() {
            let (key, value) = entry.map_err(|error| self.failed(error))?;
            let content =
                unseal(&key, &value).ok_or_else(|| damaged(document, "a change is damaged"))?;
            rolling = roll(rolling, &value);
            let next = start + log.len() as u64;
            let is_cut = range.peek().is_some_and(|after| {
                after.as_ref().is_ok_and(|(after, _)| {
                    number_and_part(after).is_some_and(|(number, _)| number == next)
                })
            });
            match (number_and_part(&key), &mut cut) {
                (Some((number, 0)), None) if number == next && !is_cut => {
                    finish(&mut log, content)?;
                }
                (Some((number, 0)), None) if number == next => cut = Some(content.to_vec()),
                (Some((number, 1..)), Some(value)) if number == next => {
                    value.extend_from_slice(content);
                    if !is_cut {
                        finish(&mut log, &cut.take().unwrap_or_default())?;
                    }
                }
                _ => return Err(damaged(document, "a change is missing")),
            }
        }
        let found = (start + log.len() as u64, rolling);
        if found != (end, expected) {
            let details =
                format!("it has {} of {end} changes, or not the ones that were stored", found.0);
            return Err(damaged(document, &details));
        }
        Ok(log)
    }

    fn snapshot_of(
        &self,
        document: DocumentId,
        record: &SnapshotRecord,
    ) -> Result<Snapshot, StoreError> {
        let (bytes, rolling) = record.bytes;
        let bytes = self.whole(document, Kind::Snapshot, record.generation, bytes, rolling)?;
        Ok(Snapshot { changes: count(record.changes.0), bytes: bytes.into() })
    }

    /// Joins the parts of something, and checks that they are all there.
    fn whole(
        &self,
        document: DocumentId,
        kind: Kind,
        number: u64,
        bytes: u64,
        rolling: Rolling,
    ) -> Result<Vec<u8>, StoreError> {
        let part = |part| part_key(document, kind, number, part);
        let mut joined = Vec::new();
        let mut found = Rolling::default();
        for entry in self.documents.range(part(0)..=part(u32::MAX)) {
            let (key, value) = entry.map_err(|error| self.failed(error))?;
            let content = unseal(&key, &value)
                .ok_or_else(|| damaged(document, "a part of its snapshot or index is damaged"))?;
            found = roll(found, &value);
            joined.extend_from_slice(content);
        }
        if (joined.len() as u64, found) != (bytes, rolling) {
            return Err(damaged(document, "a part of its snapshot or index is missing"));
        }
        Ok(joined)
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
