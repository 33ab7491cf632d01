//! Documents in memory: the reference that the durable store is compared with, and what tests and
//! simulations use.

use super::{Append, Store, StoreError, StoredDocument, identity};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use sync_protocol::{DocumentId, StorageId};

/// Keeps documents until the process ends.
///
/// ```
/// use sync_server::store::{Append, MemoryStore, Store};
/// use sync_protocol::DocumentId;
/// let store = MemoryStore::default();
/// let document = DocumentId::from_bytes([7; 16]);
/// store.append(&[Append { document, chunks: vec![b"chunk"[..].into()], heads: vec![] }])?;
/// assert_eq!(store.load(document)?.unwrap().chunks, [b"chunk".to_vec()]);
/// # Ok::<(), sync_server::store::StoreError>(())
/// ```
#[derive(Debug)]
pub struct MemoryStore {
    id: StorageId,
    documents: Mutex<BTreeMap<DocumentId, StoredDocument>>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self { id: identity::draw(), documents: Mutex::default() }
    }
}

impl MemoryStore {
    fn documents(&self) -> MutexGuard<'_, BTreeMap<DocumentId, StoredDocument>> {
        // Every change to the map is complete before the guard is dropped.
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn id(&self) -> &StorageId {
        &self.id
    }

    fn append(&self, appends: &[Append]) -> Result<(), StoreError> {
        let mut documents = self.documents();
        for append in appends {
            let stored = documents.entry(append.document).or_default();
            stored.chunks.extend(append.chunks.iter().map(|chunk| chunk.to_vec()));
            stored.heads.clone_from(&append.heads);
        }
        Ok(())
    }

    fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError> {
        Ok(self.documents().get(&document).cloned())
    }

    fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        Ok(self.documents().keys().copied().collect())
    }
}
