//! Reading one card, one column or the board's own fields out of the document.

use crate::date::DateOrTime;
use crate::draw::{draw_label, draw_member, draw_parts};
use crate::field::Field;
use crate::ids::{CardId, LabelId, MemberId};
use crate::model::{
    BoardState, CardState, ColumnState, Drawn, Owner, blank_card, settle_card, settle_column,
};
use crate::order::sort_by;
use crate::part::{PartId, Record, Target, choices};
use crate::read::{Keys, Reader, Stored};
use crate::registers::Registers;
use crate::schema::{key, labels_object, members_object, meta_object};
use crate::transfer::CardOrigin;
use crate::view::Card;
use automerge::ObjId;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which object of the document is what; grows as registers turn out to hold `Text`.
pub(crate) type Owners = Lookup<ObjId, Owner>;

/// A map for looking up, never for going through: half of what opening a board cost in B-trees.
#[expect(clippy::disallowed_types, reason = "nothing depends on its order")]
pub(crate) type Lookup<K, V> = std::collections::HashMap<K, V>;

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

fn own_texts<'a>(
    values: impl IntoIterator<Item = &'a Stored>,
    owners: &mut Owners,
    owner: impl Fn() -> Owner,
) {
    for value in values {
        if let Stored::Text(object) = value {
            owners.insert(object.clone(), owner());
        }
    }
}

/// Reads a record anew and notes what belongs to it; `None` if there is no map under this key.
fn read_record(
    reader: Reader<'_>,
    parent: &ObjId,
    name: &str,
    owners: &mut Owners,
    owner: impl Fn() -> Owner,
) -> Option<Record> {
    let mut maps: Vec<ObjId> = reader
        .values(parent, name)
        .into_iter()
        .filter_map(|value| match value {
            Stored::Map(object) => Some(object),
            _ => None,
        })
        .collect();
    for map in &maps {
        owners.insert(map.clone(), owner());
    }
    let record = Record::read(maps.pop()?, maps, reader);
    for text in record.texts() {
        owners.insert(text.clone(), owner());
    }
    Some(record)
}

/// Notes whether a field holds several values.
fn note(fields: &mut Vec<Field>, field: Field, conflicted: bool) {
    match (fields.binary_search(&field), conflicted) {
        (Ok(index), false) => drop(fields.remove(index)),
        (Err(index), true) => fields.insert(index, field),
        _ => {}
    }
}

/// The last text among `values`.
fn text(reader: Reader<'_>, values: &[Stored]) -> Option<String> {
    values.iter().rev().find_map(|value| value.text(reader)).map(String::from)
}

/// The last date among `values`; text that is no date counts as absent.
fn date(reader: Reader<'_>, values: &[Stored]) -> Option<DateOrTime> {
    let texts = reader.texts(values);
    texts.iter().rev().find_map(|text| DateOrTime::parse(text).ok())
}

impl CardState {
    pub fn new(id: &CardId, object: &ObjId) -> Self {
        Self {
            object: object.clone(),
            description: None,
            registers: Registers::default(),
            pos_by: None,
            effective: None,
            parts: BTreeMap::new(),
            view: Arc::new(blank_card(id)),
        }
    }

    /// Reads the registers among `keys` anew. [`settle`](Self::settle) must follow.
    pub fn read(&mut self, reader: Reader<'_>, keys: Keys, owners: &mut Owners) {
        if keys == Keys::ALL {
            return self.read_all(reader, owners);
        }
        for (key, name) in PLACE_AND_LIFE.into_iter().chain(CARD_FIELDS) {
            if keys.has(key) {
                let (values, by): (Vec<Stored>, Vec<ObjId>) =
                    reader.values_and_operations(&self.object, name).into_iter().unzip();
                self.absorb(reader, key, &values, owners);
                if key == Keys::POS {
                    self.pos_by = <[ObjId; 1]>::try_from(by).ok().map(|[by]| by);
                }
            }
        }
        if keys.has(Keys::LABELS) || keys.has(Keys::ASSIGNEES) {
            let card = Arc::make_mut(&mut self.view);
            card.labels.clear();
            card.assignees.clear();
            for item in reader.entries(&self.object) {
                take_mark(card, &item.key);
            }
        }
    }

