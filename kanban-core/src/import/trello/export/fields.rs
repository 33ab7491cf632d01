//! The fields of one entry, of whatever types they are: what is known is kept, what does not fit is noted.

use serde_json::{Map, Value};

use super::notes::{Leftover, Notes};

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
    /// What a value is, if an object belongs where it stands.
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Object(fields) => Fields::Object(fields),
            other => Fields::Other(described(&other)),
        }
    }

    /// A field that is there and not `null`.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
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
    pub(super) notes: &'a mut Notes,
}

impl<'a> Reader<'a> {
    /// Reads `fields` of `who` ("the card “Write” (a)").
    pub(super) fn new(who: String, fields: &'a Fields, notes: &'a mut Notes) -> Self {
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

    /// Text that is not blank, or nothing.
    pub(super) fn filled_text(&mut self, key: &str) -> Option<String> {
        self.optional_text(key).filter(|text| !text.trim().is_empty())
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

    /// A whole number of things, or 0.
    pub(super) fn whole_number(&mut self, key: &str) -> usize {
        self.limit(key).and_then(|number| usize::try_from(number).ok()).unwrap_or_default()
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

    /// Reads each entry of an array of objects; none if it is missing.
    pub(super) fn each<T>(
        &mut self,
        key: &str,
        kind: &str,
        read: impl FnMut(&mut Reader) -> T,
    ) -> Vec<T> {
        match self.fields.get(key) {
            None => Vec::new(),
            Some(Value::Array(entries)) => {
                let entries: Vec<_> = entries.iter().cloned().map(Fields::of).collect();
                each(kind, &self.who, &entries, self.notes, read)
            }
            Some(value) => {
                self.wrong(key, value, "a list", "it is left out");
                Vec::new()
            }
        }
    }

    /// Reads an object inside this entry; one without fields if it is missing.
    pub(super) fn inside<T>(&mut self, key: &str, read: impl FnOnce(&mut Reader) -> T) -> T {
        let fields = match self.fields.get(key) {
            None => Fields::default(),
            Some(value @ Value::Object(_)) => Fields::of(value.clone()),
            Some(value) => {
                self.wrong(key, value, "an object", "it is left out");
                Fields::default()
            }
        };
        let who = format!("`{key}` of {}", self.who);
        read(&mut Reader::new(who, &fields, self.notes))
    }

    /// Whether there is anything: no blank, no empty list or object, not false.
    pub(super) fn has(&self, key: &str) -> bool {
        self.fields.get(key).is_some_and(|value| match value {
            Value::Null | Value::Bool(false) => false,
            Value::Bool(true) | Value::Number(_) => true,
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(entries) => !entries.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
        })
    }

    /// Counts one thing as left behind if this field has it.
    pub(super) fn leave_if(&mut self, key: &str, what: Leftover) {
        if self.has(key) {
            self.notes.leave(what, 1);
        }
    }

    /// Notes that a text says nothing we know.
    pub(super) fn complain(&mut self, key: &str, text: &str, what: &str, effect: &str) {
        let text = shortened(text);
        self.notes
            .push(format!("In {}, `{key}` is “{text}”, which is {what}; {effect}.", self.who));
    }

    /// How many entries an array or object has; 0 if it is missing or something else.
    pub(super) fn count(&self, key: &str) -> usize {
        match self.fields.get(key) {
            Some(Value::Array(entries)) => entries.len(),
            Some(Value::Object(fields)) => fields.len(),
            _ => 0,
        }
    }

    fn wrong(&mut self, key: &str, value: &Value, expected: &str, effect: &str) {
        let found = described(value);
        self.notes
            .push(format!("In {}, `{key}` is {found} instead of {expected}; {effect}.", self.who));
    }
}

/// Reads the entries of an array of `of` ("the file"); one that is not an object holds nothing to keep, so it becomes a
/// note.
pub(super) fn each<T>(
    kind: &str,
    of: &str,
    entries: &[Fields],
    notes: &mut Notes,
    mut read: impl FnMut(&mut Reader) -> T,
) -> Vec<T> {
    let mut found = Vec::with_capacity(entries.len());
    for (entry, number) in entries.iter().zip(1..) {
        match entry {
            Fields::Object(_) => {
                let who = match (entry.describe(kind, number), of) {
                    (who, FILE) => who,
                    (who, of) => format!("{who} of {of}"),
                };
                found.push(read(&mut Reader::new(who, entry, notes)));
            }
            Fields::Other(what) => notes.push(format!(
                "The {kind} in place {number} of {of} is {what} instead of an object; it is left out."
            )),
        }
    }
    found
}

/// What the lists, cards, labels and members are entries of.
pub(super) const FILE: &str = "the file";

/// At most the first 40 characters of a text from the file, for a note.
pub(crate) fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 40;
    let mut short: String = text.chars().take(CHARACTERS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

pub(super) fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Bool(flag) => format!("{flag}"),
        Value::Number(number) => format!("a number ({number})"),
        Value::String(text) => format!("text (“{}”)", shortened(text)),
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
    }
}
