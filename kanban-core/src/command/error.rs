//! Why a command is refused.

use super::BATCH_COMMANDS_MAX;
use crate::ids::{CardId, ColumnId};
use crate::part::PartId;
use automerge::AutomergeError;
use std::fmt;

/// Why a command was refused. The board is untouched.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let card = CardId::parse("gone")?;
/// let refused = board.apply(&Command::DeleteCard { card }, now).unwrap_err();
/// assert!(matches!(refused, CommandError::UnknownCard { .. }));
/// assert_eq!(refused.to_string(), "there is no card gone on this board");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// No label, member, checklist, item, comment or link has this id, or it is deleted.
    #[error("there is no {what} here, or it is deleted")]
    UnknownPart {
        /// What and which.
        what: Named,
    },
    /// One with this id exists, perhaps deleted.
    #[error("a {what} exists already; draw another id")]
    DuplicatePart {
        /// What and which.
        what: Named,
    },
    /// It is not deleted.
    #[error("{what} is not deleted, so there is nothing to restore")]
    PartNotDeleted {
        /// What and which.
        what: Named,
    },
    /// A field holds one value, or not this one.
    #[error("this field has no such concurrent value; somebody may have decided already")]
    NoSuchValue,
    /// The card or column was not deleted before it should be deleted for good.
    #[error("{what} is not deleted; delete it first, so that others can object")]
    NotDeleted {
        /// The card or column.
        what: String,
    },
    /// Cards still name the column that should be deleted for good.
    #[error("{cards} deleted cards would come back to column {column}; delete them for good first")]
    ColumnHasDeletedCards {
        /// The column.
        column: ColumnId,
        /// How many.
        cards: usize,
    },
    /// The board was written by a later version of this library.
    #[error(
        "this board has schema {found}; this build writes {known} and shows it read-only: update the program"
    )]
    ReadOnly {
        /// The document's schema.
        found: u64,
        /// The highest schema that this build writes.
        known: u64,
    },
    /// What the caller saw is not so any more.
    #[error("{what} has changed: {found}; look again")]
    Changed {
        /// What was expected to be as before.
        what: String,
        /// What it is now.
        found: String,
    },
    /// A batch of more commands than it may have.
    #[error(
        "the batch has {commands} commands; the limit is {BATCH_COMMANDS_MAX}: give them in several"
    )]
    BatchTooLong {
        /// How many it has.
        commands: usize,
    },
    /// A command of a batch was refused, and with it the batch.
    #[error("nothing was done: command {number} of {of}: {error}")]
    InBatch {
        /// Which command, counted from one.
        number: usize,
        /// How many there are.
        of: usize,
        /// Why.
        error: Box<CommandError>,
    },
    /// A sort, relocation or batch in a batch.
    #[error("this command is a change of its own; give it beside the batch")]
    NotInBatch,
    /// Automerge refused to record the change.
    #[error("the change could not be recorded")]
    Document(#[source] Box<AutomergeError>),
}

impl CommandError {
    pub(crate) fn of_document(error: AutomergeError) -> Self {
        Self::Document(Box::new(error))
    }
}

/// What kind of thing is meant, and which.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let delete = Command::DeleteLabel { label: LabelId::parse("bug")? };
/// let refused = board.apply(&delete, now);
/// let Err(CommandError::UnknownPart { what }) = refused else { panic!("{refused:?}") };
/// assert_eq!(what.to_string(), "label bug");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    kind: &'static str,
    id: String,
}

impl Named {
    pub(crate) fn new(kind: &'static str, id: impl fmt::Display) -> Self {
        Self { kind, id: id.to_string() }
    }

    pub(crate) fn part(part: &PartId) -> Self {
        match part {
            PartId::Checklist(id) => Named::new("checklist", id),
            PartId::Item(id) => Named::new("item", id),
            PartId::Comment(id) => Named::new("comment", id),
            PartId::Link(id) => Named::new("link", id),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}
