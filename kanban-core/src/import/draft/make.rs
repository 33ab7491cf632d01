//! Making a board out of a draft, in few, large changes.

use super::write::{create_card_at_once, first_placement, write_frame};
use super::{BoardDraft, CardDraft};
use crate::board::Board;
use crate::command::{COLOUR_CHARS_MAX, DESCRIPTION_CHARS_MAX, TITLE_CHARS_MAX};
use crate::ids::{BoardId, CardId, ColumnId};
use crate::placement::Stamped;
use crate::position::{Position, PositionTag};
use crate::replica::{Replica, Timestamp};
use automerge::AutomergeError;
use std::collections::BTreeSet;

/// How many cards one change holds at most: a transaction's memory grows with its size, and in a
/// browser it is never given back.
const CARDS_PER_CHANGE: usize = 200;

/// How many characters of text one change holds at most, unless a single card has more.
const CHARS_PER_CHANGE: usize = 50_000;

/// Why a draft cannot become a board.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// let mut draft = BoardDraft::new("Release");
/// for name in ["To do", "Done"] {
///     draft.columns.push(ColumnDraft::new(ColumnId::parse("c1")?, name));
/// }
/// let refused = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now).unwrap_err();
/// assert_eq!(refused.to_string(), "the draft has two columns with the id c1; ids must differ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// Two columns have one id.
    #[error("the draft has two columns with the id {column}; ids must differ")]
    DuplicateColumn {
        /// The id.
        column: ColumnId,
    },
    /// Two cards have one id.
    #[error("the draft has two cards with the id {card}; ids must differ")]
    DuplicateCard {
        /// The id.
        card: CardId,
    },
    /// Two labels, members, or parts of one card have one id.
    #[error("{of} has two of {what} {id}; ids must differ")]
    DuplicatePart {
        /// A label, member, checklist, item, comment or link.
        what: &'static str,
        /// The id.
        id: String,
        /// Of which card.
        of: String,
    },
    /// A text is longer than a board takes.
    #[error("the {what} of {of} has {chars} characters; the limit is {limit}")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Of which card or column.
        of: String,
        /// Its length.
        chars: usize,
        /// The limit.
        limit: usize,
    },
    /// Automerge refused to record the board.
    #[error("the board could not be recorded")]
    Document(#[source] Box<AutomergeError>),
}

impl Board {
    /// Makes a board out of plain values, in changes of at most 200 cards or 50,000 characters.
    ///
    /// Make it on one replica and give the others copies: two boards made from one draft are two
    /// boards. To make the same board in several places (a template), give out one saved board.
    ///
    /// ```
    /// use kanban_core::{ActorId, Board, BoardDraft, BoardId, Replica, Timestamp};
    /// let draft: BoardDraft = serde_json::from_str(
    ///     r#"{ "name": "Release", "columns": [
    ///          { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] }
    ///        ] }"#,
    /// )?;
    /// let replica = Replica::new(ActorId::from([1; 16]));
    /// let now = Timestamp::from_unix_seconds(1_700_000_000);
    /// let board = Board::from_draft(replica, BoardId::parse("release")?, &draft, now)?;
    /// assert_eq!(board.view().columns.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DraftError`] names the id or text that a board cannot take.
    pub fn from_draft(
        replica: Replica,
        id: BoardId,
        draft: &BoardDraft,
        now: Timestamp,
    ) -> Result<Self, DraftError> {
        check(draft)?;
        Self::of_checked_draft(replica, id, draft, now)
    }

    /// [`from_draft`](Self::from_draft) of what was checked, or comes from a board: merging may have
    /// made a text longer than anybody may write, and it must not get lost for that.
    pub(crate) fn of_checked_draft(
        replica: Replica,
        id: BoardId,
        draft: &BoardDraft,
        now: Timestamp,
    ) -> Result<Self, DraftError> {
        let tag = PositionTag::of(replica.actor().to_bytes());
        let mut board = Board::create(replica, id, &draft.name, now);
        board
            .import(now, |transaction| write_frame(transaction, draft, tag))
            .map_err(|error| DraftError::Document(Box::new(error)))?;
        for cards in chunks(draft, tag) {
            board
                .import(now, |transaction| {
                    cards.iter().try_for_each(|placed| {
                        create_card_at_once(transaction, placed.card, &placed.placement, tag)
                    })
                })
                .map_err(|error| DraftError::Document(Box::new(error)))?;
        }
        board.reread();
        Ok(board)
    }
}

