//! Deeds: what a change did, for people and programs.

use crate::ids::{CardId, ChecklistId, ColumnId, CommentId, ItemId, LabelId, LinkId, MemberId};
use automerge::ChangeHash;
use serde::Serialize;

/// A card, column, label, member or part of a card, and what it is called now.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let card = CardId::parse("docs")?;
/// board.apply(&Command::ArchiveCard { card }, now)?;
/// let deeds = board.activities(&ActivityQuery::all()).remove(0).deeds;
/// let Deed::Card { card, .. } = &deeds[0] else { panic!("{deeds:?}") };
/// assert_eq!((card.id.as_str(), card.name.as_deref()), ("docs", Some("Write docs")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Mention<I> {
    /// Its id.
    pub id: I,
    /// Its title or name; may be empty. `None` once it was deleted for good.
    pub name: Option<String>,
}

/// Something that somebody did. [`Display`](std::fmt::Display) tells it in one line:
/// `moved *Write docs* from Doing to Done`.
///
/// In that line, titles and names are cut at 80 characters, and their line breaks are spaces.
///
/// ```
/// # use kanban_core::*;
/// # let now = Timestamp::from_unix_seconds(0);
/// # let ana = Replica::new(ActorId::from([1; 16])).by("ana");
/// # let mut board = Board::create(ana, BoardId::parse("b")?, "Release", now);
/// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
/// let latest = board.activities(&ActivityQuery::all().limit(1));
/// assert_eq!(latest[0].deeds[0].to_string(), "renamed the board Release to Launch");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Deed {
    /// Took a change back. What that meant for the board follows as deeds of its own.
    Undid {
        /// The change taken back.
        #[serde(serialize_with = "crate::hashes::one::serialize")]
        #[cfg_attr(feature = "typescript", ts(type = "ChangeHash"))]
        change: ChangeHash,
        /// What that change had done; empty if it is not known here.
        deeds: Vec<Deed>,
    },
    /// Brought back what an undo had taken back.
    Redid {
        /// The undo.
        #[serde(serialize_with = "crate::hashes::one::serialize")]
        #[cfg_attr(feature = "typescript", ts(type = "ChangeHash"))]
        change: ChangeHash,
        /// What that undo had done; empty if it is not known here.
        deeds: Vec<Deed>,
    },
    /// Brought in cards, columns, labels and members from elsewhere.
    Imported {
        /// The cards.
        cards: Vec<CardId>,
        /// How many columns.
        columns: usize,
        /// How many labels and members.
        others: usize,
    },
    /// Did something to the board itself.
    Board {
        /// What.
        act: BoardAct,
    },
    /// Did something to a column.
    Column {
        /// The column.
        column: Mention<ColumnId>,
        /// What.
        act: ColumnAct,
    },
    /// Put columns in order.
    SortedColumns {
        /// How many.
        columns: usize,
    },
    /// Did something to a card.
    Card {
        /// The card.
        card: Mention<CardId>,
        /// What.
        act: CardAct,
    },
    /// Did the same to several cards at once.
    Cards {
        /// The cards.
        cards: Vec<CardId>,
        /// What.
        act: CardAct,
    },
    /// Did something to a label of the board.
    Label {
        /// The label.
        label: Mention<LabelId>,
        /// What.
        act: PartAct,
    },
    /// Did something to a member of the board.
    Member {
        /// The member.
        member: Mention<MemberId>,
        /// What.
        act: PartAct,
    },
    /// Wrote something that this program does not know.
    Other,
}

impl Deed {
    /// Whether it concerns a card.
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
    /// let deeds = board.activities(&ActivityQuery::all()).remove(0).deeds;
    /// assert!(deeds[0].is_about(&card) && !deeds[0].is_about(&CardId::parse("other")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_about(&self, id: &CardId) -> bool {
        match self {
            Deed::Card { card, .. } => card.id == *id,
            Deed::Cards { cards, .. } | Deed::Imported { cards, .. } => cards.contains(id),
            _ => false,
        }
    }

    /// Whether it says that the change took another back or brought it back.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// board.undo(now)?;
    /// let deeds = board.activities(&ActivityQuery::all()).remove(0).deeds;
    /// assert!(deeds[0].takes_back());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn takes_back(&self) -> bool {
        matches!(self, Deed::Undid { .. } | Deed::Redid { .. })
    }
}

