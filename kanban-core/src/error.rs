//! Why a saved board cannot be opened and why changes cannot be merged.

use crate::ids::BoardId;
use crate::incoming::{WAITING_BYTES_MAX, WAITING_CHANGES_MAX};
use automerge::{AutomergeError, LoadChangeError};

/// Why bytes are not a board that can be opened.
///
/// ```
/// use kanban_core::*;
/// let replica = Replica::new(ActorId::from([1; 16]));
/// let error = Board::open(b"PK\x03\x04", replica).unwrap_err();
/// assert!(matches!(&error, OpenError::NotAutomerge { found } if found == "50 4b 03 04"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No bytes at all: what a crash leaves of a file that was being written.
    #[error("the saved board is empty (0 bytes); restore it from another replica or a backup")]
    Empty,
    /// The bytes do not start as Automerge's do.
    #[error("this is not an Automerge document: it starts with {found}, not 85 6f 4a 83")]
    NotAutomerge {
        /// The first bytes, in hexadecimal.
        found: String,
    },
    /// Automerge cannot read the bytes.
    #[error(
        "the saved board is damaged or cut short ({bytes} bytes); restore it from another replica or a backup"
    )]
    Damaged {
        /// How many bytes there are.
        bytes: usize,
        /// What Automerge found.
        source: Box<AutomergeError>,
    },
    /// Changes that others build on are not among the bytes.
    #[error("the saved board lacks {missing} changes that it builds on; sync it again")]
    Incomplete {
        /// How many.
        missing: usize,
    },
    /// An Automerge document, but of another kind.
    #[error(
        "this Automerge document is not a board: it does not contain the first change of every board"
    )]
    NotABoard,
    /// The board has no id.
    #[error("this board has no id: its second change is missing; sync it again")]
    NoBoardId,
    /// Another board than the one asked for.
    #[error("this is board {found}, not board {expected}")]
    OtherBoard {
        /// The board asked for.
        expected: BoardId,
        /// The id that the document names.
        found: String,
    },
}

/// Why changes were refused. The board is untouched, and its sender still has them.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let ben = Replica::new(ActorId::from([2; 16]));
/// let other = Board::create(ben, BoardId::parse("b2")?, "Other", now);
/// let refused = board.merge(&other).unwrap_err();
/// assert!(matches!(refused, MergeError::OtherBoard { .. }));
/// assert_eq!(refused.to_string(), "these changes belong to board b2; this is board b1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// Bytes that are no Automerge change.
    #[error("change {index} of the delivery is damaged")]
    DamagedChange {
        /// Its index in the delivery.
        index: usize,
        /// What Automerge found.
        source: Box<LoadChangeError>,
    },
    /// The changes belong to another board.
    #[error("these changes belong to board {found}; this is board {expected}")]
    OtherBoard {
        /// This board.
        expected: BoardId,
        /// The board they name.
        found: String,
    },
    /// Too much waits for changes that have not arrived.
    #[error(
        "{changes} changes ({bytes} bytes) would wait for others that have not arrived; at most {WAITING_CHANGES_MAX} ({WAITING_BYTES_MAX} bytes) may: send the missing ones first"
    )]
    TooManyWaiting {
        /// How many changes would wait.
        changes: usize,
        /// Their size.
        bytes: usize,
    },
    /// Automerge refused the changes, for instance because two replicas use one actor.
    #[error("the changes do not fit this board's history")]
    Document(#[source] Box<AutomergeError>),
}
