//! Change hashes as hexadecimal text, for what crosses a boundary.

use automerge::ChangeHash;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

fn parse<E: Error>(text: &str) -> Result<ChangeHash, E> {
    text.parse().map_err(|_| E::custom(format!("{text:?} is not a change hash")))
}

pub(crate) mod one {
    use super::*;

    pub fn serialize<S: Serializer>(hash: &ChangeHash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(hash)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ChangeHash, D::Error> {
        parse(&String::deserialize(deserializer)?)
    }
}

pub(crate) mod perhaps_one {
    use super::*;

    pub fn serialize<S: Serializer>(
        hash: &Option<ChangeHash>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        hash.as_ref().map(ToString::to_string).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<ChangeHash>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| parse(&text)).transpose()
    }
}

pub(crate) mod list {
    use super::*;

    pub fn serialize<S: Serializer>(
        hashes: &[ChangeHash],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(hashes.iter().map(ToString::to_string))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<ChangeHash>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| parse(text)).collect()
    }
}

pub(crate) mod perhaps_list {
    use super::*;

    pub fn serialize<S: Serializer>(
        hashes: &Option<Vec<ChangeHash>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let texts = |hashes: &Vec<ChangeHash>| -> Vec<String> {
            hashes.iter().map(ToString::to_string).collect()
        };
        hashes.as_ref().map(texts).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<ChangeHash>>, D::Error> {
        let texts = Option::<Vec<String>>::deserialize(deserializer)?;
        texts.map(|texts| texts.iter().map(|text| parse(text)).collect()).transpose()
    }
}
