//! Fields: the places of a board that hold a single value, and may hold several after a merge.

use crate::ids::{CardId, ChecklistId, ColumnId, ItemId, LabelId, LinkId, MemberId};
use crate::replica::Timestamp;
use crate::tagged::tagged;
use automerge::ChangeHash;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

tagged! { "field";
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
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
}

/// A value of a [`Field`].
///
/// ```
/// use kanban_core::FieldValue;
/// assert_eq!(serde_json::to_string(&FieldValue::Text("red".into()))?, "\"red\"");
/// assert_eq!(serde_json::from_str::<FieldValue>("3")?, FieldValue::Count(3));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
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

// What serde derives for an untagged enum tries one variant after another on a copy.
impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl Visitor<'_> for AnyValue {
    type Value = FieldValue;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a flag, a count or a text")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<FieldValue, E> {
        Ok(FieldValue::Flag(flag))
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<FieldValue, E> {
        Ok(FieldValue::Count(count))
    }

    fn visit_i64<E: Error>(self, count: i64) -> Result<FieldValue, E> {
        let refused = |_| E::invalid_value(Unexpected::Signed(count), &self);
        count.try_into().map(FieldValue::Count).map_err(refused)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(text.to_owned()))
    }
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
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut ana = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// # let mut ben = ana.fork(Replica::new(ActorId::from([2; 16])).by("ben"));
/// ana.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
/// ben.apply(&Command::RenameBoard { name: "Party".into() }, now)?;
/// ana.merge(&ben)?;
/// let choices = ana.field_choices(&Field::BoardName);
/// let shown = choices.iter().find(|choice| choice.shown).unwrap();
/// assert_eq!(shown.value, FieldValue::Text(ana.name().into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FieldChoice {
    /// The value.
    pub value: FieldValue,
    /// Whether it is the one shown.
    pub shown: bool,
    /// Who set it, as given to [`Replica::by`](crate::Replica::by).
    #[serde(serialize_with = "crate::author::serialize")]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub author: Option<Vec<u8>>,
    /// When, by their clock.
    pub at: Timestamp,
    /// The change that recorded it.
    #[serde(serialize_with = "crate::hashes::one::serialize")]
    #[cfg_attr(feature = "typescript", ts(type = "ChangeHash"))]
    pub change: ChangeHash,
}

/// A part of a card that [`BoardEvent::CardEdited`](crate::BoardEvent::CardEdited) names.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let card = CardId::parse("docs")?;
/// let tick = Command::SetDone { card: card.clone(), done: true };
/// let fields = [CardField::Done].into();
/// assert_eq!(board.apply(&tick, now)?.events, [BoardEvent::CardEdited { card, fields }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
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
