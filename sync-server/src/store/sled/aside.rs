//! The note that a document is set aside: one key beside the others of the document, so that whatever
//! copies the document copies the note.
//!
//! The manifest does not count it. If sled lost the key, the document would be in service again until
//! the relay looks at it once more, when somebody opens it.

use super::commit::Seen;
use super::writes::Writes;
use super::{SledStore, damaged};
use crate::store::record::{aside_key, manifest_key, seal, unseal};
use crate::store::{SetAside, StoreError};
use sync_protocol::DocumentId;

/// Longer reasons are cut: a value must not exceed what sled keeps in its log.
const REASON_CHARACTERS_MAX: usize = 1000;

impl SledStore {
    pub(super) fn write_aside(&self, aside: &SetAside) -> Result<(), StoreError> {
        if !self.holds(&manifest_key(aside.document))? {
            return Ok(());
        }
        let key = aside_key(aside.document);
        let mut content = (aside.changes as u64).to_be_bytes().to_vec();
        let reason: String = aside.reason.chars().take(REASON_CHARACTERS_MAX).collect();
        content.extend_from_slice(reason.as_bytes());
        let mut writes = Writes::default();
        writes.insert(key.clone(), seal(&key, &content));
        self.commit(&mut self.committer(), writes, Seen::AtOnce)
    }

    pub(super) fn remove_aside(&self, document: DocumentId) -> Result<(), StoreError> {
        let key = aside_key(document);
        if !self.holds(&key)? {
            return Ok(());
        }
        let mut writes = Writes::default();
        writes.remove(key);
        self.commit(&mut self.committer(), writes, Seen::AtOnce)
    }

    fn holds(&self, key: &[u8]) -> Result<bool, StoreError> {
        self.documents.contains_key(key).map_err(|error| self.failed(error))
    }

    pub(super) fn read_aside(&self, document: DocumentId) -> Result<Option<SetAside>, StoreError> {
        let key = aside_key(document);
        let Some(value) = self.documents.get(&key).map_err(|error| self.failed(error))? else {
            return Ok(None);
        };
        let aside = unseal(&key, &value).and_then(|content| {
            let (changes, reason) = content.split_first_chunk()?;
            let changes = usize::try_from(u64::from_be_bytes(*changes)).ok()?;
            let reason = String::from_utf8(reason.to_vec()).ok()?;
            Some(SetAside { document, changes, reason })
        });
        aside.map(Some).ok_or_else(|| {
            damaged(document, "it was set aside, and the note that says why cannot be read")
        })
    }
}
