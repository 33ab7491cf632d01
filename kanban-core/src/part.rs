//! Records: the small maps inside the document that are neither cards nor columns. The board's
//! labels and members are such, and the parts of a card: checklists, items, comments, links.

use crate::date::DateOrTime;
use crate::field::{Field, FieldValue};
use crate::ids::{CardId, ChecklistId, ColumnId, CommentId, ItemId, LabelId, LinkId, MemberId};
use crate::placement::Stamped;
use crate::read::{Reader, Stored};
use crate::registers::winner;
use crate::schema::key;
use automerge::ObjId;
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;

/// Names a part of a card.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PartId {
    Checklist(ChecklistId),
    Item(ItemId),
    Comment(CommentId),
    Link(LinkId),
}

impl PartId {
    /// The part that a card's key holds.
    pub fn of_key(name: &str) -> Option<Self> {
        let (prefix, id) = name.split_at_checked(name.find(':')? + 1)?;
        Some(match prefix {
            key::CHECKLIST_PREFIX => PartId::Checklist(ChecklistId::parse(id).ok()?),
            key::ITEM_PREFIX => PartId::Item(ItemId::parse(id).ok()?),
            key::COMMENT_PREFIX => PartId::Comment(CommentId::parse(id).ok()?),
            key::LINK_PREFIX => PartId::Link(LinkId::parse(id).ok()?),
            _ => return None,
        })
    }

    /// The key of its card that holds it.
    pub fn key(&self) -> SmolStr {
        match self {
            PartId::Checklist(id) => format_smolstr!("{}{id}", key::CHECKLIST_PREFIX),
            PartId::Item(id) => format_smolstr!("{}{id}", key::ITEM_PREFIX),
            PartId::Comment(id) => format_smolstr!("{}{id}", key::COMMENT_PREFIX),
            PartId::Link(id) => format_smolstr!("{}{id}", key::LINK_PREFIX),
        }
    }
}

/// A map in the board's `labels` or `members`, or in a card. Holds every concurrent value.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The map that writes go to.
    pub object: ObjId,
    /// Maps that others created under the same id at the same time (two people list one member):
    /// what they hold counts too, until a write to the same key settles it.
    pub others: Vec<ObjId>,
    values: BTreeMap<SmolStr, Vec<Stored>>,
}

impl Record {
    pub fn new(object: ObjId) -> Self {
        Self { object, others: Vec::new(), values: BTreeMap::new() }
    }

    /// Reads the whole record anew.
    pub fn read(object: ObjId, others: Vec<ObjId>, reader: Reader<'_>) -> Self {
        let mut values: BTreeMap<SmolStr, Vec<Stored>> = BTreeMap::new();
        for map in others.iter().chain([&object]) {
            for item in reader.entries(map) {
                let stored = match item.conflict {
                    true => reader.values(map, &item.key),
                    false => vec![Stored::of_entry(&item)],
                };
                values.entry(SmolStr::new(&item.key)).or_default().extend(stored);
            }
        }
        Self { object, others, values }
    }

    /// Takes over every concurrent value of one key.
    pub fn absorb(&mut self, key: &str, values: Vec<Stored>) {
        self.values.insert(SmolStr::new(key), values);
    }

    /// Its map, and those of its twins.
    pub fn maps(&self) -> impl Iterator<Item = &ObjId> {
        self.others.iter().chain([&self.object])
    }

    /// Texts that hold one of its values.
    pub fn texts(&self) -> impl Iterator<Item = &ObjId> {
        self.values.values().flatten().filter_map(|value| match value {
            Stored::Text(object) => Some(object),
            _ => None,
        })
    }

