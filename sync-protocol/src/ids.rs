//! Names of peers, storages, ephemeral sessions and documents.

use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use std::fmt;

/// The longest peer, storage or session id in bytes.
///
/// automerge-repo makes ids of some 20 to 60 characters out of host names, process names and
/// random digits; a host name alone may have 253.
pub const ID_BYTES_MAX: usize = 512;

const DOCUMENT_ID_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 4;

/// 20 bytes are at most 28 characters of base 58.
const DOCUMENT_ID_CHARS_MAX: usize = 28;

/// Why a text is not the id of a peer, a storage or a session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// No characters at all.
    #[error("an id has at least one character")]
    Empty,
    /// Longer than ids are.
    #[error("an id has at most {ID_BYTES_MAX} bytes, this one has {bytes}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

/// Why something is not the id of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentIdError {
    /// Not base 58, or far too long.
    #[error("a document id is at most {DOCUMENT_ID_CHARS_MAX} characters of base 58")]
    NotBase58,
    /// The wrong number of bytes.
    #[error("a document id has {DOCUMENT_ID_BYTES} bytes, this one has {bytes}")]
    WrongLength {
        /// How many it has.
        bytes: usize,
    },
    /// Mistyped or cut short: the checksum is not that of the id.
    #[error("the document id is mistyped: its checksum does not match")]
    WrongChecksum,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Any text of 1 to 512 bytes: other programs choose it. `Display` escapes control
        /// characters, so an id can be logged.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// Reads an id from text.
            ///
            /// # Errors
            /// [`IdError`] if the text is empty or has more than 512 bytes.
            ///
            #[doc = concat!("```\nuse sync_protocol::", stringify!($name), ";\n")]
            #[doc = concat!("assert!(", stringify!($name), "::parse(\"alice\").is_ok());\n")]
            #[doc = concat!("assert!(", stringify!($name), "::parse(\"\").is_err());\n```")]
            pub fn parse(text: &str) -> Result<Self, IdError> {
                match text.len() {
                    0 => Err(IdError::Empty),
                    bytes if bytes > ID_BYTES_MAX => Err(IdError::TooLong { bytes }),
                    _ => Ok(Self(SmolStr::new(text))),
                }
            }

            /// The id as it travels.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.escape_debug())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }
    };
}

text_id! {
    /// Names one end of a connection. It is a name, not a proof: anybody can claim it.
    PeerId
}
text_id! {
    /// Names a storage that outlives connections; peers that share one share what they have.
    StorageId
}
text_id! {
    /// Names one run of an author of ephemeral messages, whose count starts anew with it.
    SessionId
}

/// Names a document: 16 bytes, written as base 58 with a checksum.
///
/// ```
/// use sync_protocol::DocumentId;
/// let id = DocumentId::from_bytes([7; 16]);
/// assert_eq!(id.to_string().parse(), Ok(id));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId([u8; DOCUMENT_ID_BYTES]);

