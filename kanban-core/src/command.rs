//! Commands: what a person or a program asks a board to do.

use crate::ids::{CardId, ColumnId};
use crate::placement::Placement;
use crate::position::Position;
use automerge::AutomergeError;
use serde::{Deserialize, Serialize};

/// The longest title or name, in characters (Trello's limit).
pub const TITLE_CHARS_MAX: usize = 16_384;

/// The longest description, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 1_000_000;

/// Where to put something among its neighbours.
///
/// ```
/// use kanban_core::{CardId, Slot};
/// let card = CardId::parse("write-docs")?;
/// let below = Slot::After(card);
/// # let _ = below; Ok::<(), kanban_core::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Slot<I> {
    /// Top of a column, or leftmost on the board.
    First,
    /// Bottom of a column, or rightmost on the board.
    Last,
    /// Directly before a neighbour.
    Before(I),
    /// Directly after a neighbour.
    After(I),
}

/// What becomes of the cards of a deleted column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ColumnCards {
    /// They go to the end of another column, archived ones included. A card that somebody moves to
    /// another column meanwhile goes there; one that somebody deletes meanwhile stays deleted; one
    /// that somebody only reorders goes along, and its place in the deleted column is listed as a
    /// choice.
    MoveTo(ColumnId),
    /// They are deleted too, and can be restored one by one.
    Delete,
}

/// What to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum SortBy {
    /// Title or name, A to Z; upper and lower case alike.
    Title,
    /// Title or name, Z to A.
    TitleDescending,
}

/// One thing to do to a board. [`Board::apply`](crate::Board::apply) records it as one change.
///
/// A command that would change nothing (a drop where the card already stands, a rename to the
/// same title) records nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Command {
    /// Names the board. Of two concurrent names one is shown, the other is kept beside it.
    RenameBoard {
        /// The new name.
        name: String,
    },
    /// Adds a column.
    CreateColumn {
        /// Its id, drawn by the caller.
        column: ColumnId,
        /// Its name.
        name: String,
        /// Its place on the board.
        at: Slot<ColumnId>,
    },
    /// Names a column. A concurrent delete leaves it on the board, flagged.
    RenameColumn {
        /// The column.
        column: ColumnId,
        /// The new name.
        name: String,
    },
    /// Moves a column. Two concurrent moves give one place and list the other.
    MoveColumn {
        /// The column.
        column: ColumnId,
        /// Its new place.
        to: Slot<ColumnId>,
    },
    /// Deletes a column. It stays visible as long as a card that somebody moves into it, or adds,
    /// meanwhile stands there.
    DeleteColumn {
        /// The column.
        column: ColumnId,
        /// What becomes of its cards; may be `None` only if it has none, archived ones included.
        cards: Option<ColumnCards>,
    },
    /// Puts a deleted column back in its place. Its former cards stay where they are.
    RestoreColumn {
        /// The column.
        column: ColumnId,
    },
    /// Confirms that a column deleted concurrently stays.
    KeepColumn {
        /// The column.
        column: ColumnId,
    },
    /// Settles concurrent moves of a column in favour of one that is not shown.
    PickColumnPosition {
        /// The column.
        column: ColumnId,
        /// One of [`Column::other_positions`](crate::Column::other_positions).
        position: Position,
    },
    /// Settles concurrent moves of a column in favour of the place shown.
    KeepColumnPosition {
        /// The column.
        column: ColumnId,
    },
    /// Archives a column and the cards on it.
    ArchiveColumn {
        /// The column.
        column: ColumnId,
    },
    /// Brings back an archived column and the cards archived with it.
    UnarchiveColumn {
        /// The column.
        column: ColumnId,
    },
    /// Sorts the columns of the board. A concurrent move of a column wins over the sort.
    SortColumns {
        /// The criterion.
        by: SortBy,
    },
    /// Adds a card.
    CreateCard {
        /// Its id, drawn by the caller.
        card: CardId,
        /// Its column.
        column: ColumnId,
        /// Its place in the column.
        at: Slot<CardId>,
        /// Its title.
        title: String,
        /// Its description; may be empty.
        description: String,
    },
    /// Gives a card a title. Of two concurrent titles one is shown, the other is kept beside it;
    /// picking that one is renaming the card to it.
    RenameCard {
        /// The card.
        card: CardId,
        /// The new title.
        title: String,
    },
    /// Replaces a stretch of a card's description. Concurrent edits merge by character.
    EditDescription {
        /// The card.
        card: CardId,
        /// Where, counted in the replica's [`TextUnit`](crate::TextUnit).
        at: usize,
        /// How many units to remove there.
        remove: usize,
        /// What to insert there.
        insert: String,
    },
    /// Replaces a card's description by recording the difference, so that concurrent edits merge.
    SetDescription {
        /// The card.
        card: CardId,
        /// The new description.
        text: String,
    },
    /// Moves a card, to another column or inside its own.
    ///
    /// Concurrent moves of one card converge on a single placement; the other columns are listed
    /// in [`Card::other_placements`](crate::Card::other_placements) until somebody decides.
    MoveCard {
        /// The card.
        card: CardId,
        /// The column to move it to.
        column: ColumnId,
        /// The place in that column.
        to: Slot<CardId>,
    },
    /// Deletes a card. Whoever moves or edits it meanwhile keeps it on the board, flagged.
    DeleteCard {
        /// The card.
        card: CardId,
    },
    /// Puts a deleted card back in its place.
    RestoreCard {
        /// The card.
        card: CardId,
    },
    /// Confirms that a card deleted concurrently stays.
    KeepCard {
        /// The card.
        card: CardId,
    },
    /// Settles concurrent moves of a card in favour of one that is not shown.
    PickCardPlacement {
        /// The card.
        card: CardId,
        /// One of the placements that the card's concurrent moves recorded.
        placement: Placement,
    },
    /// Settles concurrent moves of a card in favour of the place shown.
    KeepCardPlacement {
        /// The card.
        card: CardId,
    },
    /// Archives a card: it leaves the board for the shelf and keeps its place.
    ArchiveCard {
        /// The card.
        card: CardId,
    },
    /// Brings an archived card back to its place.
    UnarchiveCard {
        /// The card.
        card: CardId,
    },
    /// Sorts the cards of a column. A card that somebody moves meanwhile goes where they moved it;
    /// the sort never revives a card and never hides a conflict.
    SortCards {
        /// The column.
        column: ColumnId,
        /// The criterion.
        by: SortBy,
    },
}

