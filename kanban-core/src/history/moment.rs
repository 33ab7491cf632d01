//! The board as it was.

use super::{HistoryError, check_known};
use crate::board::Board;
use crate::event::BoardEvent;
use crate::ids::CardId;
use crate::model::{CardState, Model};
use crate::read::{Keys, Reader, Stored};
use crate::records::Owners;
use crate::replica::Timestamp;
use crate::schema::cards_object;
use crate::view::{BoardView, Card};
use automerge::ChangeHash;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Board {
    /// The whole board as it was when it had these heads: when it contained these changes, what
    /// they build on, and nothing else. No heads are the time before the first change.
    ///
    /// Costs a pass over the document, like opening it without reading the bytes.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// let replica = Replica::new(ActorId::from([1; 16]));
    /// let mut board = Board::create(replica, BoardId::parse("b")?, "Before", now);
    /// let earlier = board.heads();
    /// board.apply(&Command::RenameBoard { name: "After".into() }, now)?;
    /// assert_eq!(board.view_at(&earlier)?.name, "Before");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`HistoryError::UnknownChange`] for heads that this replica does not have.
    pub fn view_at(&self, heads: &[ChangeHash]) -> Result<BoardView, HistoryError> {
        Ok(self.model_at(heads)?.view(self.id()))
    }

    /// One card as it was when the board had these heads; `None` if nobody had created it.
    ///
    /// Reads that card alone.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// let replica = Replica::new(ActorId::from([1; 16]));
    /// let board = Board::create(replica, BoardId::parse("b")?, "Board", now);
    /// assert!(board.card_at(&CardId::parse("docs")?, &board.heads())?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`HistoryError::UnknownChange`] for heads that this replica does not have.
    pub fn card_at(
        &self,
        card: &CardId,
        heads: &[ChangeHash],
    ) -> Result<Option<Arc<Card>>, HistoryError> {
        check_known(self.document(), heads)?;
        let state = card_state(Reader::at(self.document(), heads), card);
        Ok(state.map(|state| state.view))
    }

    /// The board of a moment, by the clocks of those who worked on it, as heads for
    /// [`view_at`](Self::view_at).
    ///
    /// It contains every change that was made up to then and whose predecessors all were. So a
    /// change counts as made no earlier than what it builds on: behind a colleague's clock that
    /// runs a day ahead, everything done in answer to them counts as done a day later.
    ///
    /// ```
    /// # use kanban_core::*;
    /// let replica = Replica::new(ActorId::from([1; 16]));
    /// let noon = Timestamp::from_unix_seconds(43_200);
    /// let mut board = Board::create(replica, BoardId::parse("b")?, "Before", noon);
    /// let one = Timestamp::from_unix_seconds(46_800);
    /// board.apply(&Command::RenameBoard { name: "After".into() }, one)?;
    /// assert_eq!(board.view_at(&board.heads_at(noon))?.name, "Before");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn heads_at(&self, moment: Timestamp) -> Vec<ChangeHash> {
        let mut contained = BTreeSet::new();
        let mut heads = BTreeSet::new();
        // Predecessors come first.
        for meta in self.document().get_changes_meta(&[]) {
            let is_due = meta.timestamp <= moment.unix_seconds();
            if is_due && meta.deps.iter().all(|dep| contained.contains(dep)) {
                for dep in &meta.deps {
                    heads.remove(dep);
                }
                contained.insert(meta.hash);
                heads.insert(meta.hash);
            }
        }
        heads.into_iter().collect()
    }

    /// What looks different at `to`, for somebody who sees the board as it was at `from`.
    ///
    /// The two need not be in order: from the present to the past it says what going back means.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// let replica = Replica::new(ActorId::from([1; 16]));
    /// let mut board = Board::create(replica, BoardId::parse("b")?, "Before", now);
    /// let earlier = board.heads();
    /// board.apply(&Command::RenameBoard { name: "After".into() }, now)?;
    /// assert_eq!(board.difference(&earlier, &board.heads())?, [BoardEvent::BoardEdited]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`HistoryError::UnknownChange`] for heads that this replica does not have.
    pub fn difference(
        &self,
        from: &[ChangeHash],
        to: &[ChangeHash],
    ) -> Result<Vec<BoardEvent>, HistoryError> {
        let mut model = self.model_at(from)?;
        Ok(model.replace(self.model_at(to)?))
    }

    fn model_at(&self, heads: &[ChangeHash]) -> Result<Model, HistoryError> {
        check_known(self.document(), heads)?;
        Ok(Model::scan(Reader::at(self.document(), heads)))
    }
}

/// A card as the reader finds it, without reading the rest of the board.
pub(super) fn card_state(reader: Reader<'_>, id: &CardId) -> Option<CardState> {
    let Some(Stored::Map(object)) = reader.values(&cards_object(), id.as_str()).pop() else {
        return None;
    };
    let mut state = CardState::new(id, &object);
    state.read(reader, Keys::ALL, &mut Owners::new());
    state.settle();
    Some(state)
}
