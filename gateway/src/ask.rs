//! What requests say, as values. A field that is not known is refused: it would be a wish that nobody
//! fulfils.

use kanban_core::{CardId, CommentId, Filter, Slot};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;

/// Which cards to list.
///
/// ```
/// use kanban_gateway::ask::Cards;
/// let cards: Cards = serde_json::from_str(r#"{ "column": "Doing", "q": "docs" }"#)?;
/// assert_eq!(cards.column.as_deref(), Some("Doing"));
/// assert!(serde_json::from_str::<Cards>(r#"{ "colum": "Doing" }"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cards {
    /// A column's name or id.
    pub column: Option<String>,
    /// Words that occur in the card.
    pub q: Option<String>,
    /// A label's name or id.
    pub label: Option<String>,
    /// A member's name or id.
    pub assignee: Option<String>,
    /// Whether it is done: `true` or `false`.
    pub done: Option<bool>,
    /// `board`, `shelf` or `boardAndShelf`.
    pub scope: Option<String>,
    /// A [`Filter`] as JSON, for all else.
    pub filter: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// A card to add.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCard {
    /// Its title.
    pub title: String,
    /// The column's name or id.
    pub column: String,
    /// Where in it; at the end if nothing is said.
    #[serde(default = "last")]
    pub at: Slot<CardId>,
    /// Longer text.
    #[serde(default)]
    pub description: String,
    /// Labels, by name or id.
    #[serde(default)]
    pub labels: BTreeSet<String>,
    /// Members, by name or id.
    #[serde(default)]
    pub assignees: BTreeSet<String>,
    /// A day or a moment.
    pub due: Option<String>,
    /// An id of the caller's choice: whoever asks twice adds one card.
    pub id: Option<CardId>,
}

/// What to change of a card. What is left out stays.
///
/// ```
/// use kanban_gateway::ask::EditCard;
/// let edit: EditCard = serde_json::from_str(r#"{ "due": null, "done": true }"#)?;
/// assert_eq!((edit.due, edit.done, edit.title), (Some(None), Some(true), None));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditCard {
    /// Another title.
    pub title: Option<String>,
    /// Another text.
    pub description: Option<String>,
    /// The labels that it has from now on, by name or id.
    pub labels: Option<BTreeSet<String>>,
    /// The members whom it is assigned to from now on, by name or id.
    pub assignees: Option<BTreeSet<String>>,
    /// When it is due; `null` for never.
    #[serde(deserialize_with = "said")]
    pub due: Option<Option<String>>,
    /// When work on it starts; `null` for never.
    #[serde(deserialize_with = "said")]
    pub start: Option<Option<String>>,
    /// Whether it is done.
    pub done: Option<bool>,
    /// The colour of its cover; `null` for none.
    #[serde(deserialize_with = "said")]
    pub cover: Option<Option<String>>,
    /// Whether it is on the shelf.
    pub archived: Option<bool>,
}

/// Where to move a card.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The column's name or id; where it stands if nothing is said.
    pub column: Option<String>,
    /// Where in it; at the end if nothing is said.
    #[serde(default = "last")]
    pub at: Slot<CardId>,
}

/// A comment to add.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// What it says.
    pub text: String,
    /// Who says it, by a member's name or id; whoever asks, if nothing is said.
    pub by: Option<String>,
    /// An id of the caller's choice: whoever asks twice comments once.
    pub id: Option<CommentId>,
}

/// Where to send what happens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewHook {
    /// The address.
    pub url: String,
    /// Which events, by their `type`; all if nothing is said.
    #[serde(default)]
    pub events: BTreeSet<String>,
    /// What to sign with: `whsec_` and 24 to 64 bytes in base64. One is drawn if nothing is said.
    pub secret: Option<String>,
}

/// Whether a webhook is to work.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditHook {
    /// `true` has one go on that was disabled, with what waits for it first.
    pub enabled: bool,
}

impl Cards {
    /// The filter that was written as JSON, or none.
    pub(crate) fn written_filter(&self) -> Result<Filter, serde_json::Error> {
        self.filter.as_deref().map_or_else(|| Ok(Filter::new()), serde_json::from_str)
    }
}

fn last() -> Slot<CardId> {
    Slot::Last
}

/// Tells `null` from nothing.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}
