//! Opening saved bytes: everything that a file can be instead of a board.

use crate::error::OpenError;
use crate::ids::BoardId;
use crate::read::{Reader, Stored};
use crate::replica::TextUnit;
use crate::schema::{GENESIS_HASH, SCHEMA_VERSION, key, meta_object};
use automerge::{Automerge, LoadOptions, ObjId, ReadDoc};

/// The first bytes of every Automerge chunk.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// Loads a document from bytes that may be anything.
pub(crate) fn load(bytes: &[u8], unit: TextUnit) -> Result<Automerge, OpenError> {
    if bytes.is_empty() {
        // Automerge takes this for an empty document.
        return Err(OpenError::Empty);
    }
    if !bytes.starts_with(MAGIC.get(..bytes.len().min(4)).unwrap_or(&MAGIC)) {
        let first: Vec<String> = bytes.iter().take(4).map(|b| format!("{b:02x}")).collect();
        return Err(OpenError::NotAutomerge { found: first.join(" ") });
    }
    let options = LoadOptions::new().text_encoding(unit.into());
    let document = Automerge::load_with_options(bytes, options)
        .map_err(|error| OpenError::Damaged { bytes: bytes.len(), source: Box::new(error) })?;
    let missing = document.get_missing_deps(&[]).len();
    if missing > 0 {
        return Err(OpenError::Incomplete { missing });
    }
    Ok(document)
}

/// Makes sure that a document is a board, and says which.
pub(crate) fn check_document(document: &Automerge) -> Result<BoardId, OpenError> {
    if document.get_change_meta_by_hash(&GENESIS_HASH).is_none() {
        return Err(OpenError::NotABoard);
    }
    let reader = Reader::now(document);
    let id = reader.values(&meta_object(), key::BOARD);
    let id = id.last().and_then(|value| value.text(reader));
    id.and_then(|id| BoardId::parse(&id).ok()).ok_or(OpenError::NoBoardId)
}

/// The schema that a document says it has.
pub(crate) fn schema_of(document: &Automerge) -> u64 {
    let version = Reader::now(document).values(&ObjId::Root, key::VERSION);
    let found = version.iter().filter_map(|value| match value {
        Stored::Count(version) => Some(*version),
        _ => None,
    });
    found.max().unwrap_or(SCHEMA_VERSION)
}
