//! Documents in memory: the reference that the durable store is compared with, and what tests and
//! simulations use.

use super::{
    Append, Beginning, Compaction, Mark, RecordWrite, Records, SetAside, Snapshot, SnapshotInfo,
    Store, StoreError, StoredDocument, identity,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use sync_protocol::{DocumentId, StorageId};

/// Keeps documents until the process ends.
///
/// ```
/// use sync_server::store::{Append, MemoryStore, Store};
/// use sync_protocol::DocumentId;
/// let store = MemoryStore::default();
/// let document = DocumentId::from_bytes([7; 16]);
/// store.append(&[Append { document, changes: vec![], heads: vec![] }])?;
/// assert_eq!(store.load(document)?.unwrap().log, []);
/// # Ok::<(), sync_server::store::StoreError>(())
/// ```
#[derive(Debug)]
pub struct MemoryStore {
    id: StorageId,
    documents: Mutex<BTreeMap<DocumentId, Kept>>,
    aside: Mutex<BTreeMap<DocumentId, SetAside>>,
    records: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
}

#[derive(Debug, Default)]
struct Kept {
    stored: StoredDocument,
    snapshot: Option<Arc<[u8]>>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        let (documents, aside, records) = Default::default();
        Self { id: identity::draw(), documents, aside, records }
    }
}

impl MemoryStore {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<DocumentId, Kept>> {
        // Every change to the map is complete before the guard is dropped.
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept_aside(&self) -> MutexGuard<'_, BTreeMap<DocumentId, SetAside>> {
        // As above.
        self.aside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept_records(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Vec<u8>>> {
        // As above.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn id(&self) -> &StorageId {
        &self.id
    }

    fn is_durable(&self) -> bool {
        false
    }

    fn append(&self, appends: &[Append]) -> Result<(), StoreError> {
        let mut documents = self.kept();
        for append in appends {
            let stored = &mut documents.entry(append.document).or_default().stored;
            stored.log.extend(append.changes.iter().cloned());
            stored.heads.clone_from(&append.heads);
            stored.mark.changes += append.changes.len();
        }
        Ok(())
    }

    fn compact(&self, compaction: &Compaction) -> Result<bool, StoreError> {
        let mut documents = self.kept();
        let Some(kept) = documents.get_mut(&compaction.document) else {
            return Ok(false);
        };
        let Mark { changes, .. } = compaction.mark;
        let stored = &mut kept.stored;
        if changes > stored.mark.changes || changes <= stored.snapshot_changes() {
            return Ok(false);
        }
        // Nothing is ever damaged here, so what the snapshot replaces need not be kept.
        stored.log.drain(..changes - stored.log_start);
        stored.log_start = changes;
        stored.index.clone_from(&compaction.index);
        stored.snapshot = Some(SnapshotInfo { changes, bytes: compaction.snapshot.len() });
        kept.snapshot = Some(compaction.snapshot.clone());
        Ok(true)
    }

    fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError> {
        Ok(self.kept().get(&document).map(|kept| kept.stored.clone()))
    }

    fn beginning(&self, document: DocumentId) -> Result<Beginning, StoreError> {
        let documents = self.kept();
        let snapshot = documents.get(&document).and_then(|kept| {
            let changes = kept.stored.snapshot_changes();
            kept.snapshot.clone().map(|bytes| Snapshot { changes, bytes })
        });
        Ok(Beginning { snapshot, changes: Vec::new() })
    }

    fn set_aside(&self, aside: &SetAside) -> Result<(), StoreError> {
        if self.kept().contains_key(&aside.document) {
            self.kept_aside().insert(aside.document, aside.clone());
        }
        Ok(())
    }

    fn put_back(&self, document: DocumentId) -> Result<(), StoreError> {
        self.kept_aside().remove(&document);
        Ok(())
    }

    fn aside(&self, document: DocumentId) -> Result<Option<SetAside>, StoreError> {
        Ok(self.kept_aside().get(&document).cloned())
    }

    fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        Ok(self.kept().keys().copied().collect())
    }

    fn records(&self) -> Result<Records, StoreError> {
        let records = self.kept_records();
        Ok(records.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn write_records(&self, records: &[RecordWrite]) -> Result<(), StoreError> {
        let mut kept = self.kept_records();
        for (key, value) in records {
            match value {
                Some(value) => _ = kept.insert(key.clone(), value.clone()),
                None => _ = kept.remove(key),
            }
        }
        Ok(())
    }
}
