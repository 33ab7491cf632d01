//! Fields: the places of a board that hold a single value, and may hold several after a merge.

use crate::ids::{CardId, ChecklistId, ColumnId, ItemId, LabelId, LinkId, MemberId};
use crate::replica::Timestamp;
use automerge::ChangeHash;
use serde::{Deserialize, Serialize};

/// A place of the board that holds a single value.
///
/// When people set it at the same time, every replica shows the same one of their values and keeps
/// the others until somebody sets it again, picks one
/// ([`Command::PickField`](crate::Command::PickField)) or keeps the one shown
/// ([`Command::KeepField`](crate::Command::KeepField)).
///
/// ```
/// use kanban_core::{CardId, Field};
/// let field = Field::CardDue { card: CardId::parse("docs")? };
/// let json = r#"{"field":"cardDue","card":"docs"}"#;
/// assert_eq!(serde_json::to_string(&field)?, json);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "each names one field of the one thing it carries the id of")]
pub enum Field {
    BoardName,
    ColumnName { column: ColumnId },
    ColumnColour { column: ColumnId },
    ColumnWipLimit { column: ColumnId },
    LabelName { label: LabelId },
    LabelColour { label: LabelId },
    MemberName { member: MemberId },
    MemberColour { member: MemberId },
    CardTitle { card: CardId },
    CardStart { card: CardId },
    CardDue { card: CardId },
    CardDone { card: CardId },
    CardCover { card: CardId },
    ChecklistName { card: CardId, checklist: ChecklistId },
    ItemText { card: CardId, item: ItemId },
    ItemDone { card: CardId, item: ItemId },
    LinkUrl { card: CardId, link: LinkId },
    LinkName { card: CardId, link: LinkId },
}

/// A value of a [`Field`].
///
/// ```
/// use kanban_core::FieldValue;
/// assert_eq!(serde_json::to_string(&FieldValue::Text("red".into()))?, "\"red\"");
/// assert_eq!(serde_json::from_str::<FieldValue>("3")?, FieldValue::Count(3));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum FieldValue {
    /// Done or not.
    Flag(bool),
    /// A limit.
    Count(u64),
    /// A title, name, colour, date or address.
    Text(String),
}

impl std::fmt::Display for FieldValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FieldValue::Flag(true) => f.write_str("yes"),
            FieldValue::Flag(false) => f.write_str("no"),
            FieldValue::Count(count) => count.fmt(f),
            FieldValue::Text(text) => f.write_str(text),
        }
    }
}

/// One of the values that people gave a field without knowing of each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FieldChoice {
    /// The value.
    pub value: FieldValue,
    /// Whether it is the one shown.
    pub shown: bool,
    /// Who set it, as given to [`Replica::by`](crate::Replica::by).
    pub author: Option<Vec<u8>>,
    /// When, by their clock.
    pub at: Timestamp,
    /// The change that recorded it.
    #[serde(serialize_with = "hash_as_text")]
    pub change: ChangeHash,
}

pub(crate) fn hash_as_text<S: serde::Serializer>(
    hash: &ChangeHash,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(hash)
}

/// A part of a card that [`BoardEvent::CardEdited`](crate::BoardEvent::CardEdited) names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is the field of Card with that name")]
pub enum CardField {
    Title,
    Description,
    Labels,
    Assignees,
    Start,
    Due,
    Done,
    Cover,
    Checklists,
    Comments,
    Links,
}
