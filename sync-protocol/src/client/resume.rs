//! What a client keeps of a relay beside the document, to go on after a restart.

use crate::bytes::{BytesError, Reader, write_hashes};
use crate::sync_message::HASHES_MAX;
use automerge::ChangeHash;

const VERSION: u8 = 1;

/// What the relay is known to have stored, to be kept beside the document.
///
/// With it, a program that starts again knows which changes wait for the relay, and its first
/// message summarises those alone. Nothing is lost without it: the relay is then told of the whole
/// history, and every change counts as pending until it has answered. Keep one for each relay; one
/// that is older than the document does no harm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resume {
    pub(super) shared_heads: Vec<ChangeHash>,
}

/// Why bytes are not what a client kept. Start without.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// No bytes at all.
    #[error("what was kept of the relay is empty")]
    Empty,
    /// Written by a later version.
    #[error("what was kept of the relay has version {found}; this build reads version {VERSION}")]
    OtherVersion {
        /// Its version.
        found: u8,
    },
    /// Cut short, or followed by something else.
    #[error("what was kept of the relay is damaged")]
    Damaged(#[source] BytesError),
    /// Bytes follow.
    #[error("what was kept of the relay is followed by {bytes} other bytes")]
    Trailing {
        /// How many.
        bytes: usize,
    },
}

impl Resume {
    /// The bytes to keep: 34 for a board that nobody edits at the same time.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        write_hashes(&mut out, &self.shared_heads);
        out
    }

    /// Reads bytes that were kept.
    ///
    /// ```
    /// use sync_protocol::client::Resume;
    /// let kept = Resume::default().encode();
    /// assert_eq!(Resume::decode(&kept), Ok(Resume::default()));
    /// assert!(Resume::decode(b"?").is_err());
    /// ```
    ///
    /// # Errors
    /// [`ResumeError`] if they are something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, ResumeError> {
        let mut reader = Reader::new(bytes);
        match reader.byte() {
            Ok(VERSION) => {}
            Ok(found) => return Err(ResumeError::OtherVersion { found }),
            Err(_) => return Err(ResumeError::Empty),
        }
        let mut shared_heads = reader.hashes(HASHES_MAX).map_err(ResumeError::Damaged)?;
        if !reader.is_empty() {
            return Err(ResumeError::Trailing { bytes: reader.rest().len() });
        }
        shared_heads.sort_unstable();
        shared_heads.dedup();
        Ok(Self { shared_heads })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_is_kept_is_read_back_and_any_other_bytes_are_an_error(
            heads in proptest::collection::btree_set(any::<[u8; 32]>(), 0..5),
            other: Vec<u8>,
            cut in 1_usize..34,
        ) {
            let resume = Resume { shared_heads: heads.into_iter().map(ChangeHash).collect() };
            let kept = resume.encode();
            prop_assert_eq!(Resume::decode(&kept), Ok(resume));
            prop_assert!(Resume::decode(&kept[..kept.len().saturating_sub(cut)]).is_err());
            prop_assert!(Resume::decode(&[&kept[..], &[0]].concat()).is_err());
            if let Ok(read) = Resume::decode(&other) {
                prop_assert!(read.encode().len() <= other.len());
            }
        }
    }
}
