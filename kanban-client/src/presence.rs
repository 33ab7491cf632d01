//! What people show of themselves, as JSON: in CBOR on the wire, as clients of automerge-repo write it.

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};
use serde_json::{Map, Number, Value};
use sync_protocol::{PeerId, PresenceState};

/// What one shows: a value for each channel, as automerge-repo calls its keys.
///
/// Boards of this project use `name` (what to call the person), `card` (the id of the card that they
/// have open, edit or drag) and `doing` (`"looking"`, `"editing"` or `"dragging"`).
pub type Shown = Map<String, Value>;

/// Somebody else who has the board open.
#[derive(Debug, Clone, PartialEq)]
pub struct Other {
    /// Their connection: a name that it gives itself, no proof of anything.
    pub peer: PeerId,
    /// What they show.
    pub shown: Shown,
}

/// Deeper values are shown as `null`.
const NESTING_MAX: usize = 8;

const FITS: &str = "a vector takes every byte";

/// As others read it.
pub(crate) fn to_state(shown: &Shown) -> PresenceState {
    let channel = |(name, value): (&String, &Value)| {
        let mut encoder = Encoder::new(Vec::new());
        write(&mut encoder, value);
        (name.clone(), encoder.into_writer())
    };
    // Not `collect`, which would bring a sort to WebAssembly.
    let mut state = PresenceState::new();
    state.extend(shown.iter().map(channel));
    state
}

/// As JSON has it: what JSON has not, as bytes, is `null`.
pub(crate) fn from_state(state: &PresenceState) -> Shown {
    let channel = |(name, value): (&String, &Vec<u8>)| {
        let value = read(&mut Decoder::new(value), NESTING_MAX).unwrap_or_default();
        (name.clone(), value)
    };
    let mut shown = Shown::new();
    shown.extend(state.iter().map(channel));
    shown
}

fn write(encoder: &mut Encoder<Vec<u8>>, value: &Value) {
    let written = match value {
        Value::Null => encoder.null().map(drop),
        Value::Bool(value) => encoder.bool(*value).map(drop),
        Value::Number(number) => match number.as_i64().map(i32::try_from) {
            Some(Ok(small)) => encoder.i32(small).map(drop),
            // JavaScript reads longer integers as another type.
            _ => encoder.f64(number.as_f64().unwrap_or_default()).map(drop),
        },
        Value::String(text) => encoder.str(text).map(drop),
        Value::Array(items) => {
            let written = encoder.array(items.len() as u64).map(drop);
            items.iter().for_each(|item| write(encoder, item));
            written
        }
        Value::Object(entries) => {
            let written = encoder.map(entries.len() as u64).map(drop);
            for (key, value) in entries {
                encoder.str(key).expect(FITS);
                write(encoder, value);
            }
            written
        }
    };
    written.expect(FITS);
}

/// A value; `None` if it cannot be read further.
fn read(decoder: &mut Decoder<'_>, depth: usize) -> Option<Value> {
    let inner = depth.checked_sub(1)?;
    Some(match decoder.datatype().ok()? {
        Type::Bool => Value::Bool(decoder.bool().ok()?),
        Type::String => Value::String(decoder.str().ok()?.to_owned()),
        Type::F32 | Type::F64 => Number::from_f64(decoder.f64().ok()?)?.into(),
        Type::Array => {
            let count = decoder.array().ok()??;
            (0..count).map(|_| read(decoder, inner)).collect::<Option<Vec<_>>>()?.into()
        }
        Type::Map => {
            let count = decoder.map().ok()??;
            let mut entries = Map::new();
            for _ in 0..count {
                let key = decoder.str().ok()?.to_owned();
                entries.insert(key, read(decoder, inner)?);
            }
            entries.into()
        }
        Type::Null | Type::Undefined => {
            decoder.skip().ok()?;
            Value::Null
        }
        _ => i64::try_from(decoder.int().ok()?).ok()?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(value: Value) -> Shown {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn what_is_shown_is_read_back() {
        let state = shown(json!({
            "name": "あな 🙂", "card": "docs", "doing": null, "caret": 12, "at": [-1.5, 7, true],
            "more": { "big": 9_007_199_254_740_991_i64 as f64, "": [] },
        }));
        assert_eq!(from_state(&to_state(&state)), state);
    }

    #[test]
    fn what_json_has_not_or_is_cut_or_too_deep_is_null() {
        for bytes in [
            &b"\x43abc"[..],
            b"\x82\x01",
            b"\xff",
            b"",
            &[0x81; 100],
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            let state = [("x".to_owned(), bytes.to_vec())].into();
            assert_eq!(from_state(&state), shown(json!({ "x": null })), "{bytes:?}");
        }
    }

    #[test]
    fn what_javascript_writes_is_read() {
        // cbor-x: a map of 16-bit length, a double, undefined.
        let value = b"\xb9\x00\x02\x61x\xfb\x40\x45\x00\x00\x00\x00\x00\x00\x61y\xf7".to_vec();
        let state = [("pointer".to_owned(), value)].into();
        assert_eq!(from_state(&state), shown(json!({ "pointer": { "x": 42.0, "y": null } })));
    }
}
