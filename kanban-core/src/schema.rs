//! The document schema, version 1: names of keys and the genesis change.
//!
//! `docs/document.md` describes it for people who open a board with plain Automerge.

use automerge::{ActorId, ChangeHash, ObjId};

/// The schema this build reads and writes.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// use automerge::ReadDoc;
/// let version = board.document().get(automerge::ROOT, "v")?.and_then(|(value, _)| value.to_u64());
/// assert_eq!(version, Some(SCHEMA_VERSION));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const SCHEMA_VERSION: u64 = 1;

/// The first change of every board, the same bytes for all of them: `v`, `meta` with its empty
/// description, and the maps `labels`, `members`, `cols`, `cards`.
///
/// Two replicas that each created `cards` would hide each other's whole map, so nobody creates it:
/// it is here. The bytes are embedded because a change made by code can change its hash when the
/// code changes. They are frozen; a later schema adds a second change.
#[rustfmt::skip]
pub(crate) const GENESIS: [u8; 115] = [
    0x85, 0x6f, 0x4a, 0x83, 0xf6, 0xac, 0xa7, 0x4e, 0x01, 0x69, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x00,
    0x00, 0x08, 0x01, 0x06, 0x02, 0x06, 0x15, 0x27, 0x34, 0x01, 0x42, 0x06, 0x56, 0x04, 0x57, 0x01,
    0x70, 0x02, 0x00, 0x02, 0x7f, 0x00, 0x00, 0x04, 0x00, 0x02, 0x7f, 0x02, 0x00, 0x04, 0x79, 0x01,
    0x76, 0x04, 0x6d, 0x65, 0x74, 0x61, 0x04, 0x64, 0x65, 0x73, 0x63, 0x06, 0x6c, 0x61, 0x62, 0x65,
    0x6c, 0x73, 0x07, 0x6d, 0x65, 0x6d, 0x62, 0x65, 0x72, 0x73, 0x04, 0x63, 0x6f, 0x6c, 0x73, 0x05,
    0x63, 0x61, 0x72, 0x64, 0x73, 0x07, 0x7d, 0x01, 0x00, 0x04, 0x04, 0x00, 0x7f, 0x13, 0x06, 0x00,
    0x01, 0x07, 0x00,
];

/// The hash of [`GENESIS`].
#[rustfmt::skip]
pub(crate) const GENESIS_HASH: ChangeHash = ChangeHash([
    0xf6, 0xac, 0xa7, 0x4e, 0xa4, 0x23, 0x67, 0x1d, 0x47, 0x46, 0x15, 0xbc, 0xd7, 0x6a, 0x69, 0xe0,
    0x3f, 0x21, 0x2d, 0x9c, 0xa8, 0xba, 0xa4, 0x73, 0xec, 0x8a, 0x51, 0x58, 0x5f, 0xcc, 0x77, 0x47,
]);

/// An object that the genesis change made, by the number of its operation.
fn genesis_object(operation: u64) -> ObjId {
    ObjId::Id(operation, ActorId::from([0; 16]), 0)
}

pub(crate) fn meta_object() -> ObjId {
    genesis_object(2)
}

/// The `Text` of the board's description.
pub(crate) fn description_object() -> ObjId {
    genesis_object(3)
}

pub(crate) fn labels_object() -> ObjId {
    genesis_object(4)
}

pub(crate) fn members_object() -> ObjId {
    genesis_object(5)
}

pub(crate) fn columns_object() -> ObjId {
    genesis_object(6)
}

pub(crate) fn cards_object() -> ObjId {
    genesis_object(7)
}

/// Keys of the document's maps.
pub(crate) mod key {
    pub const VERSION: &str = "v";
    pub const BOARD: &str = "board";
    pub const NAME: &str = "name";
    pub const TITLE: &str = "title";
    pub const DESCRIPTION: &str = "desc";
    pub const POS: &str = "pos";
    pub const ORD: &str = "ord";
    pub const TOUCH: &str = "touch";
    pub const TRASH: &str = "trash";
    pub const SHELF: &str = "shelf";
    pub const WIP: &str = "wip";
    pub const COLOUR: &str = "colour";
    pub const START: &str = "start";
    pub const DUE: &str = "due";
    pub const DONE: &str = "done";
    pub const COVER: &str = "cover";
    pub const GONE: &str = "gone";
    pub const TEXT: &str = "text";
    pub const BY: &str = "by";
    pub const AT: &str = "at";
    pub const URL: &str = "url";
    /// Where a card or board came from, or went.
    pub const ORIGIN: &str = "origin";
    pub const SUCCESSOR: &str = "successor";
    /// `l:<LabelId>` is `true` while a card has the label.
    pub const LABEL_PREFIX: &str = "l:";
    /// `m:<MemberId>` is `true` while a card is assigned to the member.
    pub const MEMBER_PREFIX: &str = "m:";
    /// `kl:<ChecklistId>`, `k:<ItemId>`, `c:<CommentId>`, `u:<LinkId>` hold a map each.
    pub const CHECKLIST_PREFIX: &str = "kl:";
    pub const ITEM_PREFIX: &str = "k:";
    pub const COMMENT_PREFIX: &str = "c:";
    pub const LINK_PREFIX: &str = "u:";
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::{Automerge, ObjType, ROOT, ReadDoc, Value};

    fn kind(document: &Automerge, parent: &ObjId, key: &str) -> (ObjType, ObjId) {
        match document.get(parent, key).unwrap().unwrap() {
            (Value::Object(kind), id) => (kind, id),
            (other, _) => panic!("{key} is {other:?}"),
        }
    }

    #[test]
    fn the_genesis_bytes_hold_every_map_of_the_schema() {
        let document = Automerge::load(&GENESIS).unwrap();
        assert_eq!(document.get_heads(), vec![GENESIS_HASH]);
        let (version, _) = document.get(ROOT, key::VERSION).unwrap().unwrap();
        assert_eq!(version.as_u64(), Some(SCHEMA_VERSION));
        for name in ["meta", "labels", "members", "cols", "cards"] {
            assert_eq!(kind(&document, &ROOT, name).0, ObjType::Map, "{name}");
        }
        assert_eq!(kind(&document, &ROOT, "meta").1, meta_object());
        assert_eq!(kind(&document, &ROOT, "labels").1, labels_object());
        assert_eq!(kind(&document, &ROOT, "members").1, members_object());
        assert_eq!(kind(&document, &meta_object(), key::DESCRIPTION).1, description_object());
        assert_eq!(kind(&document, &ROOT, "cols").1, columns_object());
        assert_eq!(kind(&document, &ROOT, "cards").1, cards_object());
        assert_eq!(kind(&document, &meta_object(), key::DESCRIPTION).0, ObjType::Text);
    }
}
