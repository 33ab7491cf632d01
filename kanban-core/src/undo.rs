//! Undo and redo of one person's own commands.
//!
//! There is no stack beside the document: what can be undone is derived from the changes that carry
//! this replica's author, so it survives saving and holds on all of a person's devices. An undo is
//! a change like any other, whose message names the change it takes back.

mod inverse;
mod log;
mod text;
mod traces;
mod words;

use crate::board::{Applied, Board};
use crate::command::CommandError;
use crate::event::BoardEvent;
use crate::replica::Timestamp;
use automerge::{ChangeHash, ReadDoc};
use inverse::Inverse;
use log::Log;
pub(crate) use log::{IMPORT, REDO, UNDO};
use serde::{Deserialize, Serialize};
pub(crate) use words::key_in_words;

/// What somebody else did that an undo would have taken back with it.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut ana = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// # let mut ben = ana.fork(Replica::new(ActorId::from([2; 16])).by("ben"));
/// ana.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
/// ben.merge(&ana)?;
/// ben.apply(&Command::RenameBoard { name: "Party".into() }, now)?;
/// ana.merge(&ben)?;
/// let refused = ana.undo(now);
/// let Err(UndoError::Superseded { by, .. }) = refused else { panic!("{refused:?}") };
/// assert_eq!(by.what, "the name of the board");
/// assert_eq!(by.author.as_deref(), Some("ben".as_bytes()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Superseded {
    /// What has moved on, in words: "the title of card docs".
    pub what: String,
    /// Who moved it on, as given to [`Replica::by`](crate::Replica::by), if anybody else did.
    #[serde(with = "crate::author")]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub author: Option<Vec<u8>>,
    /// When, by their clock.
    pub at: Timestamp,
}

/// What an undo or redo did.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let rename = board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
/// let undone: Undone = board.undo(now)?;
/// assert_eq!(Some(undone.of), rename.change);
/// assert_eq!(undone.events, [BoardEvent::BoardEdited]);
/// assert!(undone.left.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Undone {
    /// The change whose effect was taken back, or brought back.
    #[serde(with = "crate::hashes::one")]
    #[cfg_attr(feature = "typescript", ts(type = "ChangeHash"))]
    pub of: ChangeHash,
    /// The change that records it.
    #[serde(with = "crate::hashes::one")]
    #[cfg_attr(feature = "typescript", ts(type = "ChangeHash"))]
    pub change: ChangeHash,
    /// What looks different now.
    pub events: Vec<BoardEvent>,
    /// What was left as it is, because somebody else has moved on. Only a command that touched
    /// several things (a deleted column and its cards) can be undone in part.
    pub left: Vec<Superseded>,
}

/// Why nothing was undone or redone. The board is untouched.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let refused = board.redo(now).unwrap_err();
/// assert!(matches!(refused, UndoError::NothingToRedo));
/// let words = "there is nothing to redo; a new command ends what can be redone";
/// assert_eq!(refused.to_string(), words);
/// # Ok::<(), IdError>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UndoError {
    /// This person has done nothing on this board, or undone it all.
    #[error("there is nothing of yours to undo on this board")]
    NothingToUndo,
    /// Nothing was undone, or something was done since.
    #[error("there is nothing to redo; a new command ends what can be redone")]
    NothingToRedo,
    /// The change is not among those that [`Board::undoable`] lists.
    #[error("change {change} is not one of yours that can be undone")]
    NotUndoable {
        /// The change asked for.
        change: ChangeHash,
    },
    /// Somebody else has moved on: going back would take their work away.
    #[error("{} was changed since; undoing would take that away", .by.what)]
    Superseded {
        /// The change that was to be undone. [`Board::undo_change`] takes an earlier one.
        change: ChangeHash,
        /// What, who and when.
        by: Superseded,
    },
    /// The change could not be recorded.
    #[error("the undo could not be recorded")]
    Command(#[from] CommandError),
}

