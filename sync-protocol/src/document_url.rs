//! Addresses of documents as people pass them on.

use crate::ids::{DocumentId, DocumentIdError, base58_with_checksum, checked_base58};
use automerge::ChangeHash;
use std::fmt;

/// The longest address in bytes: some 150 heads. Links are shared by hand.
pub const URL_BYTES_MAX: usize = 8 * 1024;

/// 36 bytes are at most 50 characters of base 58.
const HEAD_CHARS_MAX: usize = 50;

const SCHEME: &str = "automerge:";

/// A document's address, `automerge:<id>`, optionally at certain heads: `automerge:<id>#<head>|…`.
///
/// ```
/// use sync_protocol::{DocumentId, DocumentUrl};
/// let url = DocumentUrl::from(DocumentId::from_bytes([7; 16]));
/// assert!(url.to_string().starts_with("automerge:"));
/// assert_eq!(url.to_string().parse(), Ok(url));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentUrl {
    /// Which document.
    pub document: DocumentId,
    /// At which point of its history; `None` for the latest.
    pub heads: Option<Vec<ChangeHash>>,
}

/// Why a text is not the address of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// Not an address of this kind.
    #[error("a document's address starts with `automerge:`")]
    OtherScheme,
    /// Longer than addresses are.
    #[error("a document's address has at most {URL_BYTES_MAX} bytes, this one has {bytes}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The part that names the document is damaged.
    #[error("the address names no document")]
    Document(#[source] DocumentIdError),
    /// A head is damaged.
    #[error("head {index} of the address is not the hash of a change")]
    Head {
        /// Which, counted from 0.
        index: usize,
    },
}

impl DocumentUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`UrlError`] with the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.len() > URL_BYTES_MAX {
            return Err(UrlError::TooLong { bytes: text.len() });
        }
        let rest = text.strip_prefix(SCHEME).ok_or(UrlError::OtherScheme)?;
        let (id, heads) = match rest.split_once('#') {
            Some((id, heads)) => (id, Some(heads)),
            None => (rest, None),
        };
        let document = DocumentId::parse(id).map_err(UrlError::Document)?;
        let heads = heads.map(|heads| {
            let heads = heads.split('|').enumerate();
            heads.map(|(index, head)| parse_head(head).ok_or(UrlError::Head { index })).collect()
        });
        Ok(Self { document, heads: heads.transpose()? })
    }
}

impl From<DocumentId> for DocumentUrl {
    fn from(document: DocumentId) -> Self {
        Self { document, heads: None }
    }
}

impl fmt::Display for DocumentUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.document)?;
        for (index, head) in self.heads.iter().flatten().enumerate() {
            write!(f, "{}{}", if index == 0 { '#' } else { '|' }, head_to_text(head))?;
        }
        Ok(())
    }
}

impl std::str::FromStr for DocumentUrl {
    type Err = UrlError;
    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text)
    }
}

/// Reads a head as addresses and `remote-heads-changed` carry it.
pub(crate) fn parse_head(text: &str) -> Option<ChangeHash> {
    if text.len() > HEAD_CHARS_MAX {
        return None;
    }
    checked_base58(text).ok()?.try_into().ok().map(ChangeHash)
}

/// Writes a head as addresses and `remote-heads-changed` carry it.
pub(crate) fn head_to_text(head: &ChangeHash) -> String {
    base58_with_checksum(&head.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> DocumentId {
        DocumentId::from_bytes([3; 16])
    }

    #[test]
    fn an_address_with_heads_is_read_back_from_its_text() {
        let heads = vec![ChangeHash([0; 32]), ChangeHash([255; 32])];
        let url = DocumentUrl { document: document(), heads: Some(heads) };
        assert_eq!(url.to_string().parse(), Ok(url));
    }

    #[test]
    fn a_damaged_address_says_which_part_is_wrong() {
        let id = document();
        assert_eq!(DocumentUrl::parse(&id.to_string()), Err(UrlError::OtherScheme));
        assert!(matches!(DocumentUrl::parse("automerge:"), Err(UrlError::Document(_))));
        let head = head_to_text(&ChangeHash([1; 32]));
        assert_eq!(
            DocumentUrl::parse(&format!("automerge:{id}#{head}|{id}")),
            Err(UrlError::Head { index: 1 })
        );
        assert_eq!(
            DocumentUrl::parse(&format!("automerge:{id}#")),
            Err(UrlError::Head { index: 0 })
        );
        let long = format!("automerge:{id}#{}", "1".repeat(URL_BYTES_MAX));
        assert!(matches!(DocumentUrl::parse(&long), Err(UrlError::TooLong { .. })));
    }
}
