//! What belongs to a card or board beside its own fields, as shown: labels, members, checklists,
//! comments, links.

use crate::ids::{ChecklistId, CommentId, ItemId, LabelId, LinkId, MemberId};
use crate::replica::Timestamp;
use serde::Serialize;

/// A label that the board defines. Cards name it by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// Its name; may be empty.
    pub name: String,
    /// Its colour, as written; may be empty.
    pub colour: String,
}

/// Somebody whom cards can be assigned to and who comments. Says nothing about rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Member {
    /// Their id.
    pub id: MemberId,
    /// The name to show.
    pub name: String,
    /// The colour to show them in, as written; may be empty.
    pub colour: String,
}

/// A checklist of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Checklist {
    /// Its id.
    pub id: ChecklistId,
    /// Its name.
    pub name: String,
    /// Its items, top to bottom.
    pub items: Vec<ChecklistItem>,
}

/// An item of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChecklistItem {
    /// Its id.
    pub id: ItemId,
    /// What to do.
    pub text: String,
    /// Whether it is done.
    pub done: bool,
}

/// A comment on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// Who wrote it, by their own word: a member's id. Who recorded it is in the history.
    pub by: Option<MemberId>,
    /// When, by their clock.
    pub at: Timestamp,
    /// What they wrote; concurrent edits merge by character.
    pub text: String,
}

/// A link attached to a card. The file or page behind it is not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Its address, as written. Check the scheme before offering it for a click.
    pub url: String,
    /// The name to show; may be empty.
    pub name: String,
}

/// What people deleted from a card, and can restore.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