impl Board {
    /// Takes back the last of this person's commands that is still in effect, as one new change.
    ///
    /// What others did since stays: only values that nobody else has replaced go back, a card comes
    /// back with what others added to it, and of a text only this person's characters go. Two people
    /// who undo their concurrent moves of one card agree.
    ///
    /// Commands are this person's by the author of their changes, on whatever device
    /// ([`Replica::by`](crate::Replica::by)); without an author, by the actor. Imports cannot be
    /// undone. Costs a step per change of the board's history; taking back a creation or a
    /// restore also reads the changes made since.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// let replica = Replica::new(ActorId::from([1; 16])).by("ana");
    /// let mut board = Board::create(replica, BoardId::parse("b1")?, "Release", now);
    /// board.apply(&Command::RenameBoard { name: "Relaese".into() }, now)?;
    /// board.undo(now)?;
    /// assert_eq!(board.name(), "Release");
    /// board.redo(now)?;
    /// assert_eq!(board.name(), "Relaese");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UndoError::Superseded`] says who has moved on; [`UndoError::NothingToUndo`].
    pub fn undo(&mut self, now: Timestamp) -> Result<Undone, UndoError> {
        let log = self.log();
        self.take_back(&log, log.undo.iter().rev(), UNDO, now, UndoError::NothingToUndo)
    }

    /// Takes back one of [`undoable`](Self::undoable), not necessarily the last.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let rename = board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// board.apply(&Command::SetBoardDescription { text: "In May".into() }, now)?;
    /// board.undo_change(&rename.change.expect("the name is new"), now)?;
    /// assert_eq!((board.name(), &*board.view().description), ("Release", "In May"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`undo`](Self::undo), and [`UndoError::NotUndoable`]. A later command of the same
    /// person stands in the way like somebody else's.
    pub fn undo_change(
        &mut self,
        change: &ChangeHash,
        now: Timestamp,
    ) -> Result<Undone, UndoError> {
        let log = self.log();
        let none = UndoError::NotUndoable { change: *change };
        self.take_back(&log, log.undo.iter().filter(|mine| *mine == change), UNDO, now, none)
    }

    /// Brings back what the last [`undo`](Self::undo) took, unless a command was given since.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// board.undo(now)?;
    /// board.redo(now)?;
    /// assert_eq!(board.name(), "Launch");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UndoError::Superseded`] says who has moved on; [`UndoError::NothingToRedo`].
    pub fn redo(&mut self, now: Timestamp) -> Result<Undone, UndoError> {
        let log = self.log();
        self.take_back(&log, log.redo.iter().rev(), REDO, now, UndoError::NothingToRedo)
    }

    /// This person's changes that are in effect, oldest first.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let rename = board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// assert_eq!(board.undoable().last(), rename.change.as_ref());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn undoable(&self) -> Vec<ChangeHash> {
        self.log().undo
    }

    /// Whether [`redo`](Self::redo) has something to bring back.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// assert!(!board.can_redo());
    /// board.undo(now)?;
    /// assert!(board.can_redo());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn can_redo(&self) -> bool {
        !self.log().redo.is_empty()
    }

    fn log(&self) -> Log {
        Log::read(self.document(), self.author())
    }

    /// Inverts the first of `candidates` that has an effect at all.
    fn take_back<'a>(
        &mut self,
        log: &Log,
        candidates: impl Iterator<Item = &'a ChangeHash>,
        verb: &str,
        now: Timestamp,
        none: UndoError,
    ) -> Result<Undone, UndoError> {
        for of in candidates {
            let Some(change) = self.document().get_change_by_hash(of) else {
                continue;
            };
            let inverse = Inverse::of(self, log, &change, now);
            let (writes, mut left) = inverse.finish();
            if writes.is_empty() {
                match left.is_empty() {
                    true => continue,
                    false => return Err(UndoError::Superseded { change: *of, by: left.remove(0) }),
                }
            }
            let applied = self.carry_out_saying(&writes, now, Some(format!("{verb}{of}")))?;
            let Applied { change: Some(change), events } = applied else {
                continue;
            };
            return Ok(Undone { of: *of, change, events, left });
        }
        Err(none)
    }
}
