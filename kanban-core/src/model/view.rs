//! Drawing a whole board from its model, the present one or one of the past.

use super::Model;
use crate::cards::Cards;
use crate::ids::{BoardId, ColumnId};
use crate::order::sort_by;
use crate::parts::{Label, Member};
use crate::transfer::board_of_origin;
use crate::view::{BoardView, Card, Column, ColumnView, Life};
use std::sync::Arc;

impl Model {
    /// The labels that the board defines, by name.
    pub fn labels(&self) -> impl Iterator<Item = &Arc<Label>> {
        let living = self.board.labels.values().filter(|drawn| drawn.record.is_alive());
        let mut labels: Vec<_> = living.map(|drawn| &drawn.view).collect();
        sort_by(&mut labels, |one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        labels.into_iter()
    }

    /// The members of the board, by name.
    pub fn members(&self) -> impl Iterator<Item = &Arc<Member>> {
        let living = self.board.members.values().filter(|drawn| drawn.record.is_alive());
        let mut members: Vec<_> = living.map(|drawn| &drawn.view).collect();
        sort_by(&mut members, |one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        members.into_iter()
    }

    /// Visible columns, left to right.
    pub fn visible(&self) -> impl Iterator<Item = &Arc<Column>> {
        let columns = self.column_order.iter();
        columns
            .filter_map(|(_, id)| Some(&self.columns.get(id)?.view))
            .filter(|column| column.is_visible())
    }

    /// The cards shown in a column, top to bottom.
    pub fn cards_in<'a>(
        &'a self,
        column: &ColumnId,
    ) -> impl Iterator<Item = &'a Arc<Card>> + use<'a> {
        let lane = self.lanes.get(column);
        let shown = lane.into_iter().flat_map(|lane| &lane.shown);
        shown.filter_map(|(_, id)| Some(&self.cards.get(id)?.view))
    }

    /// The same as a list, which is drawn once for as long as none of them changes.
    fn drawn_cards_in(&self, column: &ColumnId) -> Cards {
        let Some(lane) = self.lanes.get(column) else { return Cards::default() };
        lane.drawn.get_or_init(|| self.cards_in(column).cloned().collect()).clone()
    }

    fn drawn_shelf(&self) -> Cards {
        let shelves = self.lanes.values().flat_map(|lane| &lane.shelved);
        let cards = shelves.filter_map(|(_, id)| Some(self.cards.get(id)?.view.clone()));
        self.drawn_shelf.get_or_init(|| cards.collect()).clone()
    }

    fn drawn_trash(&self) -> Cards {
        let cards = self.deleted.iter().filter_map(|id| Some(self.cards.get(id)?.view.clone()));
        self.drawn_trash.get_or_init(|| cards.collect()).clone()
    }

    /// The whole board.
    pub fn view(&self, id: &BoardId) -> BoardView {
        let hidden_columns = |life: Life| {
            let order = self.column_order.iter();
            order
                .filter_map(|(_, id)| self.columns.get(id))
                .filter(|state| state.object.is_some() && !state.view.is_visible())
                .filter(|state| state.view.life == life)
                .map(|state| state.view.clone())
                .collect::<Vec<_>>()
        };
        BoardView {
            id: id.clone(),
            name: self.board.name.clone(),
            other_names: self.board.other_names.clone(),
            description: self.board.description.clone(),
            origin: self.board.origin.as_deref().and_then(board_of_origin),
            successors: self.board.successors(),
            labels: self.labels().cloned().collect(),
            members: self.members().cloned().collect(),
            conflicted_fields: self.board.conflicted_fields(),
            columns: self
                .visible()
                .map(|column| ColumnView {
                    column: column.clone(),
                    cards: self.drawn_cards_in(&column.id),
                })
                .collect(),
            archived_columns: hidden_columns(Life::Archived),
            archived_cards: self.drawn_shelf(),
            deleted_columns: hidden_columns(Life::Deleted),
            deleted_cards: self.drawn_trash(),
        }
    }
}
