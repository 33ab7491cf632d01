//! What belongs to a card or board beside its own fields, as shown: labels, members, checklists,
//! comments, links.

use crate::ids::{ChecklistId, CommentId, ItemId, LabelId, LinkId, MemberId};
use crate::replica::Timestamp;
use serde::{Deserialize, Serialize};

/// A label that the board defines. Cards name it by its id.
///
/// ```
/// use kanban_core::{Label, LabelId};
/// let label: Label = serde_json::from_str(r#"{ "id": "bug", "name": "Bug", "colour": "red" }"#)?;
/// assert_eq!(label, Label::new(LabelId::parse("bug")?, "Bug", "red"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// Its name; may be empty.
    pub name: String,
    /// Its colour, as written; may be empty.
    #[serde(default)]
    pub colour: String,
}

/// Somebody whom cards can be assigned to and who comments. Says nothing about rights.
///
/// ```
/// use kanban_core::{Member, MemberId};
/// let ana: Member = serde_json::from_str(r#"{ "id": "ana", "name": "Ana" }"#)?;
/// assert_eq!(ana, Member::new(MemberId::parse("ana")?, "Ana", ""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Member {
    /// Their id.
    pub id: MemberId,
    /// The name to show.
    pub name: String,
    /// The colour to show them in, as written; may be empty.
    #[serde(default)]
    pub colour: String,
}

/// A checklist of a card.
///
/// ```
/// use kanban_core::Checklist;
/// let json = r#"{ "id": "steps", "name": "Steps", "items": [{ "id": "i1", "text": "Ask" }] }"#;
/// let list: Checklist = serde_json::from_str(json)?;
/// assert_eq!(list.items[0].text, "Ask");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Checklist {
    /// Its id.
    pub id: ChecklistId,
    /// Its name.
    pub name: String,
    /// Its items, top to bottom.
    #[serde(default)]
    pub items: Vec<ChecklistItem>,
}

/// An item of a checklist.
///
/// ```
/// use kanban_core::{ChecklistItem, ItemId};
/// let item: ChecklistItem = serde_json::from_str(r#"{ "id": "i1", "text": "Ask" }"#)?;
/// assert_eq!(item, ChecklistItem::new(ItemId::parse("i1")?, "Ask", false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChecklistItem {
    /// Its id.
    pub id: ItemId,
    /// What to do.
    pub text: String,
    /// Whether it is done.
    #[serde(default)]
    pub done: bool,
}

/// A comment on a card.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let (card, by) = (CardId::parse("docs")?, MemberId::parse("ana")?);
/// let (comment, text) = (CommentId::parse("c1")?, "Nice!".into());
/// board.apply(&Command::AddComment { card: card.clone(), comment, by, text }, now)?;
/// let comment = &board.card(&card).unwrap().comments[0];
/// assert_eq!((&*comment.text, comment.at), ("Nice!", now));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// Who wrote it, by their own word: a member's id. Who recorded it is in the history.
    #[serde(default)]
    pub by: Option<MemberId>,
    /// When, by their clock.
    pub at: Timestamp,
    /// What they wrote; concurrent edits merge by character.
    pub text: String,
}

/// A link attached to a card. The file or page behind it is not stored.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let (card, link) = (CardId::parse("docs")?, LinkId::parse("spec")?);
/// let (url, name) = ("https://example.org".into(), "Spec".into());
/// board.apply(&Command::AttachLink { card: card.clone(), link, url, name }, now)?;
/// assert_eq!(board.card(&card).unwrap().links[0].url, "https://example.org");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Its address, as written. Check the scheme before offering it for a click.
    pub url: String,
    /// The name to show; may be empty.
    #[serde(default)]
    pub name: String,
}

/// What people deleted from a card, and can restore.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let (card, checklist) = (CardId::parse("docs")?, ChecklistId::parse("steps")?);
/// let (list, name) = (checklist.clone(), "Steps".into());
/// board.apply(&Command::AddChecklist { card: card.clone(), checklist: list, name }, now)?;
/// assert_eq!(board.deleted_parts(&card), Some(DeletedParts::default()));
/// board.apply(&Command::DeleteChecklist { card: card.clone(), checklist }, now)?;
/// assert_eq!(board.deleted_parts(&card).unwrap().checklists[0].name, "Steps");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeletedParts {
    /// Deleted checklists, each with its deleted items.
    pub checklists: Vec<Checklist>,
    /// Deleted items of checklists that are there.
    pub items: Vec<ChecklistItem>,
    /// Deleted comments.
    pub comments: Vec<Comment>,
    /// Deleted links.
    pub links: Vec<Link>,
}

impl Label {
    /// A label of a board that is about to be made.
    ///
    /// ```
    /// use kanban_core::*;
    /// let label = Label::new(LabelId::parse("bug")?, "Bug", "red");
    /// assert_eq!(label.colour, "red");
    /// # Ok::<(), IdError>(())
    /// ```
    pub fn new(id: LabelId, name: impl Into<String>, colour: impl Into<String>) -> Self {
        Self { id, name: name.into(), colour: colour.into() }
    }
}

impl Member {
    /// A member of a board that is about to be made.
    ///
    /// ```
    /// use kanban_core::*;
    /// let ana = Member::new(MemberId::parse("ana")?, "Ana", "green");
    /// assert_eq!(ana.name, "Ana");
    /// # Ok::<(), IdError>(())
    /// ```
    pub fn new(id: MemberId, name: impl Into<String>, colour: impl Into<String>) -> Self {
        Self { id, name: name.into(), colour: colour.into() }
    }
}

impl Checklist {
    /// A checklist of a card that is about to be made.
    ///
    /// ```
    /// use kanban_core::*;
    /// let list = Checklist::new(ChecklistId::parse("steps")?, "Steps", Vec::new());
    /// assert!(list.items.is_empty());
    /// # Ok::<(), IdError>(())
    /// ```
    pub fn new(id: ChecklistId, name: impl Into<String>, items: Vec<ChecklistItem>) -> Self {
        Self { id, name: name.into(), items }
    }
}

impl ChecklistItem {
    /// An item of a checklist that is about to be made.
    ///
    /// ```
    /// use kanban_core::*;
    /// let item = ChecklistItem::new(ItemId::parse("proofread")?, "Proofread", false);
    /// assert!(!item.done);
    /// # Ok::<(), IdError>(())
    /// ```
    pub fn new(id: ItemId, text: impl Into<String>, done: bool) -> Self {
        Self { id, text: text.into(), done }
    }
}

impl Comment {
    /// A comment on a card that is about to be made.
    ///
    /// ```
    /// use kanban_core::*;
    /// let at = Timestamp::from_unix_seconds(1_700_000_000);
    /// let comment = Comment::new(CommentId::parse("first")?, None, at, "Nice!");
    /// assert_eq!(comment.text, "Nice!");
    /// # Ok::<(), IdError>(())
    /// ```
    pub fn new(
        id: CommentId,
        by: Option<MemberId>,
        at: Timestamp,
        text: impl Into<String>,
    ) -> Self {
        Self { id, by, at, text: text.into() }
    }
}

impl Link {
    /// A link of a card that is about to be made.
    ///
    /// ```
    /// use kanban_core::*;
    /// let link = Link::new(LinkId::parse("spec")?, "https://example.org", "Spec");
    /// assert_eq!(link.name, "Spec");
    /// # Ok::<(), IdError>(())
    /// ```
    pub fn new(id: LinkId, url: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id, url: url.into(), name: name.into() }
    }
}
