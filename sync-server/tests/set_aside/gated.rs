//! A store in which checks wait until a test lets them go on: only they read what a document without
//! a snapshot begins with.

use std::sync::{Condvar, Mutex};
use sync_protocol::{DocumentId, StorageId};
use sync_server::store::{
    Append, Beginning, Compaction, RecordWrite, Records, SetAside, SledStore, Store, StoreError,
    StoredDocument,
};

pub struct Gated {
    store: SledStore,
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gated {
    pub fn around(store: SledStore) -> Self {
        Self { store, is_open: Mutex::default(), opened: Condvar::new() }
    }

    /// Checks go on from here.
    pub fn opens(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

impl Store for Gated {
    fn beginning(&self, document: DocumentId) -> Result<Beginning, StoreError> {
        let is_shut = |is_open: &mut bool| !*is_open;
        drop(self.opened.wait_while(self.is_open.lock().unwrap(), is_shut).unwrap());
        self.store.beginning(document)
    }
    fn id(&self) -> &StorageId {
        self.store.id()
    }
    fn is_durable(&self) -> bool {
        self.store.is_durable()
    }
    fn append(&self, appends: &[Append]) -> Result<(), StoreError> {
        self.store.append(appends)
    }
    fn compact(&self, compaction: &Compaction) -> Result<bool, StoreError> {
        self.store.compact(compaction)
    }
    fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError> {
        self.store.load(document)
    }
    fn set_aside(&self, aside: &SetAside) -> Result<(), StoreError> {
        self.store.set_aside(aside)
    }
    fn put_back(&self, document: DocumentId) -> Result<(), StoreError> {
        self.store.put_back(document)
    }
    fn aside(&self, document: DocumentId) -> Result<Option<SetAside>, StoreError> {
        self.store.aside(document)
    }
    fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        self.store.documents()
    }
    fn records(&self) -> Result<Records, StoreError> {
        self.store.records()
    }
    fn write_records(&self, records: &[RecordWrite]) -> Result<(), StoreError> {
        self.store.write_records(records)
    }
}
