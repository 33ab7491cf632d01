//! Reading single registers out of a document, whatever they hold.
//!
//! Other programs may write the document too, so no type is taken for granted: `Text` is read
//! where a string is expected and the reverse, and a value of any other type counts as absent.

use crate::placement::{Refinement, Stamped};
use crate::registers::Registers;
use crate::schema::key;
use automerge::iter::MapRangeItem;
use automerge::{Automerge, ObjId, ObjType, ReadDoc, ScalarValue, Value};
use smol_str::SmolStr;

/// Registers of a card or column, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Keys(u16);

impl Keys {
    pub const NONE: Keys = Keys(0);
    pub const POS: Keys = Keys(1);
    pub const ORD: Keys = Keys(1 << 1);
    pub const TOUCH: Keys = Keys(1 << 2);
    pub const TRASH: Keys = Keys(1 << 3);
    pub const SHELF: Keys = Keys(1 << 4);
    pub const TITLE: Keys = Keys(1 << 5);
    /// A column's or the board's name.
    pub const NAME: Keys = Keys(1 << 11);
    pub const DESCRIPTION: Keys = Keys(1 << 6);
    pub const LABELS: Keys = Keys(1 << 7);
    pub const WIP: Keys = Keys(1 << 8);
    pub const COLOUR: Keys = Keys(1 << 9);
    pub const BOARD: Keys = Keys(1 << 10);
    /// A key that no view shows yet.
    pub const UNKNOWN: Keys = Keys::NONE;
    pub const ALL: Keys = Keys(u16::MAX);

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
            other if other.starts_with(key::LABEL_PREFIX) => Keys::LABELS,
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
    True,
    Other,
}

impl Stored {
    pub fn new(value: &Value<'_>, id: impl FnOnce() -> ObjId) -> Self {
        match value {
            Value::Object(ObjType::Text) => Stored::Text(id()),
            Value::Object(ObjType::Map | ObjType::Table) => Stored::Map(id()),
            Value::Object(_) => Stored::Other,
            Value::Scalar(scalar) => match scalar.as_ref() {
                ScalarValue::Str(text) => Stored::Str(text.clone()),
                ScalarValue::Uint(count) => Stored::Count(*count),
                // Plain JavaScript numbers arrive as signed ones.
                ScalarValue::Int(count) => {
                    u64::try_from(*count).map_or(Stored::Other, Stored::Count)
                }
                ScalarValue::Boolean(true) => Stored::True,
                _ => Stored::Other,
            },
        }
    }

    /// The value of an entry that has only one.
    pub fn of_entry(entry: &MapRangeItem<'_>) -> Self {
        Stored::new(&entry.value.clone().into_value(), || entry.id())
    }

    /// The value as text, if it is text of either kind.
    pub fn text(&self, document: &Automerge) -> Option<SmolStr> {
        match self {
            Stored::Str(text) => Some(text.clone()),
            Stored::Text(object) => document.text(object).ok().map(SmolStr::from),
            _ => None,
        }
    }
}

/// Every concurrent value of a register; the one that Automerge shows comes last.
pub(crate) fn values(document: &Automerge, object: &ObjId, key: &str) -> Vec<Stored> {
    let Ok(values) = document.get_all(object, key) else {
        return Vec::new(); // the object is no map: nothing is stored under this key
    };
    values.into_iter().map(|(value, id)| Stored::new(&value, || id)).collect()
}

/// The texts among `values`, in order.
pub(crate) fn texts(document: &Automerge, values: &[Stored]) -> Vec<SmolStr> {
    values.iter().filter_map(|v| v.text(document)).collect()
}

impl Registers {
    /// Takes over all values of one register, if it is one of place or life.
    pub fn absorb(&mut self, document: &Automerge, keys: Keys, values: &[Stored]) {
        let placements = || {
            let texts = texts(document, values);
            texts.iter().filter_map(|t| Stamped::parse(t)).collect()
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
                let texts = texts(document, values);
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
                let present = |value: &Stored| value.text(document).unwrap_or_default();
                self.shelf = values.last().map(present);
            }
            _ => {}
        }
    }
}
