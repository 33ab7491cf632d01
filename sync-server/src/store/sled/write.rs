//! Writing documents: what belongs together goes into one batch.

use super::commit::Seen;
use super::writes::Writes;
use super::{SledStore, damaged};
use crate::store::manifest::{Manifest, Rolling, SnapshotRecord, roll};
use crate::store::record::{Kind, manifest_key, part_key, parts, seal};
use crate::store::{Append, Compaction, StoreError, StoredChange};
use std::collections::BTreeMap;
use sync_protocol::DocumentId;

/// About how many bytes of changes go into one value; one change may have more.
const RUN_BYTES: usize = 32 * 1024;

impl SledStore {
    pub(super) fn write_changes(&self, appends: &[Append]) -> Result<(), StoreError> {
        // From reading a manifest to writing it there may be no other writer.
        let mut committer = self.committer();
        let mut writes = Writes::default();
        let mut manifests: BTreeMap<DocumentId, Manifest> = BTreeMap::new();
        // Readers look at a manifest first, and it comes behind what it stands for.
        let mut seen = Seen::InOrder;
        for append in appends {
            let document = append.document;
            let mut manifest = match manifests.remove(&document) {
                Some(manifest) => manifest,
                None => self.manifest(document)?.unwrap_or_else(|| {
                    // A document without any would seem to have lost it.
                    seen = Seen::AtOnce;
                    Manifest::default()
                }),
            };
            for run in runs(&append.changes) {
                let mut value = Vec::new();
                run.iter().for_each(|change| change.entry.write_to(&mut value, &change.bytes));
                for (key, value) in parts(document, Kind::Change, manifest.changes, &value) {
                    manifest.rolling = roll(manifest.rolling, &value);
                    writes.insert(key, value);
                }
                manifest.changes += run.len() as u64;
            }
            manifest.heads.clone_from(&append.heads);
            manifests.insert(document, manifest);
        }
        for (document, manifest) in manifests {
            insert_manifest(&mut writes, document, &manifest);
        }
        self.commit(&mut committer, writes, seen)
    }

    pub(super) fn write_snapshot(&self, compaction: &Compaction) -> Result<bool, StoreError> {
        let Compaction { document, mark, snapshot, index } = compaction;
        let document = *document;
        // Hashed before anybody has to wait for it.
        let index_parts = parts(document, Kind::Index, 0, index);
        let damaged = self.damaged_newest(document)?;
        let end = (mark.changes as u64, mark.rolling);
        let mut committer = self.committer();
        let Some(mut manifest) = self.manifest(document)? else {
            return Ok(false);
        };
        let is_there = end.0 < manifest.changes || end == (manifest.changes, manifest.rolling);
        if !is_there || end.0 <= manifest.tail_start().0 {
            return Ok(false);
        }
        let mut writes = Writes::default();
        let generation = manifest.snapshot.map_or(0, |snapshot| snapshot.generation + 1);
        let snapshot_parts = parts(document, Kind::Snapshot, generation, snapshot);
        manifest.index = (index.len() as u64, rolled(&index_parts));
        let bytes = (snapshot.len() as u64, rolled(&snapshot_parts));
        let record = SnapshotRecord { generation, changes: end, bytes };
        for (key, value) in index_parts {
            // It grew at its end: most of it is there.
            let stored = self.documents.get(&key).map_err(|error| self.failed(error))?;
            if stored.is_none_or(|stored| stored != value) {
                writes.insert(key, value);
            }
        }
        for (key, value) in snapshot_parts {
            writes.insert(key, value);
        }
        let replaced = manifest.snapshot.replace(record);
        // One that cannot be read is no use in case this one is damaged: what it was made from is.
        let is_no_use = replaced.is_some() && replaced == damaged;
        let dropped = match is_no_use {
            true => replaced,
            false => std::mem::replace(&mut manifest.previous, replaced),
        };
        if let Some(dropped) = dropped {
            self.remove(
                &mut writes,
                document,
                Kind::Snapshot,
                dropped.generation,
                dropped.generation + 1,
            )?;
        }
        // What the snapshot before holds is needed no longer; what this one holds, for one more
        // generation.
        if let Some(previous) = &manifest.previous {
            let (start, _) = std::mem::replace(&mut manifest.log_start, previous.changes);
            self.remove(&mut writes, document, Kind::Change, start, previous.changes.0)?;
        }
        insert_manifest(&mut writes, document, &manifest);
        self.commit(&mut committer, writes, Seen::AtOnce)?;
        Ok(true)
    }

    fn remove(
        &self,
        writes: &mut Writes,
        document: DocumentId,
        kind: Kind,
        start: u64,
        end: u64,
    ) -> Result<(), StoreError> {
        let key = |number| part_key(document, kind, number, 0);
        for removed in self.documents.range(key(start)..key(end)).keys() {
            let removed = removed.map_err(|error| self.failed(error))?;
            if !removed.starts_with(document.as_bytes()) {
                return Err(damaged(document, "its keys are out of order"));
            }
            writes.remove(removed.to_vec());
        }
        Ok(())
    }
}

/// The changes of a turn in as few values as hold them: to sled each key costs more than its bytes.
fn runs(changes: &[StoredChange]) -> Vec<&[StoredChange]> {
    let mut runs = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, change) in changes.iter().enumerate() {
        bytes += change.bytes.len();
        if bytes > RUN_BYTES && index > start {
            runs.extend(changes.get(start..index));
            (start, bytes) = (index, change.bytes.len());
        }
    }
    runs.extend(changes.get(start..).filter(|rest| !rest.is_empty()));
    runs
}

pub(super) fn insert_manifest(writes: &mut Writes, document: DocumentId, manifest: &Manifest) {
    let key = manifest_key(document);
    let value = seal(&key, &manifest.encode());
    writes.insert(key, value);
}

fn rolled(parts: &[(Vec<u8>, Vec<u8>)]) -> Rolling {
    parts.iter().fold(Rolling::default(), |rolling, (_, value)| roll(rolling, value))
}
