//! Reading single registers out of a document, whatever they hold.
//!
//! Other programs may write the document too, so no type is taken for granted: `Text` is read
//! where a string is expected and the reverse, and a value of any other type counts as absent.

use crate::part::PartId;
use crate::placement::{Refinement, Stamped};
use crate::registers::Registers;
use crate::schema::key;
use automerge::iter::{DocIter, MapRange, MapRangeItem};
use automerge::transaction::Transaction;
use automerge::{Automerge, ChangeHash, ObjId, ObjType, ReadDoc, ScalarValue, Value};
use smol_str::SmolStr;

/// Registers of a card or column, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Keys(u32);

impl Keys {
    pub const NONE: Keys = Keys(0);
    pub const POS: Keys = Keys(1);
    pub const ORD: Keys = Keys(1 << 1);
    pub const TOUCH: Keys = Keys(1 << 2);
    pub const TRASH: Keys = Keys(1 << 3);
    pub const SHELF: Keys = Keys(1 << 4);
    pub const TITLE: Keys = Keys(1 << 5);
    pub const DESCRIPTION: Keys = Keys(1 << 6);
    pub const LABELS: Keys = Keys(1 << 7);
    pub const WIP: Keys = Keys(1 << 8);
    pub const COLOUR: Keys = Keys(1 << 9);
    pub const BOARD: Keys = Keys(1 << 10);
    /// A column's or the board's name.
    pub const NAME: Keys = Keys(1 << 11);
    pub const ASSIGNEES: Keys = Keys(1 << 12);
    pub const START: Keys = Keys(1 << 13);
    pub const DUE: Keys = Keys(1 << 14);
    pub const DONE: Keys = Keys(1 << 15);
    pub const COVER: Keys = Keys(1 << 16);
    /// One of a card's checklists, items, comments or links; which one is noted beside it.
    pub const PARTS: Keys = Keys(1 << 17);
    pub const SUCCESSOR: Keys = Keys(1 << 18);
    pub const ORIGIN: Keys = Keys(1 << 19);
    /// A key that no view shows.
    pub const UNKNOWN: Keys = Keys::NONE;
    pub const ALL: Keys = Keys(u32::MAX);

    pub fn of(key: &str) -> Keys {
        match key {
            key::POS => Keys::POS,
            key::ORD => Keys::ORD,
            key::TOUCH => Keys::TOUCH,
            key::TRASH => Keys::TRASH,
            key::SHELF => Keys::SHELF,
            key::TITLE => Keys::TITLE,
            key::NAME => Keys::NAME,
            key::DESCRIPTION => Keys::DESCRIPTION,
            key::WIP => Keys::WIP,
            key::COLOUR => Keys::COLOUR,
            key::BOARD => Keys::BOARD,
            key::START => Keys::START,
            key::DUE => Keys::DUE,
            key::DONE => Keys::DONE,
            key::COVER => Keys::COVER,
            key::SUCCESSOR => Keys::SUCCESSOR,
            key::ORIGIN => Keys::ORIGIN,
            other if other.starts_with(key::LABEL_PREFIX) => Keys::LABELS,
            other if other.starts_with(key::MEMBER_PREFIX) => Keys::ASSIGNEES,
            other if PartId::of_key(other).is_some() => Keys::PARTS,
            _ => Keys::UNKNOWN,
        }
    }

    pub fn has(self, other: Keys) -> bool {
        self.0 & other.0 != 0
    }

    pub fn with(self, other: Keys) -> Keys {
        Keys(self.0 | other.0)
    }
}

/// One value of a register.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stored {
    Str(SmolStr),
    Text(ObjId),
    Map(ObjId),
    Count(u64),
    Flag(bool),
    Other,
}

impl Stored {
    pub fn new(value: &Value<'_>, id: impl FnOnce() -> ObjId) -> Self {
        match value {
            Value::Object(ObjType::Text) => Stored::Text(id()),
            Value::Object(ObjType::Map | ObjType::Table) => Stored::Map(id()),
            Value::Object(_) => Stored::Other,
            Value::Scalar(scalar) => Stored::of_scalar(scalar),
        }
    }

    pub fn of_scalar(scalar: &ScalarValue) -> Self {
        match scalar {
            ScalarValue::Str(text) => Stored::Str(text.clone()),
            ScalarValue::Uint(count) => Stored::Count(*count),
            // Plain JavaScript numbers arrive as signed ones.
            ScalarValue::Int(count) | ScalarValue::Timestamp(count) => {
                u64::try_from(*count).map_or(Stored::Other, Stored::Count)
            }
            ScalarValue::Boolean(flag) => Stored::Flag(*flag),
            _ => Stored::Other,
        }
    }

