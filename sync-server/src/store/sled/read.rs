//! Reading documents, while others may be written.
//!
//! sled's iterators see what is written while they run. So a reader takes a manifest and then only
//! what belongs to it; if that is not whole, and the manifest is another one by now, it starts over.

use super::{SledStore, damaged};
use crate::store::index::IndexEntry;
use crate::store::manifest::{Manifest, Rolling, SnapshotRecord, roll};
use crate::store::record::{Kind, document_of, manifest_key, number_and_part, part_key, unseal};
use crate::store::{Mark, Snapshot, SnapshotInfo, StoreError, StoredChange, StoredDocument};
use sync_protocol::DocumentId;
use tracing::warn;

/// How often reading starts over. Compactions of one document are seconds apart.
const TRIES_MAX: usize = 4;

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

    pub(super) fn read_snapshot(
        &self,
        document: DocumentId,
    ) -> Result<Option<Snapshot>, StoreError> {
        let snapshot = self.read_consistently(document, |manifest| {
            let Some(newest) = &manifest.snapshot else {
                return Ok(None);
            };
            let read = self.snapshot_of(document, newest);
            match (read, &manifest.previous) {
                (Err(error), Some(previous)) => {
                    warn!(%document, "its newest snapshot is damaged, so the one before it serves");
                    // What is said is what is wrong with the newest.
                    self.snapshot_of(document, previous).map_err(|_| error)
                }
                (read, _) => read,
            }
            .map(Some)
        });
        snapshot.map(Option::flatten)
    }

    pub(super) fn read_documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        let mut documents = Vec::new();
        let mut from = Vec::new();
        while let Some(entry) = self.documents.range(from..).next() {
            let (key, _) = entry.map_err(|error| self.failed(error))?;
            let mut after = key.to_vec();
            match document_of(&key) {
                Some(document) => {
                    documents.push(document);
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
        let log = self.log(document, manifest)?;
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let snapshot = manifest.snapshot.map(|snapshot| SnapshotInfo {
            changes: count(snapshot.changes.0),
            bytes: count(snapshot.bytes.0),
        });
        let mark = Mark { changes: count(manifest.changes), rolling: manifest.rolling };
        let (log_start, heads) = (count(manifest.log_start.0), manifest.heads.clone());
        Ok(StoredDocument { index, snapshot, log_start, log, heads, mark })
    }

    /// The changes in the log, each of them checked, and that all are there.
    fn log(
        &self,
        document: DocumentId,
        manifest: &Manifest,
    ) -> Result<Vec<StoredChange>, StoreError> {
        let (start, mut rolling) = manifest.log_start;
        let end = manifest.changes;
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
        if found != (end, manifest.rolling) {
            let details =
                format!("it has {} of {end} changes, or not the ones that were stored", found.0);
            return Err(damaged(document, &details));
        }
        Ok(log)
    }

    pub(super) fn snapshot_of(
        &self,
        document: DocumentId,
        record: &SnapshotRecord,
    ) -> Result<Snapshot, StoreError> {
        let (bytes, rolling) = record.bytes;
        let bytes = self.whole(document, Kind::Snapshot, record.generation, bytes, rolling)?;
        let changes = usize::try_from(record.changes.0).unwrap_or(usize::MAX);
        Ok(Snapshot { changes, bytes: bytes.into() })
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