    /// Reads the whole object in one pass, which costs less than asking for each register.
    fn read_all(&mut self, reader: Reader<'_>, owners: &mut Owners) {
        *self = Self::new(&self.view.id, &self.object);
        let mut parts = BTreeSet::new();
        for item in reader.entries(&self.object) {
            let key = Keys::of(&item.key);
            if key == Keys::LABELS || key == Keys::ASSIGNEES {
                take_mark(Arc::make_mut(&mut self.view), &item.key);
            } else if key == Keys::PARTS {
                parts.extend(PartId::of_key(&item.key));
            } else if item.conflict {
                let values = reader.values(&self.object, &item.key);
                self.absorb(reader, key, &values, owners);
            } else {
                self.absorb(reader, key, &[Stored::of_entry(&item)], owners);
                if key == Keys::POS {
                    self.pos_by = Some(item.id());
                }
            }
        }
        self.read_parts(reader, &parts, owners);
    }

    /// Reads these parts anew.
    pub fn read_parts(
        &mut self,
        reader: Reader<'_>,
        parts: &BTreeSet<PartId>,
        owners: &mut Owners,
    ) {
        let card = self.view.id.clone();
        for id in parts {
            let owner = || Owner::Part(card.clone(), id.clone());
            match read_record(reader, &self.object, &id.key(), owners, owner) {
                Some(record) => drop(self.parts.insert(id.clone(), record)),
                // Another program deleted the map.
                None => drop(self.parts.remove(id)),
            }
        }
        if !parts.is_empty() {
            self.draw_parts(reader);
        }
    }

    /// Draws the parts from their records.
    pub fn draw_parts(&mut self, reader: Reader<'_>) {
        let drawn = draw_parts(&self.view.id, &self.parts, reader);
        let card = Arc::make_mut(&mut self.view);
        card.conflicted_fields.retain(|field| !matches!(field.address().0, Target::Part(..)));
        card.conflicted_fields.extend(drawn.conflicted);
        sort_by(&mut card.conflicted_fields, Ord::cmp);
        card.checklists = drawn.checklists;
        card.comments = drawn.comments;
        card.links = drawn.links;
    }

    /// Takes over every concurrent value of one register.
    pub fn absorb(
        &mut self,
        reader: Reader<'_>,
        key: Keys,
        values: &[Stored],
        owners: &mut Owners,
    ) {
        let id = &self.view.id;
        own_texts(values, owners, || Owner::CardText(id.clone(), key));
        let card = || id.clone();
        let field = match key {
            Keys::TITLE => Field::CardTitle { card: card() },
            Keys::START => Field::CardStart { card: card() },
            Keys::DUE => Field::CardDue { card: card() },
            Keys::DONE => Field::CardDone { card: card() },
            Keys::COVER => Field::CardCover { card: card() },
            Keys::DESCRIPTION => {
                self.description = match values.last() {
                    Some(Stored::Text(object)) => Some(object.clone()),
                    _ => None,
                };
                let view = Arc::make_mut(&mut self.view);
                view.description = text(reader, values).unwrap_or_default();
                return;
            }
            Keys::ORIGIN => {
                let origin = text(reader, values).and_then(|text| CardOrigin::parse(&text));
                Arc::make_mut(&mut self.view).origin = origin;
                return;
            }
            _ => return self.registers.absorb(reader, key, values),
        };
        let view = Arc::make_mut(&mut self.view);
        match key {
            Keys::TITLE => {
                (view.title, view.other_titles) = shown_and_others(reader.texts(values));
            }
            Keys::START => view.start = date(reader, values),
            Keys::DUE => view.due = date(reader, values),
            Keys::DONE => {
                let flags = values.iter().rev().filter_map(|value| match value {
                    Stored::Flag(flag) => Some(*flag),
                    _ => None,
                });
                view.done = { flags }.next().unwrap_or_default();
            }
            _ => view.cover = text(reader, values),
        }
        let conflicted = values.len() > 1 && choices(reader, &field, values).len() > 1;
        note(&mut view.conflicted_fields, field, conflicted);
    }

    /// Works out place and life from the registers.
    pub fn settle(&mut self) {
        self.effective = self.registers.effective();
        let card = Arc::make_mut(&mut self.view);
        settle_card(&self.registers, self.effective.as_ref(), card);
    }
}

/// Takes over a label or an assignee, if the key is one.
pub(crate) fn take_mark(card: &mut Card, name: &str) {
    if let Some(id) = name.strip_prefix(key::LABEL_PREFIX) {
        card.labels.extend(LabelId::parse(id));
    } else if let Some(id) = name.strip_prefix(key::MEMBER_PREFIX) {
        card.assignees.extend(MemberId::parse(id));
    }
}

impl ColumnState {
    /// Reads the registers among `keys` anew. [`settle`](Self::settle) must follow.
    pub fn read(&mut self, reader: Reader<'_>, keys: Keys, owners: &mut Owners) {
        let Some(object) = self.object.clone() else {
            return;
        };
        for (key, name) in PLACE_AND_LIFE.into_iter().chain(COLUMN_FIELDS) {
            if keys.has(key) {
                let values = reader.values(&object, name);
                self.absorb(reader, key, &values, owners);
            }
        }
    }

