//! The draft of a board that exists: for an export, a template, or a fresh document.

use super::{ArchivedDraft, BoardDraft, CardDraft, ColumnDraft};
use crate::board::Board;
use crate::ids::ColumnId;
use crate::model::CardState;
use crate::order::sort_by;
use crate::plan::ARCHIVED_WITH_COLUMN;
use crate::view::{Card, Column, Life};

impl CardDraft {
    /// What a card shows, without its history and conflicts; never archived.
    pub(crate) fn of(card: &Card) -> Self {
        Self {
            id: card.id.clone(),
            title: card.title.clone(),
            description: card.description.clone(),
            labels: card.labels.iter().cloned().collect(),
            assignees: card.assignees.iter().cloned().collect(),
            start: card.start.clone(),
            due: card.due.clone(),
            done: card.done,
            cover: card.cover.clone(),
            checklists: card.checklists.clone(),
            comments: card.comments.clone(),
            links: card.links.clone(),
            origin: card.origin.clone(),
            archived: ArchivedDraft::No,
        }
    }
}

impl Board {
    /// Everything the board shows, shelf included, as plain values: without history, conflicts and
    /// trash. A deleted column that is shown for a card's sake is a column like any other in it, one
    /// with only archived cards is archived. A board made from it with [`Board::from_draft`] has the same draft.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardDraft, BoardId, Replica, Timestamp};
    /// # let now = Timestamp::from_unix_seconds(0);
    /// let draft: BoardDraft = serde_json::from_str(r#"{ "name": "Release", "columns": [] }"#)?;
    /// let replica = |actor| Replica::new(actor);
    /// let board = Board::from_draft(replica(ActorId::from([1; 16])), BoardId::parse("a")?, &draft, now)?;
    /// assert_eq!(board.to_draft(), draft);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_draft(&self) -> BoardDraft {
        let columns = self.model().column_order.iter().map(|(_, id)| id);
        BoardDraft {
            name: self.name().to_owned(),
            description: self.model().board.description.clone(),
            labels: self.labels().map(|label| (**label).clone()).collect(),
            members: self.members().map(|member| (**member).clone()).collect(),
            columns: columns.filter_map(|id| self.column_draft(id)).collect(),
        }
    }

    fn column_draft(&self, id: &ColumnId) -> Option<ColumnDraft> {
        let column: &Column = self.column(id)?;
        let lane = self.model().lanes.get(id);
        let mut places: Vec<_> =
            lane.into_iter().flat_map(|lane| lane.shown.iter().chain(&lane.shelved)).collect();
        if !column.is_visible() && column.life != Life::Archived && places.is_empty() {
            return None;
        }
        sort_by(&mut places, Ord::cmp);
        let states = places.iter().filter_map(|(_, card)| self.model().cards.get(card));
        Some(ColumnDraft {
            id: id.clone(),
            name: column.name.clone(),
            wip_limit: column.wip_limit,
            colour: column.colour.clone(),
            // Also one that is shown for its cards' sake: they are in the draft, so it will be again.
            archived: column.life == Life::Archived || !column.is_visible(),
            cards: states.map(|state| draft_of(state)).collect(),
        })
    }
}

fn draft_of(state: &CardState) -> CardDraft {
    let archived = match (state.view.life, state.registers.shelf.as_deref()) {
        (Life::Archived, Some(ARCHIVED_WITH_COLUMN)) => ArchivedDraft::WithColumn,
        (Life::Archived, _) => ArchivedDraft::Alone,
        _ => ArchivedDraft::No,
    };
    CardDraft { archived, ..CardDraft::of(&state.view) }
}
