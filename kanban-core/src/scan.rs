//! Reading a whole document in one pass.
//!
//! One iteration over the document costs a fraction of reading it card by card. It shows one value
//! per register; registers that hold several are read again afterwards.

use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::model::{CardState, ColumnState, Model, Owner};
use crate::order::gathered;
use crate::part::{PartId, Record};
use crate::read::{Keys, Reader, Stored};
use crate::records::{Lookup, take_mark};
use crate::schema::{cards_object, columns_object, labels_object, members_object, meta_object};
use crate::touched::Touched;
use crate::view::Life;
use automerge::ObjId;
use automerge::iter::{DocItem, DocObjItem, MapRangeItem};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Model {
    /// The read model of `document`, whatever it holds.
    pub fn scan(reader: Reader<'_>) -> Self {
        let mut scan = Scan {
            reader,
            model: Model::default(),
            cards: Vec::new(),
            places: Lookup::default(),
            unread: Lookup::default(),
            object: Arc::new(ObjId::Root),
            owner: None,
            again: Touched::default(),
        };
        let maps = [
            (labels_object(), Owner::Labels),
            (members_object(), Owner::Members),
            (columns_object(), Owner::Columns),
            (cards_object(), Owner::Cards),
        ];
        scan.model.owners.insert(meta_object(), Owner::Board);
        // From each map of the first change, not from the root: whatever another program puts there
        // in place of one of them would hide it.
        for (map, owner) in maps {
            scan.model.owners.insert(map.clone(), owner);
            for item in reader.items(&map) {
                scan.take(&item);
            }
        }
        scan.again.board(Keys::ALL);
        scan.finish()
    }
}

struct Scan<'a> {
    reader: Reader<'a>,
    /// Everything but the cards.
    model: Model,
    /// In the order in which their objects come: each is filled while it is warm.
    cards: Vec<(CardId, Box<CardState>)>,
    /// Where in the list a card is.
    places: Lookup<CardId, usize>,
    /// Cards whose objects have not come yet.
    unread: Lookup<ObjId, CardId>,
    /// The object that the last item belonged to, what it is, and the place of its card: looking
    /// that up for every register would cost as much as reading it.
    object: Arc<ObjId>,
    owner: Option<(Owner, usize)>,
    /// Registers with several values.
    again: Touched,
}

