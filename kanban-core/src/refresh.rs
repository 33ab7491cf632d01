//! Bringing the read model up to date: only what was touched is read again.

use crate::event::{BoardEvent, card_events, column_events};
use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::model::{BoardState, CardState, ColumnState, Drawn, Model, Owner};
use crate::order::gathered;
use crate::read::{Keys, Reader, Stored};
use crate::schema::{cards_object, columns_object};
use crate::touched::{CardTouched, Touched};
use crate::view::{Column, Life};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How columns looked before a refresh, as far as it may have changed them.
#[derive(Default)]
struct Before(BTreeMap<ColumnId, Option<Arc<Column>>>);

impl Before {
    fn remember(&mut self, model: &Model, id: &ColumnId) {
        if !self.0.contains_key(id) {
            let view = model.columns.get(id).map(|state| state.view.clone());
            self.0.insert(id.clone(), view);
        }
    }
}

impl Model {
    /// Reads everything touched again and says what looks different.
    pub fn refresh(&mut self, reader: Reader<'_>, touched: Touched) -> Vec<BoardEvent> {
        let mut events = Vec::new();
        let mut before = Before::default();
        if touched.board != Keys::NONE {
            self.refresh_board(reader, touched.board, &mut events);
        }
        self.refresh_labels(reader, &touched.labels, &mut events);
        self.refresh_members(reader, &touched.members, &mut events);
        for (id, keys) in &touched.columns {
            before.remember(self, id);
            self.refresh_column(reader, id, *keys);
        }
        for (id, card) in touched.cards {
            self.refresh_card(reader, &id, card, &mut before, &mut events);
        }
        self.redraw_columns(before, &mut events);
        events
    }

    fn refresh_board(&mut self, reader: Reader<'_>, keys: Keys, events: &mut Vec<BoardEvent>) {
        let looks = |board: &BoardState| {
            let names = (board.name.clone(), board.other_names.clone());
            (names, board.description.clone(), board.successors.clone())
        };
        let old = looks(&self.board);
        self.board.read(reader, keys, &mut self.owners);
        if looks(&self.board) != old {
            events.push(BoardEvent::BoardEdited);
        }
    }

    fn refresh_labels(
        &mut self,
        reader: Reader<'_>,
        labels: &BTreeSet<LabelId>,
        events: &mut Vec<BoardEvent>,
    ) {
        for label in labels {
            let old = self.board.labels.get(label).cloned();
            self.board.read_labels(reader, [label], &mut self.owners);
            if differs(old.as_ref(), self.board.labels.get(label)) {
                events.push(BoardEvent::LabelChanged { label: label.clone() });
            }
        }
    }

    fn refresh_members(
        &mut self,
        reader: Reader<'_>,
        members: &BTreeSet<MemberId>,
        events: &mut Vec<BoardEvent>,
    ) {
        for member in members {
            let old = self.board.members.get(member).cloned();
            self.board.read_members(reader, [member], &mut self.owners);
            if differs(old.as_ref(), self.board.members.get(member)) {
                events.push(BoardEvent::MemberChanged { member: member.clone() });
            }
        }
    }

    /// Reads a column's touched registers.
    fn refresh_column(&mut self, reader: Reader<'_>, id: &ColumnId, keys: Keys) {
        self.ensure_column(id);
        self.unplace_column(id);
        if let Some(state) = self.columns.get_mut(id) {
            if keys == Keys::ALL {
                match reader.values(&columns_object(), id.as_str()).pop() {
                    Some(Stored::Map(object)) => {
                        self.owners.insert(object.clone(), Owner::Column(id.clone()));
                        state.object = Some(object);
                    }
                    // Another program deleted the object: only its cards keep the column.
                    _ => *state = ColumnState::unknown(id),
                }
            }
            state.read(reader, keys, &mut self.owners);
            state.settle();
        }
        self.place_column(id);
    }

    fn refresh_card(
        &mut self,
        reader: Reader<'_>,
        id: &CardId,
        touched: CardTouched,
        before: &mut Before,
        events: &mut Vec<BoardEvent>,
    ) {
        let old = self.cards.get(id).map(|state| state.view.clone());
        self.unplace_card(id);
        if touched.keys == Keys::ALL {
            let Some(Stored::Map(object)) = reader.values(&cards_object(), id.as_str()).pop()
            else {
                return self.forget_card(id, before, events);
            };
            self.owners.insert(object.clone(), Owner::Card(id.clone()));
            let state = self.cards.entry(id.clone());
            let state = state.or_insert_with(|| Box::new(CardState::new(id, &object)));
            state.object = object;
        }
        if let Some(state) = self.cards.get_mut(id) {
            state.take_over(reader, touched, &mut self.owners);
            state.settle();
            let new = state.view.clone();
            before.remember(self, &new.column);
            if let Some(old) = &old {
                before.remember(self, &old.column);
            }
            self.ensure_column(&new.column);
            self.place_card(id);
            card_events(old.as_deref(), &new, events);
        }
    }

