//! Going back to an earlier version of a card.

use super::moment::card_state;
use super::{HistoryError, check_known};
use crate::board::{Applied, Board};
use crate::ids::CardId;
use crate::plan::Version;
use crate::read::Reader;
use crate::replica::Timestamp;
use crate::view::Life;
use automerge::ChangeHash;

impl Board {
    /// Brings back an earlier version of a card: its title, description, labels, assignees, dates,
    /// cover, whether it is done, checklists with their items, and links, as they were when the
    /// board had these heads. Its place and its comments stay as they are.
    ///
    /// Records one change of ordinary edits, or none if nothing differs; what others edit at the
    /// same time merges with it as with any edit. Checklists, items and links that were deleted
    /// since are restored, later ones deleted and restorable. Items keep their places. A card
    /// that was deleted for good comes back to the place that it had then.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// # let replica = Replica::new(ActorId::from([1; 16]));
    /// # let mut board = Board::create(replica, BoardId::parse("b")?, "Board", now);
    /// # let (todo, card) = (ColumnId::parse("todo")?, CardId::parse("docs")?);
    /// # let (name, at) = ("To do".into(), Slot::Last);
    /// # board.apply(&Command::CreateColumn { column: todo.clone(), name, at }, now)?;
    /// # let (title, description) = ("Write docs".into(), String::new());
    /// # let (id, at) = (card.clone(), Slot::Last);
    /// # board.apply(&Command::CreateCard { card: id, column: todo, at, title, description }, now)?;
    /// let earlier = board.heads();
    /// board.apply(&Command::RenameCard { card: card.clone(), title: "Oops".into() }, now)?;
    /// board.revert_card(&card, &earlier, now)?;
    /// assert_eq!(board.card(&card).unwrap().title, "Write docs");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`HistoryError::UnknownChange`] for heads that this replica does not have,
    /// [`HistoryError::NoSuchVersion`] if the card was not there then, and
    /// [`CommandError`](crate::CommandError) if it is deleted now: restore it first.
    pub fn revert_card(
        &mut self,
        card: &CardId,
        heads: &[ChangeHash],
        now: Timestamp,
    ) -> Result<Applied, HistoryError> {
        self.revert(card, heads, now, true)
    }

    /// Brings back an earlier description of a card, and nothing else of it.
    ///
    /// Records the difference as one edit, so that characters which others type at the same time
    /// are kept; nothing if there is none.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// # let replica = Replica::new(ActorId::from([1; 16]));
    /// # let mut board = Board::create(replica, BoardId::parse("b")?, "Board", now);
    /// # let (todo, card) = (ColumnId::parse("todo")?, CardId::parse("docs")?);
    /// # let (name, at) = ("To do".into(), Slot::Last);
    /// # board.apply(&Command::CreateColumn { column: todo.clone(), name, at }, now)?;
    /// # let (title, description) = ("Write docs".into(), "All of them".into());
    /// # let (id, at) = (card.clone(), Slot::Last);
    /// # board.apply(&Command::CreateCard { card: id, column: todo, at, title, description }, now)?;
    /// let earlier = board.heads();
    /// board.apply(&Command::SetDescription { card: card.clone(), text: "Oops".into() }, now)?;
    /// board.revert_description(&card, &earlier, now)?;
    /// assert_eq!(board.card(&card).unwrap().description, "All of them");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`revert_card`](Self::revert_card); a card that was deleted for good has to be
    /// reverted whole.
    pub fn revert_description(
        &mut self,
        card: &CardId,
        heads: &[ChangeHash],
        now: Timestamp,
    ) -> Result<Applied, HistoryError> {
        self.revert(card, heads, now, false)
    }

    fn revert(
        &mut self,
        card: &CardId,
        heads: &[ChangeHash],
        now: Timestamp,
        whole: bool,
    ) -> Result<Applied, HistoryError> {
        check_known(self.document(), heads)?;
        let reader = Reader::at(self.document(), heads);
        let state = card_state(reader, card).filter(|state| state.view.life != Life::Purged);
        let state = state.ok_or_else(|| HistoryError::NoSuchVersion { card: card.clone() })?;
        let then = Version { state: &state, reader };
        let planner = self.planner(now);
        let writes = match whole {
            true => planner.revert_card(card, &then)?,
            false => planner.revert_description(card, &then)?,
        };
        Ok(self.carry_out_saying(&writes, now, None)?)
    }
}
