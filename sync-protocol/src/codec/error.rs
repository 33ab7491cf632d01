//! Why a frame is not a message.

use super::{FRAME_BYTES_MAX, KEYS_MAX, NESTING_MAX};
use crate::ids::{DocumentIdError, IdError};

/// Why a frame is not a message of this protocol. Its sender is broken or hostile: close the
/// connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// More bytes than a frame may have.
    #[error("the frame has {bytes} bytes, at most {FRAME_BYTES_MAX} are accepted")]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// The frame ends inside a value.
    #[error("the frame is cut short")]
    CutShort,
    /// A byte that no CBOR value has there.
    #[error("the frame is not CBOR from byte {position} on")]
    NotCbor {
        /// Where, counted from 0.
        position: usize,
    },
    /// CBOR, but not a map.
    #[error("the frame is not a CBOR map")]
    NotAMap,
    /// More bytes after the map.
    #[error("the frame goes on after its map, at byte {position}")]
    TrailingBytes {
        /// Where, counted from 0.
        position: usize,
    },
    /// Values inside values inside values.
    #[error("values are nested more than {NESTING_MAX} deep at byte {position}")]
    TooDeep {
        /// Where, counted from 0.
        position: usize,
    },
    /// A map with more keys than any message has.
    #[error("a map has more than {KEYS_MAX} keys")]
    TooManyKeys,
    /// One key of a map twice: two readers may see two messages.
    #[error("a map has the same key twice, at byte {position}")]
    RepeatedKey {
        /// Where its second value starts, counted from 0.
        position: usize,
    },
    /// A map, but not one of automerge-repo's.
    #[error("the map has no `type`: it is not a message of automerge-repo")]
    NoType,
    /// A field that this type of message needs.
    #[error("the message has no `{field}`")]
    MissingField {
        /// Its name.
        field: &'static str,
    },
    /// A field that holds something else.
    #[error("`{field}` is not {expected}")]
    WrongType {
        /// Its name.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A list with more entries than any client sends.
    #[error("`{field}` has more than {max} entries")]
    TooMany {
        /// Its name.
        field: &'static str,
        /// How many it may have.
        max: usize,
    },
    /// A text that is no id.
    #[error("`{field}` is not an id")]
    NotAnId {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        source: IdError,
    },
    /// A text or bytes that name no document.
    #[error("`documentId` names no document")]
    NotADocumentId(#[source] DocumentIdError),
}

impl From<minicbor::decode::Error> for DecodeError {
    fn from(error: minicbor::decode::Error) -> Self {
        if error.is_end_of_input() {
            return Self::CutShort;
        }
        Self::NotCbor { position: error.position().unwrap_or(0) }
    }
}
