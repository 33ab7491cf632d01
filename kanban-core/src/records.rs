//! Reading one card, one column or the board's own fields out of the document.

use crate::ids::{CardId, LabelId};
use crate::model::{
    BoardState, CardState, ColumnState, Owner, blank_card, settle_card, settle_column,
};
use crate::read::{Keys, Stored, texts, values};
use crate::registers::Registers;
use crate::schema::{key, meta_object};
use automerge::{Automerge, ObjId, ReadDoc};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which object of the document is what; grows as registers turn out to hold `Text`.
pub(crate) type Owners = BTreeMap<ObjId, Owner>;

/// A piece of text with its concurrent alternatives: the one shown, and the others, each once.
pub(crate) fn shown_and_others(mut texts: Vec<SmolStr>) -> (String, Vec<String>) {
    let shown = texts.pop().unwrap_or_default();
    let mut others: Vec<String> = Vec::new();
    for text in texts {
        if text != shown && !others.contains(&text.to_string()) {
            others.push(text.to_string());
        }
    }
    (shown.to_string(), others)
}

fn own_texts(values: &[Stored], owners: &mut Owners, owner: impl Fn() -> Owner) {
    for value in values {
        if let Stored::Text(object) = value {
            owners.insert(object.clone(), owner());
        }
    }
}

impl CardState {
    pub fn new(id: &CardId, object: &ObjId) -> Self {
        Self {
            object: object.clone(),
            description: None,
            registers: Registers::default(),
            effective: None,
            view: Arc::new(blank_card(id)),
        }
    }

    /// Reads the registers among `keys` anew. [`settle`](Self::settle) must follow.
    pub fn read(&mut self, document: &Automerge, keys: Keys, owners: &mut Owners) {
        if keys == Keys::ALL {
            return self.read_all(document, owners);
        }
        for (key, name) in PLACE_AND_LIFE.into_iter().chain(CARD_FIELDS) {
            if keys.has(key) {
                let values = values(document, &self.object, name);
                self.absorb(document, key, &values, owners);
            }
        }
        if keys.has(Keys::LABELS) {
            self.read_labels(document);
        }
    }

    /// Reads the whole object in one pass, which costs less than asking for each register.
    fn read_all(&mut self, document: &Automerge, owners: &mut Owners) {
        *self = Self::new(&self.view.id, &self.object);
        for item in document.map_range(self.object.clone(), ..) {
            let key = Keys::of(&item.key);
            if key == Keys::LABELS {
                Arc::make_mut(&mut self.view).labels.extend(label_of(&item.key));
            } else if item.conflict {
                let values = values(document, &self.object, &item.key);
                self.absorb(document, key, &values, owners);
            } else {
                self.absorb(document, key, &[Stored::of_entry(&item)], owners);
            }
        }
    }

    /// Takes over every concurrent value of one register.
    pub fn absorb(
        &mut self,
        document: &Automerge,
        key: Keys,
        values: &[Stored],
        owners: &mut Owners,
    ) {
        let id = self.view.id.clone();
        own_texts(values, owners, || Owner::CardText(id.clone(), key));
        match key {
            Keys::TITLE => {
                let view = Arc::make_mut(&mut self.view);
                (view.title, view.other_titles) = shown_and_others(texts(document, values));
            }
            Keys::DESCRIPTION => {
                self.description = match values.last() {
                    Some(Stored::Text(object)) => Some(object.clone()),
                    _ => None,
                };
                let text = values.last().and_then(|value| value.text(document));
                let view = Arc::make_mut(&mut self.view);
                view.description = text.map(String::from).unwrap_or_default();
            }
            _ => self.registers.absorb(document, key, values),
        }
    }

    fn read_labels(&mut self, document: &Automerge) {
        let labels = document
            .map_range(&self.object, key::LABEL_PREFIX.to_owned()..key::LABEL_END.to_owned())
            .filter_map(|item| label_of(&item.key))
            .collect();
        Arc::make_mut(&mut self.view).labels = labels;
    }

    /// Works out place and life from the registers.
    pub fn settle(&mut self) {
        self.effective = self.registers.effective();
        let card = Arc::make_mut(&mut self.view);
        settle_card(&self.registers, self.effective.as_ref(), card);
    }
}

impl ColumnState {
    /// Reads the registers among `keys` anew. [`settle`](Self::settle) must follow.
    pub fn read(&mut self, document: &Automerge, keys: Keys, owners: &mut Owners) {
        let Some(object) = self.object.clone() else {
            return;
        };
        for (key, name) in PLACE_AND_LIFE.into_iter().chain(COLUMN_FIELDS) {
            if keys.has(key) {
                let values = values(document, &object, name);
                self.absorb(document, key, &values, owners);
            }
        }
    }

    /// Takes over every concurrent value of one register.
    pub fn absorb(
        &mut self,
        document: &Automerge,
        key: Keys,
        values: &[Stored],
        owners: &mut Owners,
    ) {
        let id = self.view.id.clone();
        own_texts(values, owners, || Owner::ColumnText(id.clone(), key));
        match key {
            Keys::NAME => {
                let view = Arc::make_mut(&mut self.view);
                (view.name, view.other_names) = shown_and_others(texts(document, values));
            }
            Keys::WIP => {
                Arc::make_mut(&mut self.view).wip_limit = match values.last() {
                    Some(Stored::Count(count)) => Some(*count),
                    _ => None,
                };
            }
            Keys::COLOUR => {
                let colour = values.last().and_then(|value| value.text(document));
                Arc::make_mut(&mut self.view).colour = colour.map(String::from);
            }
            _ => self.registers.absorb(document, key, values),
        }
    }

    /// Works out place and life from the registers.
    pub fn settle(&mut self) {
        self.effective = self.registers.effective();
        let column = Arc::make_mut(&mut self.view);
        settle_column(&self.registers, self.effective.as_ref(), column);
    }
}

impl BoardState {
    /// Reads the fields among `keys` anew.
    pub fn read(&mut self, document: &Automerge, keys: Keys, owners: &mut Owners) {
        for (key, name) in [(Keys::NAME, key::NAME), (Keys::DESCRIPTION, key::DESCRIPTION)] {
            if !keys.has(key) {
                continue;
            }
            let values = values(document, &meta_object(), name);
            own_texts(&values, owners, || Owner::BoardText(key));
            if key == Keys::NAME {
                (self.name, self.other_names) = shown_and_others(texts(document, &values));
            } else {
                let text = values.last().and_then(|value| value.text(document));
                self.description = text.map(String::from).unwrap_or_default();
            }
        }
    }
}

/// The label that a card's key stands for.
pub(crate) fn label_of(name: &str) -> Option<LabelId> {
    LabelId::parse(name.strip_prefix(key::LABEL_PREFIX)?).ok()
}

const PLACE_AND_LIFE: [(Keys, &str); 5] = [
    (Keys::POS, key::POS),
    (Keys::ORD, key::ORD),
    (Keys::TOUCH, key::TOUCH),
    (Keys::TRASH, key::TRASH),
    (Keys::SHELF, key::SHELF),
];

const CARD_FIELDS: [(Keys, &str); 2] =
    [(Keys::TITLE, key::TITLE), (Keys::DESCRIPTION, key::DESCRIPTION)];

const COLUMN_FIELDS: [(Keys, &str); 3] =
    [(Keys::NAME, key::NAME), (Keys::WIP, key::WIP), (Keys::COLOUR, key::COLOUR)];
