//! Reading a whole document in one pass.
//!
//! One iteration over the document costs a fraction of reading it card by card. It shows one value
//! per register; registers that hold several are read again afterwards.

use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::model::{CardState, ColumnState, Model, Owner};
use crate::part::{PartId, Record};
use crate::read::{Keys, Reader, Stored};
use crate::records::take_mark;
use crate::schema::{cards_object, columns_object, labels_object, members_object, meta_object};
use crate::touched::Touched;
use crate::view::Life;
use automerge::iter::{DocItem, DocObjItem, MapRangeItem};
use automerge::{ObjId, ReadDoc};
use std::sync::Arc;

impl Model {
    /// The read model of `document`, whatever it holds.
    pub fn scan(reader: Reader<'_>) -> Self {
        let mut scan = Scan {
            reader,
            model: Model::default(),
            object: Arc::new(ObjId::Root),
            owner: None,
            again: Touched::default(),
        };
        let owners = &mut scan.model.owners;
        owners.insert(meta_object(), Owner::Board);
        owners.insert(columns_object(), Owner::Columns);
        owners.insert(cards_object(), Owner::Cards);
        owners.insert(labels_object(), Owner::Labels);
        owners.insert(members_object(), Owner::Members);
        // From each map of the first change, not from the root: whatever another program puts there
        // in place of one of them would hide it.
        for map in [labels_object(), members_object(), columns_object(), cards_object()] {
            for item in reader.document.iter_at(map, reader.heads) {
                scan.take(&item);
            }
        }
        scan.again.board(Keys::ALL);
        scan.finish()
    }
}

struct Scan<'a> {
    reader: Reader<'a>,
    model: Model,
    /// The object that the last item belonged to, and what it is.
    object: Arc<ObjId>,
    owner: Option<Owner>,
    /// Registers with several values.
    again: Touched,
}

impl Scan<'_> {
    fn take(&mut self, item: &DocObjItem<'_>) {
        if !Arc::ptr_eq(&self.object, &item.obj) {
            self.object = item.obj.clone();
            self.owner = self.model.owners.get(&*item.obj).cloned();
        }
        let Some(owner) = &self.owner else {
            return;
        };
        match (owner, &item.item) {
            (Owner::Columns, DocItem::Map(entry)) => self.take_column(entry),
            (Owner::Cards, DocItem::Map(entry)) => self.take_card(entry),
            (Owner::Column(id), DocItem::Map(entry)) => self.take_column_field(&id.clone(), entry),
            (Owner::Card(id), DocItem::Map(entry)) => self.take_card_field(&id.clone(), entry),
            (Owner::Labels, DocItem::Map(entry)) => {
                self.again.labels.extend(LabelId::parse(&entry.key));
            }
            (Owner::Members, DocItem::Map(entry)) => {
                self.again.members.extend(MemberId::parse(&entry.key));
            }
            (Owner::Part(card, part), DocItem::Map(entry)) => {
                self.take_part_field(&card.clone(), &part.clone(), entry);
            }
            (Owner::CardText(id, Keys::DESCRIPTION), DocItem::Text(span)) => {
                if let Some(state) = self.model.cards.get_mut(id) {
                    Arc::make_mut(&mut state.view).description.push_str(span.as_str());
                }
            }
            _ => {}
        }
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
        self.model.owners.insert(object.clone(), Owner::Card(id.clone()));
        let state = CardState::new(&id, &object);
        self.model.cards.insert(id, state);
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

    fn take_card_field(&mut self, id: &CardId, entry: &MapRangeItem<'_>) {
        let keys = Keys::of(&entry.key);
        if keys == Keys::PARTS {
            return self.take_part(id, entry);
        }
        if entry.conflict && keys != Keys::LABELS && keys != Keys::ASSIGNEES {
            self.again.card(id, keys);
            return;
        }
        let Some(state) = self.model.cards.get_mut(id) else {
            return;
        };
        match (keys, Stored::of_entry(entry)) {
            (Keys::LABELS | Keys::ASSIGNEES, _) => {
                take_mark(Arc::make_mut(&mut state.view), &entry.key);
            }
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

    fn take_part(&mut self, card: &CardId, entry: &MapRangeItem<'_>) {
        let Some(part) = PartId::of_key(&entry.key) else {
            return;
        };
        match map_of(entry).filter(|_| !entry.conflict) {
            Some(object) => {
                self.model.owners.insert(object.clone(), Owner::Part(card.clone(), part.clone()));
                if let Some(state) = self.model.cards.get_mut(card) {
                    state.parts.insert(part, Record::new(object));
                }
            }
            None => self.again.part(card, &part),
        }
    }

    fn take_part_field(&mut self, card: &CardId, part: &PartId, entry: &MapRangeItem<'_>) {
        let state = self.model.cards.get_mut(card);
        let Some(record) = state.and_then(|state| state.parts.get_mut(part)) else {
            return;
        };
        let values = match entry.conflict {
            true => self.reader.values(&record.object, &entry.key),
            false => vec![Stored::of_entry(entry)],
        };
        for value in &values {
            if let Stored::Text(object) = value {
                let owner = Owner::Part(card.clone(), part.clone());
                self.model.owners.insert(object.clone(), owner);
            }
        }
        record.absorb(&entry.key, values);
    }

    fn finish(mut self) -> Model {
        let model = &mut self.model;
        model.board.read(self.reader, self.again.board, &mut model.owners);
        model.board.read_labels(self.reader, &self.again.labels, &mut model.owners);
        model.board.read_members(self.reader, &self.again.members, &mut model.owners);
        for (id, state) in &mut model.columns {
            let again = self.again.columns.get(id).copied().unwrap_or_default();
            state.read(self.reader, again, &mut model.owners);
            state.settle();
        }
        for (id, state) in &mut model.cards {
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
        for id in model.cards.keys().cloned().collect::<Vec<_>>() {
            model.place_card(&id);
        }
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
