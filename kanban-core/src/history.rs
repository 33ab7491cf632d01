//! The past of a board: who did what and when, how it looked, and going back to it.
//!
//! No log is stored beside the changes: they are the log. What they did is read from their
//! operations, and what those replaced, so that telling a change never means replaying the board.

mod activity;
mod deed;
mod moment;
mod past;
mod provenance;
mod revert;
mod tell;
mod tell_card;
mod words;
mod written;

pub use activity::{Activity, ActivityQuery};
pub use deed::{BoardAct, CardAct, ColumnAct, Deed, Mention, PartAct};
pub use provenance::Provenance;

use crate::command::CommandError;
use crate::ids::CardId;
use automerge::{Automerge, ChangeHash, ReadDoc};

/// Why the past cannot be shown or brought back. The board is untouched.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let unknown = ChangeHash([7; 32]);
/// let refused = board.view_at(&[unknown]).unwrap_err();
/// assert!(matches!(refused, HistoryError::UnknownChange { change } if change == unknown));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A point in time that this replica has not reached.
    #[error("change {change} is not known here; receive it first")]
    UnknownChange {
        /// The change.
        change: ChangeHash,
    },
    /// The card has no earlier version at that point.
    #[error("card {card} did not exist at that point, or was deleted for good")]
    NoSuchVersion {
        /// The card.
        card: CardId,
    },
    /// The earlier version cannot be brought back onto the board as it is now.
    #[error("the earlier version cannot be restored")]
    Command(#[from] CommandError),
}

/// Refuses heads that name changes which are not there.
fn check_known(document: &Automerge, heads: &[ChangeHash]) -> Result<(), HistoryError> {
    // Asked one by one, since the document lists what is missing among all that it waits for.
    match heads.iter().find(|head| !document.get_missing_deps(&[**head]).is_empty()) {
        Some(change) => Err(HistoryError::UnknownChange { change: *change }),
        None => Ok(()),
    }
}
