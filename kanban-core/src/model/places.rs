//! Where cards and columns stand, as indexes of the read model.

use super::{CardState, ColumnState, Lane, Model};
use crate::ids::{CardId, ColumnId};
use crate::order::gathered;
use crate::position::Position;
use crate::registers::Registers;
use crate::view::Life;
use std::collections::BTreeMap;

/// Keys that stand in a register without being shown, each with how often.
pub(super) type Hidden = BTreeMap<(Option<ColumnId>, Position), usize>;

/// A place as a register names it.
type Place<'a> = (Option<&'a ColumnId>, &'a Position);

impl Model {
    /// Takes over cards that are read and settled, all at once: sorting them costs a fraction of
    /// placing one after the other, and leaves no index half empty.
    pub fn place_cards(&mut self, cards: Vec<(CardId, Box<CardState>)>) {
        let mut lanes: BTreeMap<ColumnId, [Vec<(Position, CardId)>; 2]> = BTreeMap::new();
        for (id, state) in &cards {
            if state.view.life == Life::Deleted {
                self.deleted.insert(id.clone());
            }
            let spot = card_spot(state);
            if let Some((column, position, shelved)) = &spot {
                let [shown, shelf] = lanes.entry(column.clone()).or_default();
                let lane = if *shelved { shelf } else { shown };
                lane.push((position.clone(), id.clone()));
            }
            let shown = spot.as_ref().map(|(c, p, _)| (Some(c), p));
            hold_hidden(&mut self.hidden, &state.registers, shown);
        }
        self.cards = cards.into_iter().collect();
        let sets = |[shown, shelved]: [Vec<_>; 2]| Lane {
            shown: shown.into_iter().collect(),
            shelved: shelved.into_iter().collect(),
            ..Lane::default()
        };
        self.lanes = gathered(lanes.into_iter().map(|(column, lists)| (column, sets(lists))));
    }

    /// Takes a card out of the indexes, before its registers change.
    pub fn unplace_card(&mut self, id: &CardId) {
        let Some(state) = self.cards.get(id) else {
            return;
        };
        let spot = card_spot(state);
        if let Some((column, position, shelved)) = &spot
            && let Some(lane) = self.lanes.get_mut(column)
        {
            let entry = (position.clone(), id.clone());
            if *shelved {
                lane.shelved.remove(&entry);
            } else if lane.shown.remove(&entry)
                && let Some(cards) = lane.drawn.get_mut()
            {
                cards.remove(&state.view);
            }
        }
        if self.deleted.remove(id) {
            self.drawn_trash.take();
        }
        if spot.as_ref().is_some_and(|(.., shelved)| *shelved) {
            self.drawn_shelf.take();
        }
        let shown = spot.as_ref().map(|(c, p, _)| (Some(c), p));
        release_hidden(&mut self.hidden, &state.registers, shown);
    }

    /// Puts a card into the indexes.
    pub fn place_card(&mut self, id: &CardId) {
        let Some(state) = self.cards.get(id) else {
            return;
        };
        let spot = card_spot(state);
        if let Some((column, position, shelved)) = &spot {
            let lane = self.lanes.entry(column.clone()).or_default();
            let entry = (position.clone(), id.clone());
            if *shelved {
                lane.shelved.insert(entry);
            } else if lane.shown.insert(entry)
                && let Some(cards) = lane.drawn.get_mut()
            {
                cards.insert(state.view.clone());
            }
        }
        if state.view.life == Life::Deleted {
            self.deleted.insert(id.clone());
            self.drawn_trash.take();
        }
        if spot.as_ref().is_some_and(|(.., shelved)| *shelved) {
            self.drawn_shelf.take();
        }
        let shown = spot.as_ref().map(|(c, p, _)| (Some(c), p));
        hold_hidden(&mut self.hidden, &state.registers, shown);
    }

    /// Takes a column out of the indexes, before its registers change.
    pub fn unplace_column(&mut self, id: &ColumnId) {
        let Some(state) = self.columns.get(id) else {
            return;
        };
        let position = &state.view.position;
        self.column_order.remove(&(position.clone(), id.clone()));
        release_hidden(&mut self.hidden, &state.registers, Some((None, position)));
    }

    /// Puts a column into the indexes.
    pub fn place_column(&mut self, id: &ColumnId) {
        let Some(state) = self.columns.get(id) else {
            return;
        };
        let position = &state.view.position;
        self.column_order.insert((position.clone(), id.clone()));
        hold_hidden(&mut self.hidden, &state.registers, Some((None, position)));
    }

    /// Adds an unnamed column without an object: some card's placement names it.
    pub fn ensure_column(&mut self, id: &ColumnId) {
        if self.columns.contains_key(id) {
            return;
        }
        self.columns.insert(id.clone(), ColumnState::unknown(id));
        self.place_column(id);
    }
}

/// The column, key and shelf of a card that is alive.
fn card_spot(state: &CardState) -> Option<(ColumnId, Position, bool)> {
    let shelved = match state.view.life {
        Life::OnBoard => false,
        Life::Archived => true,
        Life::Deleted | Life::Purged => return None,
    };
    Some((state.view.column.clone(), state.view.position.clone(), shelved))
}

fn hold_hidden(hidden: &mut Hidden, registers: &Registers, shown: Option<Place<'_>>) {
    for place in registers.places().filter(|place| Some(*place) != shown) {
        *hidden.entry((place.0.cloned(), place.1.clone())).or_default() += 1;
    }
}

fn release_hidden(hidden: &mut Hidden, registers: &Registers, shown: Option<Place<'_>>) {
    for place in registers.places().filter(|place| Some(*place) != shown) {
        let key = (place.0.cloned(), place.1.clone());
        if let Some(count) = hidden.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                hidden.remove(&key);
            }
        }
    }
}