    /// Takes over every concurrent value of one register.
    pub fn absorb(
        &mut self,
        reader: Reader<'_>,
        key: Keys,
        values: &[Stored],
        owners: &mut Owners,
    ) {
        let id = &self.view.id;
        own_texts(values, owners, || Owner::ColumnText(id.clone(), key));
        let column = || id.clone();
        let field = match key {
            Keys::NAME => Field::ColumnName { column: column() },
            Keys::WIP => Field::ColumnWipLimit { column: column() },
            Keys::COLOUR => Field::ColumnColour { column: column() },
            _ => return self.registers.absorb(reader, key, values),
        };
        let view = Arc::make_mut(&mut self.view);
        match key {
            Keys::NAME => {
                (view.name, view.other_names) = shown_and_others(reader.texts(values));
            }
            Keys::WIP => {
                view.wip_limit = values.iter().rev().find_map(|value| match value {
                    Stored::Count(count) => Some(*count),
                    _ => None,
                });
            }
            _ => view.colour = text(reader, values),
        }
        let conflicted = values.len() > 1 && choices(reader, &field, values).len() > 1;
        note(&mut view.conflicted_fields, field, conflicted);
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
    pub fn read(&mut self, reader: Reader<'_>, keys: Keys, owners: &mut Owners) {
        let fields = [
            (Keys::NAME, key::NAME),
            (Keys::DESCRIPTION, key::DESCRIPTION),
            (Keys::SUCCESSOR, key::SUCCESSOR),
            (Keys::ORIGIN, key::ORIGIN),
        ];
        for (key, name) in fields.into_iter().filter(|(key, _)| keys.has(*key)) {
            let values = reader.values(&meta_object(), name);
            own_texts(&values, owners, || Owner::BoardText(key));
            match key {
                Keys::NAME => {
                    (self.name, self.other_names) = shown_and_others(reader.texts(&values));
                }
                Keys::DESCRIPTION => {
                    self.description = text(reader, &values).unwrap_or_default();
                }
                Keys::SUCCESSOR => self.successors = reader.texts(&values),
                _ => self.origin = text(reader, &values).map(SmolStr::from),
            }
        }
    }

    /// Reads these labels anew.
    pub fn read_labels<'a>(
        &mut self,
        reader: Reader<'_>,
        labels: impl IntoIterator<Item = &'a LabelId>,
        owners: &mut Owners,
    ) {
        for id in labels {
            let owner = || Owner::Label(id.clone());
            match read_record(reader, &labels_object(), id.as_str(), owners, owner) {
                Some(record) => {
                    let (label, conflicted) = draw_label(id, &record, reader);
                    let drawn = Drawn { record, view: Arc::new(label), conflicted };
                    self.labels.insert(id.clone(), drawn);
                }
                None => drop(self.labels.remove(id)),
            }
        }
    }

    /// Reads these members anew.
    pub fn read_members<'a>(
        &mut self,
        reader: Reader<'_>,
        members: impl IntoIterator<Item = &'a MemberId>,
        owners: &mut Owners,
    ) {
        for id in members {
            let owner = || Owner::Member(id.clone());
            match read_record(reader, &members_object(), id.as_str(), owners, owner) {
                Some(record) => {
                    let (member, conflicted) = draw_member(id, &record, reader);
                    let drawn = Drawn { record, view: Arc::new(member), conflicted };
                    self.members.insert(id.clone(), drawn);
                }
                None => drop(self.members.remove(id)),
            }
        }
    }
}

const PLACE_AND_LIFE: [(Keys, &str); 5] = [
    (Keys::POS, key::POS),
    (Keys::ORD, key::ORD),
    (Keys::TOUCH, key::TOUCH),
    (Keys::TRASH, key::TRASH),
    (Keys::SHELF, key::SHELF),
];

const CARD_FIELDS: [(Keys, &str); 7] = [
    (Keys::ORIGIN, key::ORIGIN),
    (Keys::TITLE, key::TITLE),
    (Keys::DESCRIPTION, key::DESCRIPTION),
    (Keys::START, key::START),
    (Keys::DUE, key::DUE),
    (Keys::DONE, key::DONE),
    (Keys::COVER, key::COVER),
];

const COLUMN_FIELDS: [(Keys, &str); 3] =
    [(Keys::NAME, key::NAME), (Keys::WIP, key::WIP), (Keys::COLOUR, key::COLOUR)];
