//! Reading enums that name their variant in a field, as `serde(tag)` writes them.
//!
//! What serde derives for reading them is kilobytes of WebAssembly for every variant; here a variant
//! costs a call for every field.

use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Error, Map, Value};
use std::fmt;

/// Defines an enum whose variant is named by the field before the semicolon, and how it is read.
macro_rules! tagged {
    (
        $tag:literal;
        $(#[$meta:meta])*
        pub enum $tagged:ident {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident $({ $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? })?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        pub enum $tagged {
            $($(#[$variant_meta])* $variant $({ $($(#[$field_meta])* $field: $type),* })?),*
        }

        impl<'de> serde::Deserialize<'de> for $tagged {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                fn of(fields: &mut $crate::tagged::Fields) -> Result<$tagged, serde_json::Error> {
                    $(if fields.are_of(stringify!($variant)) {
                        return Ok($tagged::$variant $({ $($field: fields.take(stringify!($field))?),* })?);
                    })*
                    Err(fields.of_no_variant(&[$(stringify!($variant)),*]))
                }
                let mut fields = $crate::tagged::Fields::read(deserializer, $tag)?;
                of(&mut fields).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use tagged;

/// What an object names itself, and those of its other fields that nobody has taken yet.
#[derive(Debug)]
pub struct Fields {
    variant: String,
    rest: Map<String, Value>,
}

impl Fields {
    /// Reads an object which names itself in the field `tag`.
    pub fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        tag: &'static str,
    ) -> Result<Self, D::Error> {
        let rest = deserializer.deserialize_map(Object(tag))?;
        let mut fields = Self { variant: String::new(), rest };
        fields.variant = fields.take(tag).map_err(D::Error::custom)?;
        Ok(fields)
    }

    /// Whether the object names this variant, in camel case.
    pub fn are_of(&self, variant: &str) -> bool {
        let named = self.variant.bytes();
        named.eq(variant
            .bytes()
            .take(1)
            .map(|it| it.to_ascii_lowercase())
            .chain(variant.bytes().skip(1)))
    }

    /// Says which variants there are.
    pub fn of_no_variant(&self, variants: &[&str]) -> Error {
        let quoted = |name: &&str| format!("`{}`", with_first(name, char::to_ascii_lowercase));
        let variants: Vec<String> = variants.iter().map(quoted).collect();
        let (found, variants) = (&self.variant, variants.join(", "));
        Error::custom(format_args!("unknown variant `{found}`, expected one of {variants}"))
    }

    /// Takes a field out, which is written in camel case; one that is missing is as if it were `null`.
    pub fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Error> {
        let name = camel(name);
        match self.rest.remove(&name) {
            Some(value) => T::deserialize(value),
            None => T::deserialize(Value::Null).map_err(|_| missing(&name)),
        }
    }

    /// Refuses what nobody has taken.
    pub fn end(&self, known: &'static [&'static str]) -> Result<(), Error> {
        let unknown = self.rest.keys().next();
        unknown.map_or(Ok(()), |name| Err(Error::unknown_field(name, known)))
    }
}

fn missing(name: &str) -> Error {
    Error::custom(format_args!("missing field `{name}`"))
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    words.for_each(|word| camel += &with_first(word, char::to_ascii_uppercase));
    camel
}

fn with_first(word: &str, change: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| change(&first)).into_iter().chain(letters).collect()
}

/// An object with this field.
struct Object(&'static str);

impl<'de> Visitor<'de> for Object {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the field `{}`", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
            }
            object.insert(name, value);
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Command, DueIs, Filter, GroupBy};
    use serde::de::DeserializeOwned;

    fn refusal<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
        serde_json::from_str::<T>(json).unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_words() {
        for (json, expected) in [
            (
                "7",
                "invalid type: integer `7`, expected an object with the field `type` at line 1 column 1",
            ),
            ("{}", "missing field `type`"),
            (r#"{"type":"keepCard"}"#, "missing field `card`"),
            (r#"{"type":"keepCard","card":7}"#, "invalid type: integer `7`, expected a string"),
            (r#"{"type":"keepCard","type":"x"}"#, "duplicate field `type` at line 1 column 30"),
        ] {
            assert_eq!(refusal::<Command>(json), expected, "{json}");
        }
        let command = refusal::<Command>(r#"{"type":"KeepCard"}"#);
        assert!(command.starts_with("unknown variant `KeepCard`, expected one of `renameBoard`, "));
        let group = refusal::<GroupBy>(r#"{"by":"x"}"#);
        assert_eq!(group, "unknown variant `x`, expected one of `assignee`, `label`, `due`");
        let due = refusal::<DueIs>(r#"{"is":"between"}"#);
        assert_eq!(due, "missing field `utcOffsetSeconds`");
    }

    #[test]
    fn what_is_optional_may_be_missing_and_what_is_unknown_may_be_there() {
        let filter = r#"{"due":[{"is":"between","utcOffsetSeconds":1},{"is":"missing","x":1}]}"#;
        let between = DueIs::Between { first: None, last: None, utc_offset_seconds: 1 };
        let expected = Filter::new().due(between).due(DueIs::Missing);
        assert_eq!(serde_json::from_str::<Filter>(filter).unwrap(), expected);
    }
}