impl Scan<'_> {
    fn take(&mut self, item: &DocObjItem<'_>) {
        if !Arc::ptr_eq(&self.object, &item.obj) {
            self.object = item.obj.clone();
            self.owner = self.owner_of(&item.obj);
        }
        let Some((owner, card)) = &self.owner else {
            return;
        };
        match (owner, &item.item) {
            (Owner::Card(_), DocItem::Map(entry)) => self.take_card_field(*card, entry),
            (Owner::Part(_, part), DocItem::Map(entry)) => {
                self.take_part_field(*card, &part.clone(), entry);
            }
            (Owner::CardText(_, Keys::DESCRIPTION), DocItem::Text(span)) => {
                if let Some((_, state)) = self.cards.get_mut(*card) {
                    Arc::make_mut(&mut state.view).description.push_str(span.as_str());
                }
            }
            (Owner::Cards, DocItem::Map(entry)) => self.take_card(entry),
            (Owner::Columns, DocItem::Map(entry)) => self.take_column(entry),
            (Owner::Column(id), DocItem::Map(entry)) => self.take_column_field(&id.clone(), entry),
            (Owner::Labels, DocItem::Map(entry)) => {
                self.again.labels.extend(LabelId::parse(&entry.key));
            }
            (Owner::Members, DocItem::Map(entry)) => {
                self.again.members.extend(MemberId::parse(&entry.key));
            }
            _ => {}
        }
    }

    fn owner_of(&mut self, object: &ObjId) -> Option<(Owner, usize)> {
        if let Some(card) = self.unread.remove(object) {
            return Some((Owner::Card(card.clone()), self.add_card(card, object)));
        }
        let owner = self.model.owners.get(object)?.clone();
        let place = owner.card().and_then(|card| self.places.get(card).copied());
        Some((owner, place.unwrap_or_default()))
    }

    fn add_card(&mut self, id: CardId, object: &ObjId) -> usize {
        let place = self.cards.len();
        if place == 0 {
            // All cards are known by now: the maps need not grow again and again.
            let cards = self.unread.len() + 1;
            self.cards.reserve(cards);
            self.places.reserve(cards);
            // Each has an object and a description.
            self.model.owners.reserve(2 * cards);
        }
        self.model.owners.insert(object.clone(), Owner::Card(id.clone()));
        self.places.insert(id.clone(), place);
        let state = Box::new(CardState::new(&id, object));
        self.cards.push((id, state));
        place
    }

    fn take_column(&mut self, entry: &MapRangeItem<'_>) {
        let Some((id, object)) = ColumnId::parse(&entry.key).ok().zip(map_of(entry)) else {
            return;
        };
        self.model.owners.insert(object.clone(), Owner::Column(id.clone()));
        let mut state = ColumnState::unknown(&id);
        state.object = Some(object);
        self.model.columns.insert(id, state);
    }

    fn take_card(&mut self, entry: &MapRangeItem<'_>) {
        let Some((id, object)) = CardId::parse(&entry.key).ok().zip(map_of(entry)) else {
            return;
        };
        self.unread.insert(object, id);
    }

    fn take_column_field(&mut self, id: &ColumnId, entry: &MapRangeItem<'_>) {
        let keys = Keys::of(&entry.key);
        if entry.conflict {
            self.again.column(id, keys);
        } else if let Some(state) = self.model.columns.get_mut(id) {
            let value = [Stored::of_entry(entry)];
            state.absorb(self.reader, keys, &value, &mut self.model.owners);
        }
    }

    fn take_card_field(&mut self, card: usize, entry: &MapRangeItem<'_>) {
        let keys = Keys::of(&entry.key);
        if keys == Keys::PARTS {
            return self.take_part(card, entry);
        }
        let Some((id, state)) = self.cards.get_mut(card) else {
            return;
        };
        if keys == Keys::LABELS || keys == Keys::ASSIGNEES {
            return take_mark(Arc::make_mut(&mut state.view), &entry.key);
        }
        if entry.conflict {
            return self.again.card(id, keys);
        }
        match (keys, Stored::of_entry(entry)) {
            // Its characters come later in the same pass.
            (Keys::DESCRIPTION, Stored::Text(object)) => {
                let owner = Owner::CardText(id.clone(), Keys::DESCRIPTION);
                self.model.owners.insert(object.clone(), owner);
                state.description = Some(object);
            }
            (_, value) => {
                if keys == Keys::POS {
                    state.pos_by = Some(entry.id());
                }
                state.absorb(self.reader, keys, &[value], &mut self.model.owners);
            }
        }
    }

    fn take_part(&mut self, card: usize, entry: &MapRangeItem<'_>) {
        let part = PartId::of_key(&entry.key);
        let Some((part, (id, state))) = part.zip(self.cards.get_mut(card)) else {
            return;
        };
        match map_of(entry).filter(|_| !entry.conflict) {
            Some(object) => {
                self.model.owners.insert(object.clone(), Owner::Part(id.clone(), part.clone()));
                state.parts.insert(part, Record::new(object));
            }
            None => self.again.part(id, &part),
        }
    }

    fn take_part_field(&mut self, card: usize, part: &PartId, entry: &MapRangeItem<'_>) {
        let Some((id, state)) = self.cards.get_mut(card) else {
            return;
        };
        let Some(record) = state.parts.get_mut(part) else {
            return;
        };
        let values = match entry.conflict {
            true => self.reader.values(&record.object, &entry.key),
            false => vec![Stored::of_entry(entry)],
        };
        for value in &values {
            if let Stored::Text(object) = value {
                let owner = Owner::Part(id.clone(), part.clone());
                self.model.owners.insert(object.clone(), owner);
            }
        }
        record.absorb(&entry.key, values);
    }

    fn finish(mut self) -> Model {
        // Another program made these: cards without a single field.
        let unread: BTreeMap<ObjId, CardId> = gathered(std::mem::take(&mut self.unread));
        for (object, card) in unread {
            self.add_card(card, &object);
        }
        let model = &mut self.model;
        model.board.read(self.reader, self.again.board, &mut model.owners);
        model.board.read_labels(self.reader, &self.again.labels, &mut model.owners);
        model.board.read_members(self.reader, &self.again.members, &mut model.owners);
        for (id, state) in &mut model.columns {
            let again = self.again.columns.get(id).copied().unwrap_or_default();
            state.read(self.reader, again, &mut model.owners);
            state.settle();
        }
        for (id, state) in &mut self.cards {
            if !state.parts.is_empty() {
                state.draw_parts(self.reader);
            }
            let again = self.again.cards.remove(id).unwrap_or_default();
            state.take_over(self.reader, again, &mut model.owners);
            state.settle();
        }
        for id in model.columns.keys().cloned().collect::<Vec<_>>() {
            model.place_column(&id);
        }
        model.place_cards(self.cards);
        for column in model.lanes.keys().cloned().collect::<Vec<_>>() {
            model.ensure_column(&column);
        }
        for (id, state) in &mut model.columns {
            let occupied = model.lanes.get(id).is_some_and(|lane| !lane.shown.is_empty());
            if occupied && state.view.life != Life::OnBoard {
                Arc::make_mut(&mut state.view).recovered = true;
            }
        }
        model.settle_other_positions();
        self.model
    }
}

fn map_of(entry: &MapRangeItem<'_>) -> Option<ObjId> {
    match Stored::of_entry(entry) {
        Stored::Map(object) => Some(object),
        _ => None,
    }
}
