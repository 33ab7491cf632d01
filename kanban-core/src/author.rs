//! Authors as text, for what crosses a boundary: what is not UTF-8 is shown as `\u{fffd}`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) fn serialize<S: Serializer>(
    author: &Option<Vec<u8>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    author.as_deref().map(String::from_utf8_lossy).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<u8>>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(String::into_bytes))
}