pub(crate) fn check(draft: &BoardDraft) -> Result<(), DraftError> {
    let mut columns = BTreeSet::new();
    let mut cards = BTreeSet::new();
    check_length("name", "the board", &draft.name, TITLE_CHARS_MAX)?;
    check_length("description", "the board", &draft.description, DESCRIPTION_CHARS_MAX)?;
    check_unique("label", draft.labels.iter().map(|label| &label.id), "the board")?;
    check_unique("member", draft.members.iter().map(|member| &member.id), "the board")?;
    let labels = draft.labels.iter().map(|l| (l.id.as_str(), &l.name, &l.colour));
    let members = draft.members.iter().map(|m| (m.id.as_str(), &m.name, &m.colour));
    for (id, name, colour) in labels.chain(members) {
        check_length("name", id, name, TITLE_CHARS_MAX)?;
        check_length("colour", id, colour, COLOUR_CHARS_MAX)?;
    }
    for column in &draft.columns {
        if !columns.insert(&column.id) {
            let column = column.id.clone();
            return Err(DraftError::DuplicateColumn { column });
        }
        check_length("name", column.id.as_str(), &column.name, TITLE_CHARS_MAX)?;
        let colour = column.colour.as_deref().unwrap_or_default();
        check_length("colour", column.id.as_str(), colour, COLOUR_CHARS_MAX)?;
        for card in &column.cards {
            if !cards.insert(&card.id) {
                let card = card.id.clone();
                return Err(DraftError::DuplicateCard { card });
            }
            check_card(card)?;
        }
    }
    Ok(())
}

fn check_card(card: &CardDraft) -> Result<(), DraftError> {
    let id = card.id.as_str();
    check_length("title", id, &card.title, TITLE_CHARS_MAX)?;
    check_length("description", id, &card.description, DESCRIPTION_CHARS_MAX)?;
    check_length("cover", id, card.cover.as_deref().unwrap_or_default(), COLOUR_CHARS_MAX)?;
    let mut items = BTreeSet::new();
    for list in &card.checklists {
        check_length("name of a checklist", id, &list.name, TITLE_CHARS_MAX)?;
        for item in &list.items {
            check_length("text of an item", id, &item.text, TITLE_CHARS_MAX)?;
            if !items.insert(&item.id) {
                return Err(duplicate("item", &item.id, id));
            }
        }
    }
    for comment in &card.comments {
        check_length("text of a comment", id, &comment.text, DESCRIPTION_CHARS_MAX)?;
    }
    for link in &card.links {
        check_length("address of a link", id, &link.url, TITLE_CHARS_MAX)?;
        check_length("name of a link", id, &link.name, TITLE_CHARS_MAX)?;
    }
    check_unique("checklist", card.checklists.iter().map(|list| &list.id), id)?;
    check_unique("comment", card.comments.iter().map(|comment| &comment.id), id)?;
    check_unique("link", card.links.iter().map(|link| &link.id), id)
}

fn check_unique<I: Ord + std::fmt::Display>(
    what: &'static str,
    ids: impl Iterator<Item = I>,
    of: &str,
) -> Result<(), DraftError> {
    let mut known = BTreeSet::new();
    for id in ids {
        if known.contains(&id) {
            return Err(duplicate(what, id, of));
        }
        known.insert(id);
    }
    Ok(())
}

fn duplicate(what: &'static str, id: impl std::fmt::Display, of: &str) -> DraftError {
    DraftError::DuplicatePart { what, id: id.to_string(), of: of.to_owned() }
}

fn check_length(what: &'static str, of: &str, text: &str, limit: usize) -> Result<(), DraftError> {
    let chars = text.chars().count();
    if chars > limit {
        return Err(DraftError::TooLong { what, of: of.to_owned(), chars, limit });
    }
    Ok(())
}

/// A card of a draft with its place.
struct PlacedCard<'a> {
    card: &'a CardDraft,
    placement: Stamped,
}

/// The cards of a draft, cut into what one change holds.
fn chunks<'a>(draft: &'a BoardDraft, tag: PositionTag) -> Vec<Vec<PlacedCard<'a>>> {
    let mut chunks: Vec<Vec<PlacedCard<'a>>> = Vec::new();
    let mut chars = 0;
    for column in &draft.columns {
        let mut last = None;
        for card in &column.cards {
            let position = Position::between(last.as_ref(), None, tag, |_| false);
            let placed = PlacedCard {
                card,
                placement: first_placement(Some(column.id.clone()), position.clone()),
            };
            last = Some(position);
            chars += chars_of(card);
            match chunks.last_mut() {
                Some(chunk) if chunk.len() < CARDS_PER_CHANGE && chars <= CHARS_PER_CHANGE => {
                    chunk.push(placed);
                }
                _ => {
                    chars = chars_of(card);
                    chunks.push(vec![placed]);
                }
            }
        }
    }
    chunks
}

/// How much text a card brings into its change.
fn chars_of(card: &CardDraft) -> usize {
    let count = |text: &String| text.chars().count();
    let own = count(&card.title) + count(&card.description);
    let items = card.checklists.iter().flat_map(|list| &list.items).map(|item| count(&item.text));
    let lists = card.checklists.iter().map(|list| count(&list.name));
    let comments = card.comments.iter().map(|comment| count(&comment.text));
    let links = card.links.iter().map(|link| count(&link.url) + count(&link.name));
    own + items.chain(lists).chain(comments).chain(links).sum::<usize>()
}
