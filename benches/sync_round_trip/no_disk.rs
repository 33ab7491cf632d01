//! A store that costs nothing and says that it keeps everything: the rest is the relay's own.

use sync_protocol::{DocumentId, StorageId};
use sync_server::store::{
    Append, Beginning, Compaction, MemoryStore, RecordWrite, Records, SetAside, Store, StoreError,
    StoredDocument,
};

#[derive(Default)]
pub struct NoDisk(MemoryStore);

impl Store for NoDisk {
    fn id(&self) -> &StorageId {
        self.0.id()
    }
    fn append(&self, appends: &[Append]) -> Result<(), StoreError> {
        self.0.append(appends)
    }
    fn is_durable(&self) -> bool {
        true
    }
    fn compact(&self, compaction: &Compaction) -> Result<bool, StoreError> {
        self.0.compact(compaction)
    }
    fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError> {
        self.0.load(document)
    }
    fn beginning(&self, document: DocumentId) -> Result<Beginning, StoreError> {
        self.0.beginning(document)
    }
    fn set_aside(&self, aside: &SetAside) -> Result<(), StoreError> {
        self.0.set_aside(aside)
    }
    fn put_back(&self, document: DocumentId) -> Result<(), StoreError> {
        self.0.put_back(document)
    }
    fn aside(&self, document: DocumentId) -> Result<Option<SetAside>, StoreError> {
        self.0.aside(document)
    }
    fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        self.0.documents()
    }
    fn records(&self) -> Result<Records, StoreError> {
        self.0.records()
    }
    fn write_records(&self, records: &[RecordWrite]) -> Result<(), StoreError> {
        self.0.write_records(records)
    }
}
