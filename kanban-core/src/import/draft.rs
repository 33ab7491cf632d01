//! A board as plain values, and writing it down in few, large changes.

use crate::board::Board;
use crate::command::{DESCRIPTION_CHARS_MAX, TITLE_CHARS_MAX};
use crate::ids::{BoardId, CardId, ColumnId, LabelId};
use crate::placement::{Kind, Stamped};
use crate::plan::{ARCHIVED_ALONE, ARCHIVED_WITH_COLUMN};
use crate::position::{Position, PositionTag};
use crate::replica::{Replica, Timestamp};
use crate::schema::{columns_object, key, meta_object};
use crate::write::{NewCard, create_card_at_once};
use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjType, ReadDoc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many cards one change holds at most: a transaction's memory grows with its size, and in a
/// browser it is never given back.
const CARDS_PER_CHANGE: usize = 200;

/// How many characters of text one change holds at most, unless a single card has more.
const CHARS_PER_CHANGE: usize = 50_000;

/// A whole board as plain values, to be written with [`Board::from_draft`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoardDraft {
    /// The board's name.
    pub name: String,
    /// What the board is for.
    #[serde(default)]
    pub description: String,
    /// Columns, left to right.
    pub columns: Vec<ColumnDraft>,
}

/// A column of a [`BoardDraft`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnDraft {
    /// Its id.
    pub id: ColumnId,
    /// Its name.
    pub name: String,
    /// How many cards it should hold at most.
    #[serde(default)]
    pub wip_limit: Option<u64>,
    /// Whether it is on the shelf. Its cards should be too, or it is shown for their sake.
    #[serde(default)]
    pub archived: bool,
    /// Its cards, top to bottom, archived ones in their places.
    pub cards: Vec<CardDraft>,
}

/// A card of a [`BoardDraft`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CardDraft {
    /// Its id.
    pub id: CardId,
    /// Its title.
    pub title: String,
    /// Its description; may be empty.
    #[serde(default)]
    pub description: String,
    /// Its labels.
    #[serde(default)]
    pub labels: Vec<LabelId>,
    /// Whether it is on the shelf.
    #[serde(default)]
    pub archived: ArchivedDraft,
}

/// Whether a card of a draft is on the shelf.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ArchivedDraft {
    /// On the board.
    #[default]
    No,
    /// Archived by itself.
    Alone,
    /// Archived with its column, and coming back with it.
    WithColumn,
}

/// Why a draft cannot become a board.
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
        let tag = PositionTag::of(replica.actor().to_bytes());
        let mut board = Board::create(replica, id, &draft.name, now);
        board
            .import(now, |transaction| write_columns(transaction, draft, tag))
            .map_err(|error| DraftError::Document(Box::new(error)))?;
        for cards in chunks(draft, tag) {
            board
                .import(now, |transaction| {
                    cards.iter().try_for_each(|card| card.write(transaction))
                })
                .map_err(|error| DraftError::Document(Box::new(error)))?;
        }
        board.reread();
        Ok(board)
    }
}

fn check(draft: &BoardDraft) -> Result<(), DraftError> {
    let mut columns = BTreeSet::new();
    let mut cards = BTreeSet::new();
    check_length("name", "the board", &draft.name, TITLE_CHARS_MAX)?;
    check_length("description", "the board", &draft.description, DESCRIPTION_CHARS_MAX)?;
    for column in &draft.columns {
        if !columns.insert(&column.id) {
            let column = column.id.clone();
            return Err(DraftError::DuplicateColumn { column });
        }
        check_length("name", column.id.as_str(), &column.name, TITLE_CHARS_MAX)?;
        for card in &column.cards {
            if !cards.insert(&card.id) {
                let card = card.id.clone();
                return Err(DraftError::DuplicateCard { card });
            }
            let id = card.id.as_str();
            check_length("title", id, &card.title, TITLE_CHARS_MAX)?;
            check_length("description", id, &card.description, DESCRIPTION_CHARS_MAX)?;
        }
    }
    Ok(())
}

fn check_length(what: &'static str, of: &str, text: &str, limit: usize) -> Result<(), DraftError> {
    let chars = text.chars().count();
    if chars > limit {
        return Err(DraftError::TooLong { what, of: of.to_owned(), chars, limit });
    }
    Ok(())
}

fn write_columns(
    transaction: &mut Transaction<'_>,
    draft: &BoardDraft,
    tag: PositionTag,
) -> Result<(), AutomergeError> {
    if let Some((_, text)) = transaction.get(meta_object(), key::DESCRIPTION)? {
        transaction.splice_text(&text, 0, 0, &draft.description)?;
    }
    let mut last = None;
    for column in &draft.columns {
        let position = Position::between(last.as_ref(), None, tag, |_| false);
        let object = transaction.put_object(columns_object(), column.id.as_str(), ObjType::Map)?;
        transaction.put(&object, key::NAME, &*column.name)?;
        let placement = placement(None, position.clone());
        transaction.put(&object, key::POS, placement.encode().as_str())?;
        if let Some(limit) = column.wip_limit {
            transaction.put(&object, key::WIP, limit)?;
        }
        if column.archived {
            transaction.put(&object, key::SHELF, ARCHIVED_ALONE)?;
        }
        last = Some(position);
    }
    Ok(())
}

/// A card of a draft with its place.
struct PlacedCard<'a> {
    card: &'a CardDraft,
    placement: Stamped,
}

impl PlacedCard<'_> {
    fn write(&self, transaction: &mut Transaction<'_>) -> Result<(), AutomergeError> {
        let shelf = match self.card.archived {
            ArchivedDraft::No => None,
            ArchivedDraft::Alone => Some(ARCHIVED_ALONE),
            ArchivedDraft::WithColumn => Some(ARCHIVED_WITH_COLUMN),
        };
        let new = NewCard {
            title: &self.card.title,
            description: &self.card.description,
            placement: &self.placement,
            shelf,
            labels: &self.card.labels,
        };
        create_card_at_once(transaction, &self.card.id, &new)
    }
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
                placement: placement(Some(column.id.clone()), position.clone()),
            };
            last = Some(position);
            chars += card.title.chars().count() + card.description.chars().count();
            match chunks.last_mut() {
                Some(chunk) if chunk.len() < CARDS_PER_CHANGE && chars <= CHARS_PER_CHANGE => {
                    chunk.push(placed);
                }
                _ => {
                    chars = card.title.chars().count() + card.description.chars().count();
                    chunks.push(vec![placed]);
                }
            }
        }
    }
    chunks
}

fn placement(column: Option<ColumnId>, position: Position) -> Stamped {
    Stamped { generation: 0, kind: Kind::Move, column, position }
}
