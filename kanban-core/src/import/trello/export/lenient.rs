//! Reads JSON whose fields may have any type: keeps what is known, reports what does not fit.
//!
//! Serde's derive would refuse the whole file for one field of a wrong type, and a tree of the whole file would hold
//! the action log (most of an export) in memory. So the file is walked once, and only the fields we read are kept.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::actions::ActionLog;
use super::fields::{Fields, described};

/// The fields of entries that are read, or counted as left behind; all others are skipped.
const KEPT: [&str; 44] = [
    "id",
    "idList",
    "name",
    "desc",
    "descData",
    "closed",
    "pos",
    "softLimit",
    "due",
    "dueComplete",
    "dueReminder",
    "start",
    "cover",
    "idAttachmentCover",
    "labels",
    "idLabels",
    "idMembers",
    "idMembersVoted",
    "checklists",
    "idChecklists",
    "checkItemStates",
    "attachments",
    "badges",
    "stickers",
    "customFieldItems",
    "pluginData",
    "coordinates",
    "address",
    "locationName",
    "isTemplate",
    "cardRole",
    "subscribed",
    "color",
    "fullName",
    "username",
    "idCard",
    "checkItems",
    "type",
    "date",
    "data",
    "idMemberCreator",
    "memberCreator",
    "member",
    "reactions",
];

/// The top of the file.
#[derive(Default)]
pub(super) struct ExportFile {
    /// Every key of the file, in its order.
    pub(super) keys: Vec<String>,
    /// The board's own fields.
    pub(super) board: Fields,
    pub(super) lists: Option<Entries>,
    pub(super) cards: Option<Entries>,
    pub(super) labels: Option<Entries>,
    pub(super) members: Option<Entries>,
    pub(super) checklists: Option<Entries>,
    pub(super) actions: Option<ActionLog>,
    /// What the file is, when it is JSON but no object.
    pub(super) not_an_object: Option<String>,
}

/// What stands where an array of objects belongs; `null` counts as missing.
pub(super) enum Entries {
    Array(Vec<Fields>),
    Other(String),
}

/// Replaces each half of a surrogate pair that stands alone by U+FFFD, and counts them; nothing if there is none.
///
/// JavaScript cuts a text at a length in UTF-16 units, and so may leave half an emoji at its end. It is escaped in
/// JSON, where it is allowed; but it is no character, and Rust's text cannot hold it.
pub(super) fn without_half_characters(json: &[u8]) -> Option<(Vec<u8>, usize)> {
    let unit = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let (mut whole, mut count, mut at) = (json.to_vec(), 0, 0);
    while let Some(byte) = json.get(at) {
        at += match (byte, unit(at)) {
            (b'\\', Some(0xd800..=0xdbff)) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => 12,
            (b'\\', Some(0xd800..=0xdfff)) => {
                whole.splice(at + 2..at + 6, *b"fffd");
                count += 1;
                6
            }
            // The character after a backslash begins nothing, above all no other escape.
            (b'\\', _) => 2,
            _ => 1,
        };
    }
    (count > 0).then_some((whole, count))
}

impl<'de> Deserialize<'de> for ExportFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FileVisitor)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldsVisitor)
    }
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntriesVisitor)
    }
}

/// Everything that is not what a visitor looks for ends as a description of what it is.
macro_rules! describe_other_scalars {
    ($value:ty, $other:expr) => {
        fn visit_bool<E>(self, flag: bool) -> Result<$value, E> {
            Ok($other(described(&flag.into())))
        }
        fn visit_i64<E>(self, number: i64) -> Result<$value, E> {
            Ok($other(described(&number.into())))
        }
        fn visit_u64<E>(self, number: u64) -> Result<$value, E> {
            Ok($other(described(&number.into())))
        }
        fn visit_f64<E>(self, number: f64) -> Result<$value, E> {
            Ok($other(described(&number.into())))
        }
        fn visit_str<E>(self, text: &str) -> Result<$value, E> {
            Ok($other(described(&text.into())))
        }
        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok($other(described(&Value::Null)))
        }
    };
}

pub(super) use describe_other_scalars;

struct FileVisitor;

impl<'de> Visitor<'de> for FileVisitor {
    type Value = ExportFile;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a Trello export")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ExportFile, A::Error> {
        let mut file = ExportFile::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "lists" => file.lists = map.next_value()?,
                "cards" => file.cards = map.next_value()?,
                "labels" => file.labels = map.next_value()?,
                "members" => file.members = map.next_value()?,
                "checklists" => file.checklists = map.next_value()?,
                "actions" => file.actions = map.next_value()?,
                "id" | "name" | "desc" | "descData" | "closed" | "subscribed" | "labelNames"
                | "customFields" | "pluginData" => {
                    let value = map.next_value()?;
                    if let Fields::Object(board) = &mut file.board {
                        board.insert(key.clone(), value);
                    }
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            file.keys.push(key);
        }
        Ok(file)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<ExportFile, A::Error> {
        Ok(not_an_object(skipped(sequence)?))
    }

    describe_other_scalars!(ExportFile, not_an_object);
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if KEPT.contains(&key.as_str()) {
                fields.insert(key, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Fields::Object(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Fields, A::Error> {
        Ok(Fields::Other(skipped(sequence)?))
    }

    describe_other_scalars!(Fields, Fields::Other);
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(fields) = sequence.next_element()? {
            entries.push(fields);
        }
        Ok(Entries::Array(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Entries::Other("an object".into()))
    }

    describe_other_scalars!(Entries, Entries::Other);
}

fn not_an_object(what: String) -> ExportFile {
    ExportFile { not_an_object: Some(what), ..ExportFile::default() }
}

/// Passes over an array that stands where something else belongs, so that the rest of the file is still read.
fn skipped<'de, A: SeqAccess<'de>>(mut sequence: A) -> Result<String, A::Error> {
    while sequence.next_element::<IgnoredAny>()?.is_some() {}
    Ok("an array".into())
}
