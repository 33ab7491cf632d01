//! What a board looks like: plain values for a user interface.

use crate::cards::Cards;
use crate::date::DateOrTime;
use crate::field::Field;
use crate::ids::{BoardId, CardId, ColumnId, LabelId, MemberId};
use crate::parts::{Checklist, Comment, Label, Link, Member};
use crate::placement::Placement;
use crate::position::Position;
use crate::transfer::CardOrigin;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether a card or column is on the board, on the shelf, or in the trash.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let card = CardId::parse("docs")?;
/// board.apply(&Command::ArchiveCard { card: card.clone() }, now)?;
/// assert_eq!(board.card(&card).unwrap().life, Life::Archived);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Life {
    /// On the board.
    OnBoard,
    /// Archived: alive and in its place, but shown on the shelf instead of the board.
    Archived,
    /// Deleted, and restorable.
    Deleted,
    /// Deleted for good: nothing of it is left but its history.
    Purged,
}

/// A card.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let card = board.card(&CardId::parse("docs")?).unwrap();
/// assert_eq!((&*card.title, card.column.as_str(), card.done), ("Write docs", "todo", false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Card {
    /// Its id.
    pub id: CardId,
    /// The column it stands in; for a deleted card, the column it stood in.
    pub column: ColumnId,
    /// Its order key in the column.
    pub position: Position,
    /// One line of text. Of two concurrent titles one is shown, the same one everywhere.
    pub title: String,
    /// The titles that people wrote at the same time and that are not shown.
    pub other_titles: Vec<String>,
    /// Longer text; concurrent edits merge by character.
    pub description: String,
    /// Labels on the card. One that the board does not define (any more) is not to be shown.
    pub labels: BTreeSet<LabelId>,
    /// Members whom it is assigned to. One that the board does not list (any more) is not to be
    /// shown.
    pub assignees: BTreeSet<MemberId>,
    /// When work on it starts.
    pub start: Option<DateOrTime>,
    /// When it is due.
    pub due: Option<DateOrTime>,
    /// Whether it is done, in whatever column it stands.
    pub done: bool,
    /// The colour of its cover, as written.
    pub cover: Option<String>,
    /// Its checklists, in order.
    pub checklists: Vec<Checklist>,
    /// Its comments, oldest first.
    pub comments: Vec<Comment>,
    /// Its links, oldest first.
    pub links: Vec<Link>,
    /// The card of another board that this one was copied from.
    pub origin: Option<CardOrigin>,
    /// Fields of the card and its parts that hold several values set at the same time. See
    /// [`Board::field_choices`](crate::Board::field_choices).
    pub conflicted_fields: Vec<Field>,
    /// On the board, archived or deleted.
    pub life: Life,
    /// Somebody deleted the card without having seen what keeps it here. See
    /// [`Command::KeepCard`](crate::Command::KeepCard).
    pub deleted_concurrently: bool,
    /// Where people moved the card at the same time, other than the column shown. Each can be
    /// picked with [`Command::PickCardPlacement`](crate::Command::PickCardPlacement).
    pub other_placements: Vec<Placement>,
}

/// A column.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let column = board.column(&ColumnId::parse("todo")?).unwrap();
/// assert_eq!((&*column.name, column.wip_limit, column.life), ("To do", None, Life::OnBoard));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Column {
    /// Its id.
    pub id: ColumnId,
    /// Its order key on the board.
    pub position: Position,
    /// Its name.
    pub name: String,
    /// The names that people gave it at the same time and that are not shown.
    pub other_names: Vec<String>,
    /// How many cards it should hold at most; never enforced.
    pub wip_limit: Option<u64>,
    /// A colour, as written.
    pub colour: Option<String>,
    /// On the board, archived or deleted.
    pub life: Life,
    /// Deleted or archived, and shown all the same because a card stands in it.
    pub recovered: bool,
    /// Somebody deleted the column without having seen what keeps it here.
    pub deleted_concurrently: bool,
    /// Its fields that hold several values set at the same time.
    pub conflicted_fields: Vec<Field>,
    /// Where people moved the column at the same time, other than the place shown.
    pub other_positions: Vec<Position>,
}

impl Life {
    /// On the board or on the shelf.
    ///
    /// ```
    /// use kanban_core::Life;
    /// assert!(Life::OnBoard.is_alive() && Life::Archived.is_alive());
    /// assert!(!Life::Deleted.is_alive() && !Life::Purged.is_alive());
    /// ```
    pub fn is_alive(self) -> bool {
        matches!(self, Life::OnBoard | Life::Archived)
    }
}

impl Column {
    /// Whether the column is shown on the board.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let column = ColumnId::parse("done")?;
    /// assert!(board.column(&column).unwrap().is_visible());
    /// board.apply(&Command::ArchiveColumn { column: column.clone() }, now)?;
    /// assert!(!board.column(&column).unwrap().is_visible());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_visible(&self) -> bool {
        self.life == Life::OnBoard || self.recovered
    }
}

/// A column with the cards shown in it, top to bottom.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let todo: &ColumnView = &board.view().columns[0];
/// assert_eq!((&*todo.column.name, todo.cards.len()), ("To do", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ColumnView {
    /// The column.
    #[serde(flatten)]
    pub column: Arc<Column>,
    /// Its cards.
    pub cards: Cards,
}

/// A whole board at one moment. Replicas with the same heads have equal views.
///
/// Cards, columns and lists of cards are shared with the board they came from, not copied: one that did
/// not change is the same allocation in the next view.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let before: BoardView = board.view();
/// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
/// let after = board.view();
/// assert_eq!((&*before.name, &*after.name), ("Release", "Launch"));
/// assert!(std::sync::Arc::ptr_eq(&before.columns[0].cards[0], &after.columns[0].cards[0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BoardView {
    /// The board's id.
    pub id: BoardId,
    /// Its name.
    pub name: String,
    /// The names that people gave it at the same time and that are not shown.
    pub other_names: Vec<String>,
    /// What the board is for; concurrent edits merge by character.
    pub description: String,
    /// The board that this one was cut from; see [`Board::squash`](crate::Board::squash).
    pub origin: Option<BoardId>,
    /// The boards that this one was cut into: go on there.
    pub successors: Vec<BoardId>,
    /// The labels that the board defines, by name.
    pub labels: Vec<Arc<Label>>,
    /// The members of the board, by name.
    pub members: Vec<Arc<Member>>,
    /// Fields of the board, its labels and members that hold several values set at the same time.
    pub conflicted_fields: Vec<Field>,
    /// Visible columns, left to right.
    pub columns: Vec<ColumnView>,
    /// Archived columns that show no card, in order.
    pub archived_columns: Vec<Arc<Column>>,
    /// Archived cards, by column and place.
    pub archived_cards: Cards,
    /// Deleted columns that show no card, by id.
    pub deleted_columns: Vec<Arc<Column>>,
    /// Deleted cards, by id.
    pub deleted_cards: Cards,
}