/// What somebody did to the board itself.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let deeds = board.activities(&ActivityQuery::all()).remove(0).deeds;
/// let act = BoardAct::Created { name: "Release".into() };
/// assert_eq!(deeds, [Deed::Board { act }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "each says what was done, with what it was and what it became")]
pub enum BoardAct {
    Created {
        name: String,
    },
    Renamed {
        from: Option<String>,
        to: String,
    },
    Described,
    /// Changed something else of it.
    Edited,
}

/// What somebody did to a column.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let column = ColumnId::parse("done")?;
/// board.apply(&Command::ArchiveColumn { column }, now)?;
/// let deeds = board.activities(&ActivityQuery::all()).remove(0).deeds;
/// assert!(matches!(deeds[0], Deed::Column { act: ColumnAct::Archived, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "each says what was done, with what it was and what it became")]
pub enum ColumnAct {
    Created,
    Renamed {
        from: Option<String>,
        to: String,
    },
    Moved,
    LimitSet {
        to: Option<String>,
    },
    ColourSet {
        to: Option<String>,
    },
    Deleted,
    Restored,
    /// Kept it against somebody's concurrent delete.
    Kept,
    /// Deleted it for good.
    Purged,
    Archived,
    Unarchived,
    /// Changed something else of it.
    Edited,
}

/// What somebody did to a card.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let card = CardId::parse("docs")?;
/// board.apply(&Command::SetDone { card, done: true }, now)?;
/// let deeds = board.activities(&ActivityQuery::all()).remove(0).deeds;
/// assert!(matches!(deeds[0], Deed::Card { act: CardAct::Done { done: true }, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "each says what was done, with what it was and what it became")]
pub enum CardAct {
    Created {
        column: Mention<ColumnId>,
    },
    /// Put it into another column.
    Moved {
        from: Option<Mention<ColumnId>>,
        to: Mention<ColumnId>,
    },
    /// Put it to another place in its column.
    Reordered {
        column: Mention<ColumnId>,
    },
    /// Put it in order with the rest of its column.
    Sorted {
        column: Mention<ColumnId>,
    },
    /// Decided where it stands, of places that people gave it at the same time.
    Settled {
        column: Mention<ColumnId>,
    },
    Deleted,
    Restored,
    /// Kept it against somebody's concurrent delete.
    Kept,
    /// Deleted it for good.
    Purged,
    Archived,
    Unarchived,
    Renamed {
        from: Option<String>,
        to: String,
    },
    Described,
    Labelled {
        label: Mention<LabelId>,
    },
    Unlabelled {
        label: Mention<LabelId>,
    },
    Assigned {
        member: Mention<MemberId>,
    },
    Unassigned {
        member: Mention<MemberId>,
    },
    StartSet {
        to: Option<String>,
    },
    DueSet {
        to: Option<String>,
    },
    Done {
        done: bool,
    },
    CoverSet {
        to: Option<String>,
    },
    Checklist {
        checklist: Mention<ChecklistId>,
        act: PartAct,
    },
    Item {
        item: Mention<ItemId>,
        act: PartAct,
    },
    /// Ticked an item of a checklist, or took the tick away.
    Ticked {
        item: Mention<ItemId>,
        done: bool,
    },
    Comment {
        comment: CommentId,
        act: PartAct,
    },
    Link {
        link: Mention<LinkId>,
        act: PartAct,
    },
    /// Changed something else of it.
    Edited,
}

/// What somebody did to a label or member of the board, or to a checklist, item, comment or link of
/// a card.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let (label, name, colour) = (LabelId::parse("bug")?, "Bug".into(), "red".into());
/// board.apply(&Command::CreateLabel { label, name, colour }, now)?;
/// let deeds = board.activities(&ActivityQuery::all()).remove(0).deeds;
/// assert!(matches!(deeds[0], Deed::Label { act: PartAct::Added, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "each says what was done, with what it was and what it became")]
pub enum PartAct {
    Added,
    Renamed {
        from: Option<String>,
        to: String,
    },
    ColourSet {
        to: Option<String>,
    },
    Moved,
    Deleted,
    Restored,
    /// Changed something else of it.
    Edited,
}
