//! Reads JSON whose fields may have any type: keeps what is known, reports what does not fit.
//!
//! Serde's derive would refuse the whole file for one field of a wrong type, and a tree of the whole file would hold
//! the action log (most of an export) in memory. So the file is walked once, and only the fields we read are kept.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The fields of lists, cards, labels and members that are kept; all others are skipped unread.
const KEPT: [&str; 16] = [
    "id",
    "idList",
    "name",
    "desc",
    "closed",
    "pos",
    "softLimit",
    "due",
    "dueComplete",
    "start",
    "idLabels",
    "idMembers",
    "dateLastActivity",
    "color",
    "fullName",
    "username",
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
    /// What the file is, when it is JSON but no object.
    pub(super) not_an_object: Option<String>,
}

/// What stands where an array of objects belongs; `null` counts as missing.
pub(super) enum Entries {
    Array(Vec<Fields>),
    Other(String),
}

/// What stands where an object belongs.
#[derive(Clone)]
pub(super) enum Fields {
    /// The fields that are kept.
    Object(Map<String, Value>),
    /// Something else, described for a note.
    Other(String),
}

impl Default for Fields {
    fn default() -> Self {
        Fields::Object(Map::new())
    }
}

impl Fields {
    fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Fields::Object(fields) => fields.get(key).filter(|value| !value.is_null()),
            Fields::Other(_) => None,
        }
    }

    /// Names this entry so that a person finds it: by its name, else by its place in the file.
    pub(super) fn describe(&self, kind: &str, number: usize) -> String {
        let text = |key| self.get(key).and_then(Value::as_str).unwrap_or_default();
        match (text("name").trim(), text("id")) {
            ("", "") => format!("the {kind} number {number}"),
            ("", id) => format!("the {kind} number {number} ({})", shortened(id)),
            (name, id) => format!("the {kind} “{}” ({})", shortened(name), shortened(id)),
        }
    }
}

/// Reads one entry's fields, and notes each that has a wrong type.
pub(super) struct Reader<'a> {
    who: String,
    fields: &'a Fields,
    notes: &'a mut Vec<String>,
}

impl<'a> Reader<'a> {
    /// Reads `fields` of `who` ("the card “Write” (a)").
    pub(super) fn new(who: String, fields: &'a Fields, notes: &'a mut Vec<String>) -> Self {
        Self { who, fields, notes }
    }

    /// Text, or blank.
    pub(super) fn text(&mut self, key: &str) -> String {
        self.optional_text(key).unwrap_or_default()
    }

    /// Text, or nothing. A number or a truth value is kept as its text: a card may well be called 2048.
    pub(super) fn optional_text(&mut self, key: &str) -> Option<String> {
        match self.fields.get(key)? {
            Value::String(text) => Some(text.clone()),
            value @ (Value::Number(_) | Value::Bool(_)) => {
                let text = value.to_string();
                self.wrong(key, value, "text", &format!("it is read as “{text}”"));
                Some(text)
            }
            value => {
                self.wrong(key, value, "text", "it is left out");
                None
            }
        }
    }

    /// The texts of an array; empty if it is missing.
    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        let entries = match self.fields.get(key) {
            None => return Vec::new(),
            Some(Value::Array(entries)) => entries,
            Some(value) => {
                self.wrong(key, value, "a list", "it is left out");
                return Vec::new();
            }
        };
        let mut texts = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry {
                Value::String(text) => texts.push(text.clone()),
                value => self.notes.push(format!(
                    "In {}, `{key}` contains {} instead of text; it is left out.",
                    self.who,
                    described(value)
                )),
            }
        }
        texts
    }

    /// True, or false if it is missing.
    pub(super) fn flag(&mut self, key: &str) -> bool {
        match self.fields.get(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(value) => {
                self.wrong(key, value, "true or false", "it is read as false");
                false
            }
        }
    }

    /// A number, or nothing.
    pub(super) fn number(&mut self, key: &str) -> Option<f64> {
        let value = self.fields.get(key)?;
        let number = value.as_f64();
        if number.is_none() {
            self.wrong(key, value, "a number", "it is left out");
        }
        number
    }

    /// A whole number of cards, or nothing.
    pub(super) fn limit(&mut self, key: &str) -> Option<u32> {
        let value = self.fields.get(key)?;
        let limit = value.as_u64().and_then(|limit| u32::try_from(limit).ok());
        if limit.is_none() {
            self.wrong(key, value, "a whole number", "it is left out");
        }
        limit
    }

    fn wrong(&mut self, key: &str, value: &Value, expected: &str, effect: &str) {
        let found = described(value);
        self.notes
            .push(format!("In {}, `{key}` is {found} instead of {expected}; {effect}.", self.who));
    }
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

/// At most the first 40 characters of a text from the file, for a note.
pub(super) fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 40;
    let mut short: String = text.chars().take(CHARACTERS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Bool(flag) => format!("{flag}"),
        Value::Number(number) => format!("a number ({number})"),
        Value::String(text) => format!("text (“{}”)", shortened(text)),
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
    }
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
                "id" | "name" | "desc" => {
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