    /// The value of an entry that has only one.
    pub fn of_entry(entry: &MapRangeItem<'_>) -> Self {
        Stored::new(&entry.value.clone().into_value(), || entry.id())
    }

    /// The value as text, if it is text of either kind.
    pub fn text(&self, reader: Reader<'_>) -> Option<SmolStr> {
        match self {
            Stored::Str(text) => Some(text.clone()),
            Stored::Text(object) => reader.text(object),
            _ => None,
        }
    }
}

/// A document as it is, as it was when it had certain heads, or as a change leaves it that is being made.
#[derive(Clone, Copy)]
pub(crate) enum Reader<'a> {
    Now(&'a Automerge),
    At(&'a Automerge, &'a [ChangeHash]),
    Within(&'a Transaction<'a>),
}

impl<'a> Reader<'a> {
    pub fn now(document: &'a Automerge) -> Self {
        Self::Now(document)
    }

    pub fn at(document: &'a Automerge, heads: &'a [ChangeHash]) -> Self {
        Self::At(document, heads)
    }

    /// Every concurrent value of a register; the one that Automerge shows comes last.
    pub fn values(self, object: &ObjId, key: &str) -> Vec<Stored> {
        let values = self.values_and_operations(object, key).into_iter();
        values.map(|(value, _)| value).collect()
    }

    /// Like [`values`](Self::values), each with the operation that stored it.
    pub fn values_and_operations(self, object: &ObjId, key: &str) -> Vec<(Stored, ObjId)> {
        let values = match self {
            Self::Now(document) => document.get_all(object, key),
            Self::At(document, heads) => document.get_all_at(object, key, heads),
            Self::Within(transaction) => transaction.get_all(object, key),
        };
        // An object that is no map, or was not there yet, has nothing under this key.
        let values = values.unwrap_or_default().into_iter();
        values.map(|(value, id)| (Stored::new(&value, || id.clone()), id)).collect()
    }

    pub fn text(self, object: &ObjId) -> Option<SmolStr> {
        let text = match self {
            Self::Now(document) => document.text(object),
            Self::At(document, heads) => document.text_at(object, heads),
            Self::Within(transaction) => transaction.text(object),
        };
        text.ok().map(SmolStr::from)
    }

    /// The entries of a map.
    pub fn entries(self, object: &ObjId) -> MapRange<'a> {
        match self {
            Self::Now(document) => document.map_range(object, ..),
            Self::At(document, heads) => document.map_range_at(object, .., heads),
            Self::Within(transaction) => transaction.map_range(object, ..),
        }
    }

    /// Everything in a map, and in what is in it.
    pub fn items(self, map: &ObjId) -> DocIter<'a> {
        match self {
            Self::Now(document) => document.iter_at(map, None),
            Self::At(document, heads) => document.iter_at(map, Some(heads)),
            Self::Within(transaction) => transaction.iter_at(map, None),
        }
    }

    /// The texts among `values`, in order.
    pub fn texts(self, values: &[Stored]) -> Vec<SmolStr> {
        values.iter().filter_map(|value| value.text(self)).collect()
    }
}

impl Registers {
    /// The place and life that an object says.
    pub fn read(reader: Reader<'_>, object: &ObjId) -> Self {
        let mut registers = Self::default();
        for name in [key::POS, key::ORD, key::TOUCH, key::TRASH, key::SHELF] {
            let values = reader.values(object, name);
            if !values.is_empty() {
                registers.absorb(reader, Keys::of(name), &values);
            }
        }
        registers
    }

    /// Takes over all values of one register, if it is one of place or life.
    pub fn absorb(&mut self, reader: Reader<'_>, keys: Keys, values: &[Stored]) {
        let placements = || {
            // No more room than needed: nearly every register has one value, on every card.
            let mut placements = Vec::with_capacity(values.len());
            let texts = values.iter().filter_map(|value| value.text(reader));
            placements.extend(texts.filter_map(|text| Stamped::parse(&text)));
            placements
        };
        match keys {
            Keys::POS => {
                self.pos = placements();
                self.pos_present = !values.is_empty();
            }
            Keys::TRASH => {
                self.trash = placements();
                self.trash_present = !values.is_empty();
            }
            Keys::ORD => {
                let texts = reader.texts(values);
                self.ord = texts.iter().filter_map(|t| Refinement::parse(t)).collect();
            }
            Keys::TOUCH => {
                let count = |value: &Stored| match value {
                    Stored::Count(count) => *count,
                    _ => 0,
                };
                self.touch = values.iter().map(count).max();
            }
            Keys::SHELF => {
                let present = |value: &Stored| value.text(reader).unwrap_or_default();
                self.shelf = values.last().map(present);
            }
            _ => {}
        }
    }
}
