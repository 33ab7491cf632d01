//! Reading a whole document in one pass.
//!
//! One iteration over the document costs a fraction of reading it card by card. It shows one value
//! per register; registers that hold several are read again afterwards.

use crate::ids::{CardId, ColumnId};
use crate::model::{CardState, ColumnState, Model, Owner};
use crate::read::{Keys, Stored};
use crate::records::label_of;
use crate::refresh::Touched;
use crate::schema::{cards_object, columns_object, meta_object};
use crate::view::Life;
use automerge::iter::{DocItem, DocObjItem, MapRangeItem};
use automerge::{Automerge, ObjId, ReadDoc};
use std::sync::Arc;

impl Model {
    /// The read model of `document`, whatever it holds.
    pub fn scan(document: &Automerge) -> Self {
        let mut scan = Scan {
            document,
            model: Model::default(),
            object: Arc::new(ObjId::Root),
            owner: None,
            again: Touched::default(),
        };
        let owners = &mut scan.model.owners;
        owners.insert(meta_object(), Owner::Board);
        owners.insert(columns_object(), Owner::Columns);
        owners.insert(cards_object(), Owner::Cards);
        for item in document.iter() {
            scan.take(&item);
        }
        scan.finish()
    }
}

struct Scan<'a> {
    document: &'a Automerge,
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
            (Owner::Board, DocItem::Map(_)) => self.again.board(Keys::ALL),
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
            state.absorb(self.document, keys, &value, &mut self.model.owners);
        }
    }

    fn take_card_field(&mut self, id: &CardId, entry: &MapRangeItem<'_>) {
        let keys = Keys::of(&entry.key);
        if entry.conflict && keys != Keys::LABELS {
            self.again.card(id, keys);
            return;
        }
        let Some(state) = self.model.cards.get_mut(id) else {
            return;
        };
        match (keys, Stored::of_entry(entry)) {
            (Keys::LABELS, _) => {
                Arc::make_mut(&mut state.view).labels.extend(label_of(&entry.key));
            }
            // Its characters come later in the same pass.
            (Keys::DESCRIPTION, Stored::Text(object)) => {
                let owner = Owner::CardText(id.clone(), Keys::DESCRIPTION);
                self.model.owners.insert(object.clone(), owner);
                state.description = Some(object);
            }
            (_, value) => state.absorb(self.document, keys, &[value], &mut self.model.owners),
        }
    }

    fn finish(mut self) -> Model {
        let model = &mut self.model;
        model.board.read(self.document, self.again.board, &mut model.owners);
        for (id, state) in &mut model.columns {
            let again = self.again.columns.get(id).copied().unwrap_or_default();
            state.read(self.document, again, &mut model.owners);
            state.settle();
        }
        for (id, state) in &mut model.cards {
            let again = self.again.cards.get(id).copied().unwrap_or_default();
            state.read(self.document, again, &mut model.owners);
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