    fn all(&self, key: &str) -> &[Stored] {
        self.values.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a delete has not seen what keeps it, or nobody deleted it.
    pub fn is_alive(&self) -> bool {
        let gone = self.all(key::GONE).contains(&Stored::Flag(true));
        !gone || !self.all(key::TOUCH).is_empty()
    }

    /// The highest mark of an edit.
    pub fn touch(&self) -> Option<u64> {
        let count = |value: &Stored| match value {
            Stored::Count(count) => *count,
            _ => 0,
        };
        self.all(key::TOUCH).iter().map(count).max()
    }

    pub fn text(&self, key: &str, reader: Reader<'_>) -> String {
        let texts = self.all(key).iter().rev().find_map(|value| value.text(reader));
        texts.unwrap_or_default().into()
    }

    pub fn flag(&self, key: &str) -> bool {
        let mut flags = self.all(key).iter().rev().filter_map(|value| match value {
            Stored::Flag(flag) => Some(*flag),
            _ => None,
        });
        flags.next().unwrap_or_default()
    }

    pub fn count(&self, key: &str) -> u64 {
        let mut counts = self.all(key).iter().rev().filter_map(|value| match value {
            Stored::Count(count) => Some(*count),
            _ => None,
        });
        counts.next().unwrap_or_default()
    }

    /// Every placement that people gave it at the same time.
    pub fn placements(&self, reader: Reader<'_>) -> Vec<Stamped> {
        let texts = reader.texts(self.all(key::POS));
        texts.iter().filter_map(|text| Stamped::parse(text)).collect()
    }

    /// The placement in force; the list of an item stands where a card's column does.
    pub fn place(&self, reader: Reader<'_>) -> Option<Stamped> {
        winner(&self.placements(reader)).cloned()
    }

    /// Whether people gave a field of this record different values at the same time.
    pub fn is_conflicted(&self, field: &Field, reader: Reader<'_>) -> bool {
        let values = self.all(field.address().1);
        values.len() > 1 && choices(reader, field, values).len() > 1
    }
}

/// The values that a field can show, each once, the one shown last.
pub(crate) fn choices(reader: Reader<'_>, field: &Field, values: &[Stored]) -> Vec<FieldValue> {
    let mut distinct: Vec<FieldValue> = Vec::new();
    let readable = values.iter().filter_map(|value| field_value(reader, value));
    for value in readable.filter(|value| field.accepts(value)) {
        distinct.retain(|known| *known != value);
        distinct.push(value);
    }
    distinct
}

pub(crate) fn field_value(reader: Reader<'_>, value: &Stored) -> Option<FieldValue> {
    match value {
        Stored::Str(_) | Stored::Text(_) => Some(FieldValue::Text(value.text(reader)?.into())),
        Stored::Flag(flag) => Some(FieldValue::Flag(*flag)),
        Stored::Count(count) => Some(FieldValue::Count(*count)),
        Stored::Map(_) | Stored::Other => None,
    }
}

/// The checklist that an item's placement names: it stands where a card's column does.
pub(crate) fn list_of(place: &Stamped) -> Option<ChecklistId> {
    ChecklistId::parse(place.column.as_ref()?.as_str()).ok()
}

/// The column that stands for a checklist in an item's placement.
pub(crate) fn as_column(list: &ChecklistId) -> Option<ColumnId> {
    ColumnId::parse(list.as_str()).ok()
}

/// What a field is called in the document, and in which record, card or column it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Board,
    Column(ColumnId),
    Card(CardId),
    Label(LabelId),
    Member(MemberId),
    Part(CardId, PartId),
}

impl Field {
    /// Whether a value is of the type that this field shows.
    pub(crate) fn accepts(&self, value: &FieldValue) -> bool {
        match (self, value) {
            (Field::CardDone { .. } | Field::ItemDone { .. }, value) => {
                matches!(value, FieldValue::Flag(_))
            }
            (Field::ColumnWipLimit { .. }, value) => matches!(value, FieldValue::Count(_)),
            (Field::CardStart { .. } | Field::CardDue { .. }, FieldValue::Text(text)) => {
                DateOrTime::parse(text).is_ok()
            }
            (_, value) => matches!(value, FieldValue::Text(_)),
        }
    }

    /// Where the document holds it.
    pub(crate) fn address(&self) -> (Target, &'static str) {
        use PartId::{Checklist, Item, Link};
        let part = |card: &CardId, part: PartId| Target::Part(card.clone(), part);
        match self {
            Field::BoardName => (Target::Board, key::NAME),
            Field::ColumnName { column } => (Target::Column(column.clone()), key::NAME),
            Field::ColumnColour { column } => (Target::Column(column.clone()), key::COLOUR),
            Field::ColumnWipLimit { column } => (Target::Column(column.clone()), key::WIP),
            Field::LabelName { label } => (Target::Label(label.clone()), key::NAME),
            Field::LabelColour { label } => (Target::Label(label.clone()), key::COLOUR),
            Field::MemberName { member } => (Target::Member(member.clone()), key::NAME),
            Field::MemberColour { member } => (Target::Member(member.clone()), key::COLOUR),
            Field::CardTitle { card } => (Target::Card(card.clone()), key::TITLE),
            Field::CardStart { card } => (Target::Card(card.clone()), key::START),
            Field::CardDue { card } => (Target::Card(card.clone()), key::DUE),
            Field::CardDone { card } => (Target::Card(card.clone()), key::DONE),
            Field::CardCover { card } => (Target::Card(card.clone()), key::COVER),
            Field::ChecklistName { card, checklist } => {
                (part(card, Checklist(checklist.clone())), key::NAME)
            }
            Field::ItemText { card, item } => (part(card, Item(item.clone())), key::TEXT),
            Field::ItemDone { card, item } => (part(card, Item(item.clone())), key::DONE),
            Field::LinkUrl { card, link } => (part(card, Link(link.clone())), key::URL),
            Field::LinkName { card, link } => (part(card, Link(link.clone())), key::NAME),
        }
    }
}