impl DocumentId {
    /// The document with these bytes. A new document's bytes are random, drawn by the caller.
    pub const fn from_bytes(bytes: [u8; DOCUMENT_ID_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes that the text stands for.
    pub const fn as_bytes(&self) -> &[u8; DOCUMENT_ID_BYTES] {
        &self.0
    }

    /// Reads the id from its text, without the `automerge:` of a
    /// [`DocumentUrl`](crate::DocumentUrl).
    ///
    /// Every id has one text: two texts are two documents.
    ///
    /// # Errors
    /// [`DocumentIdError`] unless the text is 16 bytes with their checksum in base 58.
    pub fn parse(text: &str) -> Result<Self, DocumentIdError> {
        if text.len() > DOCUMENT_ID_CHARS_MAX {
            return Err(DocumentIdError::NotBase58);
        }
        checked_base58(text)?.as_slice().try_into()
    }
}

impl TryFrom<&[u8]> for DocumentId {
    type Error = DocumentIdError;

    fn try_from(bytes: &[u8]) -> Result<Self, DocumentIdError> {
        let wrong_length = |_| DocumentIdError::WrongLength { bytes: bytes.len() };
        bytes.try_into().map(Self).map_err(wrong_length)
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base58_with_checksum(&self.0))
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentId({self})")
    }
}

impl std::str::FromStr for DocumentId {
    type Err = DocumentIdError;
    fn from_str(text: &str) -> Result<Self, DocumentIdError> {
        Self::parse(text)
    }
}

/// Writes bytes as automerge-repo writes ids and heads.
pub(crate) fn base58_with_checksum(payload: &[u8]) -> String {
    let mut bytes = payload.to_vec();
    bytes.extend(checksum(payload));
    bs58::encode(bytes).into_string()
}

/// Reads bytes that end in their checksum. The caller bounds the length: base 58 is quadratic.
pub(crate) fn checked_base58(text: &str) -> Result<Vec<u8>, DocumentIdError> {
    let mut bytes = bs58::decode(text).into_vec().map_err(|_| DocumentIdError::NotBase58)?;
    let Some(length) = bytes.len().checked_sub(CHECKSUM_BYTES) else {
        return Err(DocumentIdError::NotBase58);
    };
    let found = bytes.split_off(length);
    if found == checksum(&bytes) { Ok(bytes) } else { Err(DocumentIdError::WrongChecksum) }
}

fn checksum(payload: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(Sha256::digest(payload)).into();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_document_id_is_base_58_of_its_bytes_and_a_double_sha_256() {
        // Worked out by another implementation of base 58 and SHA-256.
        let known = [
            (std::array::from_fn(|index| index as u8), "1Bhh3pU9gLXZiNDL6PEa1Gs9fh"),
            (std::array::from_fn(|index| 16 + index as u8), "Dyz4uJxJcoxYmaZWQnRcx7wcnFF"),
            ([255; 16], "4ZrjxJnU1LA5xSyrWMNuXTozYEvA"),
            ([0; 16], "11111111111111114Ki9Gx"),
        ];
        for (bytes, text) in known {
            assert_eq!(DocumentId::from_bytes(bytes).to_string(), text);
            assert_eq!(DocumentId::parse(text), Ok(DocumentId::from_bytes(bytes)));
        }
    }

    #[test]
    fn a_mistyped_document_id_is_not_another_document() {
        let text = DocumentId::from_bytes([9; 16]).to_string();
        for index in 0..text.len() {
            let mut typed = text.clone().into_bytes();
            typed[index] = if typed[index] == b'a' { b'b' } else { b'a' };
            assert!(DocumentId::parse(std::str::from_utf8(&typed).unwrap()).is_err());
        }
        for text in ["", "1", "0OIl", "ü", &"1".repeat(28), &"z".repeat(1_000_000)] {
            assert!(DocumentId::parse(text).is_err());
        }
    }

    #[test]
    fn an_id_with_a_line_break_cannot_forge_a_line_of_the_log() {
        let id = PeerId::parse("a\nERROR b").unwrap();
        assert_eq!(id.to_string(), "a\\nERROR b");
        assert_eq!(id.as_str(), "a\nERROR b");
    }

    #[test]
    fn ids_have_one_to_512_bytes() {
        assert_eq!(PeerId::parse(""), Err(IdError::Empty));
        assert!(StorageId::parse(&"x".repeat(512)).is_ok());
        assert_eq!(SessionId::parse(&"x".repeat(513)), Err(IdError::TooLong { bytes: 513 }));
    }

    proptest! {
        #[test]
        fn every_document_id_is_read_back_from_its_text(bytes: [u8; 16]) {
            let id = DocumentId::from_bytes(bytes);
            prop_assert!((16..=28).contains(&id.to_string().len()));
            prop_assert_eq!(DocumentId::parse(&id.to_string()), Ok(id));
        }

        #[test]
        fn one_document_has_one_text(text in "[1-9A-HJ-NP-Za-km-z]{20,28}") {
            if let Ok(id) = DocumentId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