/// Why a command was refused. The board is untouched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// No card has this id.
    #[error("there is no card {card} on this board")]
    UnknownCard {
        /// The id asked for.
        card: CardId,
    },
    /// The card is in the trash.
    #[error("card {card} is deleted; restore it first")]
    CardDeleted {
        /// The card.
        card: CardId,
    },
    /// The card is not in the trash.
    #[error("card {card} is not deleted, so there is nothing to restore")]
    CardNotDeleted {
        /// The card.
        card: CardId,
    },
    /// A card with this id exists, perhaps in the trash.
    #[error("a card {card} exists already; draw another id")]
    DuplicateCard {
        /// The id asked for.
        card: CardId,
    },
    /// No column has this id.
    #[error("there is no column {column} on this board")]
    UnknownColumn {
        /// The id asked for.
        column: ColumnId,
    },
    /// The column is deleted or archived and shows no card.
    #[error("column {column} is not on the board; restore it or choose another one")]
    ColumnHidden {
        /// The column.
        column: ColumnId,
    },
    /// The column is not in the trash.
    #[error("column {column} is not deleted, so there is nothing to restore")]
    ColumnNotDeleted {
        /// The column.
        column: ColumnId,
    },
    /// A column with this id exists, perhaps in the trash.
    #[error("a column {column} exists already; draw another id")]
    DuplicateColumn {
        /// The id asked for.
        column: ColumnId,
    },
    /// A deleted column would have left cards behind.
    #[error("column {column} holds {cards} cards; say whether to move or to delete them")]
    ColumnNotEmpty {
        /// The column.
        column: ColumnId,
        /// How many cards it holds, archived ones included.
        cards: usize,
    },
    /// A column's cards cannot move to the column that goes away.
    #[error("the cards of column {column} cannot move to that same column")]
    SameColumn {
        /// The column.
        column: ColumnId,
    },
    /// The neighbour named by a slot stands elsewhere.
    #[error("card {anchor} is not shown in column {column}, so nothing can go next to it")]
    AnchorElsewhere {
        /// The neighbour asked for.
        anchor: CardId,
        /// The column asked for.
        column: ColumnId,
    },
    /// The neighbour named by a slot is not visible.
    #[error("column {anchor} is not on the board, so nothing can go next to it")]
    ColumnAnchorHidden {
        /// The neighbour asked for.
        anchor: ColumnId,
    },
    /// Nobody deleted it concurrently.
    #[error("{what} was not deleted by anybody, so there is nothing to keep")]
    NothingToKeep {
        /// The card or column.
        what: String,
    },
    /// There are no concurrent placements to decide between, or not this one.
    #[error("{what} has no such concurrent placement; somebody may have decided already")]
    NoSuchChoice {
        /// The card or column.
        what: String,
    },
    /// A text is longer than a board takes.
    #[error("the {what} has {chars} characters; the limit is {limit}")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its length.
        chars: usize,
        /// The limit.
        limit: usize,
    },
    /// An edit reaches past the end of the description.
    #[error("cannot replace {remove} units at {at}: the description has {length}")]
    OutOfRange {
        /// Where the edit starts.
        at: usize,
        /// How many units it removes.
        remove: usize,
        /// How many there are.
        length: usize,
    },
    /// Automerge refused to record the change.
    #[error("the change could not be recorded")]
    Document(#[source] Box<AutomergeError>),
}
