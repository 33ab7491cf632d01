//! A board as plain values.

mod make;
mod of_board;
mod template;
mod write;

pub use make::DraftError;
pub(crate) use make::check as check_draft;
pub(crate) use write::create_card_at_once;

use crate::date::DateOrTime;
use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::parts::{Checklist, Comment, Label, Link, Member};
use crate::transfer::CardOrigin;
use serde::{Deserialize, Serialize};

/// A whole board as plain values, to be written with [`Board::from_draft`](crate::Board::from_draft).
///
/// ```
/// use kanban_core::*;
/// let mut todo = ColumnDraft::new(ColumnId::parse("todo")?, "To do");
/// todo.cards.push(CardDraft::new(CardId::parse("docs")?, "Write docs"));
/// let mut draft = BoardDraft::new("Release");
/// draft.columns.push(todo);
/// # let now = Timestamp::default();
/// let ana = Replica::new(ActorId::from([1; 16]));
/// let board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// assert_eq!(board.to_draft(), draft);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BoardDraft {
    /// The board's name.
    pub name: String,
    /// What the board is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Labels that cards may have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// Members whom cards may be assigned to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// Columns, left to right.
    pub columns: Vec<ColumnDraft>,
}

/// A column of a [`BoardDraft`].
///
/// ```
/// use kanban_core::{CardDraft, CardId, ColumnDraft, ColumnId};
/// let mut todo = ColumnDraft::new(ColumnId::parse("todo")?, "To do");
/// todo.cards.push(CardDraft::new(CardId::parse("docs")?, "Write docs"));
/// let json = r#"{"id":"todo","name":"To do","cards":[{"id":"docs","title":"Write docs"}]}"#;
/// assert_eq!(serde_json::from_str::<ColumnDraft>(json)?, todo);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ColumnDraft {
    /// Its id.
    pub id: ColumnId,
    /// Its name.
    pub name: String,
    /// How many cards it should hold at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wip_limit: Option<u64>,
    /// A colour, as a name or `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Whether it is on the shelf. Its cards should be too, or it is shown for their sake.
    #[serde(default, skip_serializing_if = "is_false")]
    pub archived: bool,
    /// Its cards, top to bottom, archived ones in their places.
    #[serde(default)]
    pub cards: Vec<CardDraft>,
}

impl BoardDraft {
    /// A board with nothing but a name.
    ///
    /// ```
    /// let mut draft = kanban_core::BoardDraft::new("Release");
    /// draft.description = "Everything for May".into();
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

impl ColumnDraft {
    /// A column with nothing but a name.
    ///
    /// ```
    /// use kanban_core::{ColumnDraft, ColumnId};
    /// let mut todo = ColumnDraft::new(ColumnId::parse("todo")?, "To do");
    /// todo.wip_limit = Some(5);
    /// # Ok::<(), kanban_core::IdError>(())
    /// ```
    pub fn new(id: ColumnId, name: impl Into<String>) -> Self {
        let (wip_limit, colour, archived, cards) = (None, None, false, Vec::new());
        Self { id, name: name.into(), wip_limit, colour, archived, cards }
    }
}

/// A card of a [`BoardDraft`].
///
/// ```
/// use kanban_core::{CardDraft, CardId};
/// let mut card = CardDraft::new(CardId::parse("docs")?, "Write docs");
/// card.description = "All of them".into();
/// # Ok::<(), kanban_core::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CardDraft {
    /// Its id.
    pub id: CardId,
    /// Its title.
    pub title: String,
    /// Its description; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelId>,
    /// Members whom it is assigned to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<MemberId>,
    /// When work on it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<DateOrTime>,
    /// When it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DateOrTime>,
    /// Whether it is done.
    #[serde(default, skip_serializing_if = "is_false")]
    pub done: bool,
    /// The colour of its cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<String>,
    /// Its checklists, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklists: Vec<Checklist>,
    /// Its comments, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
    /// Its links, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The card of another board that it was copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<CardOrigin>,
    /// Whether it is on the shelf.
    #[serde(default, skip_serializing_if = "ArchivedDraft::is_no")]
    pub archived: ArchivedDraft,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl CardDraft {
    /// A card with nothing but a title.
    ///
    /// ```
    /// use kanban_core::{CardDraft, CardId};
    /// let card = CardDraft::new(CardId::parse("docs")?, "Write docs");
    /// assert_eq!(card.title, "Write docs");
    /// assert!(card.labels.is_empty() && !card.done);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(id: CardId, title: impl Into<String>) -> Self {
        Self {
            id,
            title: title.into(),
            description: String::new(),
            labels: Vec::new(),
            assignees: Vec::new(),
            start: None,
            due: None,
            done: false,
            cover: None,
            checklists: Vec::new(),
            comments: Vec::new(),
            links: Vec::new(),
            origin: None,
            archived: ArchivedDraft::No,
        }
    }
}

/// Whether a card of a draft is on the shelf.
///
/// ```
/// use kanban_core::{ArchivedDraft, CardDraft, CardId};
/// let mut card = CardDraft::new(CardId::parse("docs")?, "Write docs");
/// assert_eq!(card.archived, ArchivedDraft::No);
/// card.archived = ArchivedDraft::Alone;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ArchivedDraft {
    /// On the board.
    #[default]
    No,
    /// Archived by itself.
    Alone,
    /// Archived with its column, and coming back with it.
    WithColumn,
}

impl ArchivedDraft {
    fn is_no(&self) -> bool {
        *self == ArchivedDraft::No
    }
}