    /// Another program deleted the card's object, and with it all that was known of the card.
    fn forget_card(&mut self, id: &CardId, before: &mut Before, events: &mut Vec<BoardEvent>) {
        if let Some(state) = self.cards.get(id) {
            before.remember(self, &state.view.column);
        }
        if let Some(state) = self.cards.remove(id)
            && state.view.life.is_alive()
        {
            events.push(BoardEvent::CardDeleted { card: id.clone() });
        }
    }

    /// Shows and hides columns whose cards came and went, and says which columns look different.
    fn redraw_columns(&mut self, mut before: Before, events: &mut Vec<BoardEvent>) {
        let mut places_changed = false;
        for (id, old) in &before.0 {
            let occupied = self.lanes.get(id).is_some_and(|lane| !lane.shown.is_empty());
            let Some(state) = self.columns.get_mut(id) else {
                continue;
            };
            let recovered = occupied && state.view.life != Life::OnBoard;
            if state.view.recovered != recovered {
                Arc::make_mut(&mut state.view).recovered = recovered;
            }
            places_changed |= !old.as_ref().is_some_and(|old| {
                old.position == state.view.position && old.is_visible() == state.view.is_visible()
            }) || !state.registers.losing().is_empty()
                || !state.view.other_positions.is_empty();
        }
        if places_changed {
            for id in self.columns.keys() {
                before.remember(self, id);
            }
            self.settle_other_positions();
        }
        for (id, old) in &before.0 {
            let Some(state) = self.columns.get(id) else {
                continue;
            };
            // A column that nobody created is a column only while a card stands in it.
            let seen = |view: &Column, exists| exists || view.recovered;
            let old = old.as_deref().filter(|old| seen(old, state.object.is_some()));
            if old.is_some() || seen(&state.view, state.object.is_some()) {
                column_events(old, &state.view, events);
            }
        }
    }

    /// Works out for every column which of its concurrent places are really other places: at
    /// least one visible column stands between them and the place shown.
    pub fn settle_other_positions(&mut self) {
        let mut found = Vec::new();
        for (id, state) in &self.columns {
            let shown = &state.view.position;
            let mut others = Vec::new();
            for other in state.registers.losing() {
                let (low, high) = match &other.position {
                    other if other < shown => (other, shown),
                    other => (shown, other),
                };
                let between = self
                    .column_order
                    .range((low.clone(), ColumnId::lowest())..)
                    .take_while(|(position, _)| position < high)
                    .filter(|(_, column)| column != id)
                    .any(|(_, column)| is_visible(&self.columns, column));
                if between && !others.contains(&other.position) {
                    others.push(other.position.clone());
                }
            }
            if others != state.view.other_positions {
                found.push((id.clone(), others));
            }
        }
        for (id, others) in found {
            if let Some(state) = self.columns.get_mut(&id) {
                Arc::make_mut(&mut state.view).other_positions = others;
            }
        }
    }
}

fn differs<T: PartialEq>(old: Option<&Drawn<T>>, new: Option<&Drawn<T>>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => !old.looks_like(new),
        (None, None) => false,
        _ => true,
    }
}

/// What makes the board's own fields, labels and members look different.
fn board_events(old: &BoardState, new: &BoardState) -> Vec<BoardEvent> {
    let mut events = Vec::new();
    if (&old.name, &old.other_names) != (&new.name, &new.other_names)
        || (&old.description, &old.successors) != (&new.description, &new.successors)
    {
        events.push(BoardEvent::BoardEdited);
    }
    let labels: BTreeSet<&LabelId> = gathered(old.labels.keys().chain(new.labels.keys()));
    let changed = |id: &&&LabelId| differs(old.labels.get(**id), new.labels.get(**id));
    let labels: Vec<&LabelId> = labels.iter().filter(changed).copied().collect();
    events.extend(labels.into_iter().map(|l| BoardEvent::LabelChanged { label: l.clone() }));
    let members: BTreeSet<&MemberId> = gathered(old.members.keys().chain(new.members.keys()));
    let changed = |id: &&&MemberId| differs(old.members.get(**id), new.members.get(**id));
    let members: Vec<&MemberId> = members.iter().filter(changed).copied().collect();
    events.extend(members.into_iter().map(|m| BoardEvent::MemberChanged { member: m.clone() }));
    events
}

fn is_visible(columns: &BTreeMap<ColumnId, ColumnState>, id: &ColumnId) -> bool {
    columns.get(id).is_some_and(|state| state.view.is_visible())
}

impl Model {
    /// Takes over a model that was read anew and says what looks different.
    pub fn replace(&mut self, new: Model) -> Vec<BoardEvent> {
        let old = std::mem::replace(self, new);
        let mut events = Vec::new();
        events.extend(board_events(&old.board, &self.board));
        for (id, state) in &self.cards {
            let old = old.cards.get(id).map(|old| &*old.view);
            card_events(old, &state.view, &mut events);
        }
        for (id, state) in &self.columns {
            let old = old.columns.get(id).map(|old| &*old.view);
            column_events(old, &state.view, &mut events);
        }
        for card in old.cards.into_keys().filter(|id| !self.cards.contains_key(id)) {
            events.push(BoardEvent::CardDeleted { card });
        }
        for column in old.columns.into_keys().filter(|id| !self.columns.contains_key(id)) {
            events.push(BoardEvent::ColumnDeleted { column });
        }
        events
    }
}
