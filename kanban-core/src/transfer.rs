//! Cards that go to another board, and boards that are cut into a fresh document.
//!
//! Two documents never merge, so nothing here can be one change. Each half is safe alone: a copy
//! says where it came from, and what was deleted lies in the trash.

mod parcel;

pub use parcel::TakeError;

use crate::board::{Applied, Board};
use crate::command::CommandError;
use crate::ids::{BoardId, CardId};
use crate::import::DraftError;
use crate::part::Target;
use crate::plan::{Scalar, Write};
use crate::replica::{Replica, Timestamp};
use crate::schema::{key, meta_object};
use automerge::ChangeHash;
use automerge::transaction::Transactable;
use serde::{Deserialize, Serialize};
use smol_str::format_smolstr;
use std::fmt;

/// The card of another board that a card was copied from.
///
/// ```
/// use kanban_core::{BoardId, CardId, CardOrigin};
/// let origin = CardOrigin::new(BoardId::parse("release")?, CardId::parse("docs")?);
/// assert_eq!(origin.to_string(), "release/docs");
/// # Ok::<(), kanban_core::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CardOrigin {
    /// The board it was on.
    pub board: BoardId,
    /// Its id there.
    pub card: CardId,
}

impl CardOrigin {
    /// A card on a board.
    ///
    /// ```
    /// use kanban_core::{BoardId, CardId, CardOrigin};
    /// let origin = CardOrigin::new(BoardId::parse("release")?, CardId::parse("docs")?);
    /// assert_eq!(origin.card.as_str(), "docs");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(board: BoardId, card: CardId) -> Self {
        Self { board, card }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (board, card) = text.split_once('/')?;
        Some(Self { board: BoardId::parse(board).ok()?, card: CardId::parse(card).ok()? })
    }
}

impl fmt::Display for CardOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.board, self.card)
    }
}

impl Board {
    /// Cuts the board's history: a fresh board with another id that shows the same, shelf included,
    /// and knows where it came from ([`BoardView::origin`](crate::BoardView::origin)). History, trash
    /// and undecided choices stay behind, and whatever was deleted for good is really gone. Texts that
    /// merging made longer than anybody may write come along in full.
    ///
    /// Do it once, on one replica, and then [`retire`](Self::retire) the old board so that everybody
    /// who opens it is led to the new one. What people do on the old board without knowing stays
    /// there, complete; [`stragglers`](Self::stragglers) lists it. Cutting one board twice gives two
    /// boards: the pointers of both are kept ([`BoardView::successors`](crate::BoardView::successors)).
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let replica = Replica::new(ActorId::from([2; 16]));
    /// let fresh = board.squash(replica, BoardId::parse("b2")?, now)?;
    /// assert_eq!(fresh.view().origin.as_ref(), Some(board.id()));
    /// assert_eq!(fresh.to_draft(), board.to_draft());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DraftError::Document`] if Automerge refuses to record the board.
    pub fn squash(
        &self,
        replica: Replica,
        id: BoardId,
        now: Timestamp,
    ) -> Result<Board, DraftError> {
        let mut board = Board::of_checked_draft(replica, id, &self.to_draft(), now)?;
        let heads: Vec<String> = self.heads().iter().map(ToString::to_string).collect();
        let origin = format!("{}@{}", self.id(), heads.join(","));
        board
            .import(now, |transaction| transaction.put(meta_object(), key::ORIGIN, origin.as_str()))
            .map_err(|error| DraftError::Document(Box::new(error)))?;
        board.reread();
        Ok(board)
    }

    /// Points everybody who opens this board to the one that it was cut into.
    ///
    /// Commands are still carried out: somebody offline will give them anyway, and they must not be
    /// lost.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let successor = BoardId::parse("b2")?;
    /// board.retire(&successor, now)?;
    /// assert_eq!(board.view().successors, [successor]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommandError`] if the pointer cannot be recorded.
    pub fn retire(&mut self, successor: &BoardId, now: Timestamp) -> Result<Applied, CommandError> {
        let known = self.model().board.successors.iter().any(|known| known == successor.as_str());
        let value = Scalar::Str(format_smolstr!("{successor}"));
        let writes = match known {
            true => Vec::new(),
            false => vec![Write::Put(Target::Board, key::SUCCESSOR, value)],
        };
        self.carry_out_saying(&writes, now, None)
    }

    /// What happened on the old board that this one was cut from, after the cut or unknown to it:
    /// the changes, for [activities](Self::activities) and [`difference`](Self::difference) of the old
    /// board to tell. `None` if this board was not cut from `old`.
    ///
    /// The pointer that [`retire`](Self::retire) left is among them.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let fresh = board.squash(Replica::new(ActorId::from([2; 16])), BoardId::parse("b2")?, now)?;
    /// assert_eq!(fresh.stragglers(&board), Some(Vec::new()));
    /// let late = board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// assert_eq!(fresh.stragglers(&board), Some(Vec::from_iter(late.change)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stragglers(&self, old: &Board) -> Option<Vec<ChangeHash>> {
        let (board, heads) = self.model().board.origin.as_ref()?.split_once('@')?;
        if board != old.id().as_str() {
            return None;
        }
        let heads: Option<Vec<ChangeHash>> = heads.split(',').map(|h| h.parse().ok()).collect();
        let changes = old.changes_since(&heads?);
        Some(changes.iter().map(automerge::Change::hash).collect())
    }
}

/// The board that a stored origin names.
pub(crate) fn board_of_origin(origin: &str) -> Option<BoardId> {
    BoardId::parse(origin.split_once('@')?.0).ok()
}
