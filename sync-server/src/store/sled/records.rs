//! What is kept beside the documents, in the same tree and by the same commits.

use super::SledStore;
use super::commit::Seen;
use super::writes::Writes;
use crate::store::record::{RECORDS, record_key, seal, unseal};
use crate::store::{RecordWrite, Records, StoreError};

impl SledStore {
    pub(super) fn read_records(&self) -> Result<Records, StoreError> {
        let prefix = record_key(&[]);
        let entries = self.documents.scan_prefix(&prefix);
        let record = |entry: sled::Result<(sled::IVec, sled::IVec)>| {
            let (key, value) = entry.map_err(|error| self.failed(error))?;
            let content = unseal(&key, &value).ok_or_else(|| self.damaged_records())?;
            let key = key.strip_prefix(&*prefix).ok_or_else(|| self.damaged_records())?;
            Ok((key.to_vec(), content.to_vec()))
        };
        entries.map(record).collect()
    }

    fn damaged_records(&self) -> StoreError {
        let details = "a record is not what was stored".to_owned();
        StoreError::DamagedDirectory { path: self.path.clone(), details }
    }

    pub(super) fn store_records(&self, records: &[RecordWrite]) -> Result<(), StoreError> {
        let mut writes = Writes::default();
        for (key, value) in records {
            let key = record_key(key);
            match value {
                Some(value) => writes.insert(key.clone(), seal(&key, value)),
                None => writes.remove(key),
            }
        }
        self.commit(&mut self.committer(), writes, Seen::AtOnce)
    }

    /// As they are stored, to be copied.
    pub(super) fn raw_records(&self) -> Result<Vec<(sled::IVec, sled::IVec)>, StoreError> {
        // Nobody writes meanwhile, so they are of one moment.
        let _nobody_writes = self.committer();
        let values = self.documents.scan_prefix(RECORDS);
        values.collect::<Result<_, _>>().map_err(|error| self.failed(error))
    }
}
