//! CBOR maps read field by field, with limits.
//!
//! A map is walked once to note where each value starts. Values are read only when a message asks
//! for them, so a key that the message does not know can hold anything.

use super::{DecodeError, KEYS_MAX, NESTING_MAX};
use minicbor::Decoder;
use minicbor::data::{Tag, Type};
use std::borrow::Cow;

/// Marks a byte string as an array of unsigned bytes (RFC 8746).
const TYPED_ARRAY_OF_BYTES: Tag = Tag::new(64);

/// The largest integer that is exact as a JavaScript number.
const SAFE_INTEGER_MAX: u64 = (1 << 53) - 1;

/// A map whose values have not been read yet.
pub struct Map<'a> {
    input: &'a [u8],
    entries: Vec<(Cow<'a, str>, usize)>,
}

impl<'a> Map<'a> {
    /// Reads a frame that is one map and nothing more.
    pub fn of_frame(frame: &'a [u8]) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(frame);
        if !matches!(decoder.datatype()?, Type::Map | Type::MapIndef) {
            return Err(DecodeError::NotAMap);
        }
        let map = Self::read(&mut decoder)?;
        match decoder.position() {
            position if position < frame.len() => Err(DecodeError::TrailingBytes { position }),
            _ => Ok(map),
        }
    }

    fn read(decoder: &mut Decoder<'a>) -> Result<Self, DecodeError> {
        let input = decoder.input();
        let mut entries: Vec<(Cow<'a, str>, usize)> = Vec::with_capacity(8);
        let mut keys: usize = 0;
        let mut items = Items::new(decoder.map()?);
        while items.next(decoder)? {
            keys += 1;
            if keys > KEYS_MAX {
                return Err(DecodeError::TooManyKeys);
            }
            let key = match decoder.datatype()? {
                Type::String | Type::StringIndef => Some(text(decoder)?),
                // Legal CBOR, but no key of ours.
                _ => skip(decoder, NESTING_MAX).map(|()| None)?,
            };
            let position = decoder.position();
            skip(decoder, NESTING_MAX)?;
            if let Some(key) = key {
                if entries.iter().any(|(known, _)| *known == key) {
                    return Err(DecodeError::RepeatedKey { position });
                }
                entries.push((key, position));
            }
        }
        Ok(Self { input, entries })
    }

    /// A field; `None` if it is missing, `null` or `undefined`.
    pub fn get(&self, name: &'static str) -> Option<Field<'a>> {
        let (_, position) = self.entries.iter().find(|(key, _)| key == name)?;
        let field = self.field_at(name, *position);
        let absent = matches!(field.decoder.datatype(), Ok(Type::Null | Type::Undefined));
        (!absent).then_some(field)
    }

    /// A field that must be there.
    pub fn require(&self, field: &'static str) -> Result<Field<'a>, DecodeError> {
        self.get(field).ok_or(DecodeError::MissingField { field })
    }

    /// Every key with its value, which errors call `name`.
    pub fn fields(&self, name: &'static str) -> impl Iterator<Item = (&str, Field<'a>)> {
        self.entries.iter().map(move |(key, position)| (&**key, self.field_at(name, *position)))
    }

    fn field_at(&self, name: &'static str, position: usize) -> Field<'a> {
        let mut decoder = Decoder::new(self.input);
        decoder.set_position(position);
        Field { name, decoder }
    }
}

/// One value of a map.
pub struct Field<'a> {
    name: &'static str,
    decoder: Decoder<'a>,
}

impl<'a> Field<'a> {
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn wrong(&self, expected: &'static str) -> DecodeError {
        DecodeError::WrongType { field: self.name, expected }
    }

    pub fn is_bytes(&self) -> bool {
        matches!(self.decoder.datatype(), Ok(Type::Bytes | Type::BytesIndef | Type::Tag))
    }

    pub fn text(mut self) -> Result<Cow<'a, str>, DecodeError> {
        text(&mut self.decoder).map_err(|_| self.wrong("text"))
    }

    pub fn bytes(mut self) -> Result<Cow<'a, [u8]>, DecodeError> {
        bytes(&mut self.decoder).map_err(|_| self.wrong("a byte string"))
    }

    pub fn bool(mut self) -> Result<bool, DecodeError> {
        self.decoder.bool().map_err(|_| self.wrong("true or false"))
    }

    /// A whole number. JavaScript's encoder writes those above 2^32 as floats.
    pub fn whole_number(mut self) -> Result<u64, DecodeError> {
        let number = match self.decoder.datatype() {
            Ok(Type::F32 | Type::F64) => self.decoder.f64().ok().and_then(whole),
            _ => self.decoder.u64().ok(),
        };
        let safe = number.filter(|number| *number <= SAFE_INTEGER_MAX);
        safe.ok_or_else(|| self.wrong("a whole number from 0 to 2^53 - 1"))
    }

    pub fn map(mut self) -> Result<Map<'a>, DecodeError> {
        match self.decoder.datatype() {
            Ok(Type::Map | Type::MapIndef) => Map::read(&mut self.decoder),
            _ => Err(self.wrong("a map")),
        }
    }

    /// The value's bytes, which have been walked and are well formed.
    pub fn raw(mut self) -> &'a [u8] {
        let (input, start) = (self.decoder.input(), self.decoder.position());
        match skip(&mut self.decoder, NESTING_MAX) {
            Ok(()) => input.get(start..self.decoder.position()).unwrap_or_default(),
            Err(_) => &[],
        }
    }

    /// A list of texts, at most `max` of them.
    pub fn texts(mut self, max: usize) -> Result<Vec<Cow<'a, str>>, DecodeError> {
        let wrong = DecodeError::WrongType { field: self.name, expected: "a list of texts" };
        let length = self.decoder.array().map_err(|_| wrong.clone())?;
        let mut texts = Vec::new();
        let mut items = Items::new(length);
        while items.next(&mut self.decoder)? {
            if texts.len() == max {
                return Err(DecodeError::TooMany { field: self.name, max });
            }
            texts.push(text(&mut self.decoder).map_err(|_| wrong.clone())?);
        }
        Ok(texts)
    }
}

/// Counts the items of a list or map, whose length may be said first or marked by a break.
struct Items {
    left: Option<u64>,
}

impl Items {
    fn new(length: Option<u64>) -> Self {
        Self { left: length }
    }

    /// Whether another item follows. A claimed length costs nothing: every item takes a byte.
    fn next(&mut self, decoder: &mut Decoder<'_>) -> Result<bool, DecodeError> {
        match &mut self.left {
            Some(0) => Ok(false),
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None if decoder.datatype()? == Type::Break => {
                decoder.set_position(decoder.position() + 1);
                Ok(false)
            }
            None => Ok(true),
        }
    }
}

/// Steps over one value, whatever it is.
fn skip(decoder: &mut Decoder<'_>, depth: usize) -> Result<(), DecodeError> {
    let position = decoder.position();
    let Some(inner) = depth.checked_sub(1) else {
        return Err(DecodeError::TooDeep { position });
    };
    match decoder.datatype()? {
        Type::Array | Type::ArrayIndef => {
            let mut items = Items::new(decoder.array()?);
            while items.next(decoder)? {
                skip(decoder, inner)?;
            }
        }
        Type::Map | Type::MapIndef => {
            let mut items = Items::new(decoder.map()?);
            while items.next(decoder)? {
                skip(decoder, inner)?;
                skip(decoder, inner)?;
            }
        }
        Type::Tag => {
            decoder.tag()?;
            skip(decoder, inner)?;
        }
        Type::Bytes | Type::BytesIndef => {
            for part in decoder.bytes_iter()? {
                part?;
            }
        }
        Type::String | Type::StringIndef => {
            for part in decoder.str_iter()? {
                part?;
            }
        }
        // Two bytes; the library reads half floats only with another dependency.
        Type::F16 => match decoder.input().len().checked_sub(position) {
            Some(left) if left >= 3 => decoder.set_position(position + 3),
            _ => return Err(DecodeError::CutShort),
        },
        Type::F32 => _ = decoder.f32()?,
        Type::F64 => _ = decoder.f64()?,
        Type::Bool => _ = decoder.bool()?,
        Type::Null => decoder.null()?,
        Type::Undefined => decoder.undefined()?,
        Type::Simple => _ = decoder.simple()?,
        Type::Break | Type::Unknown(_) => return Err(DecodeError::NotCbor { position }),
        _ => _ = decoder.int()?,
    }
    Ok(())
}

fn text<'a>(decoder: &mut Decoder<'a>) -> Result<Cow<'a, str>, DecodeError> {
    if decoder.datatype()? == Type::String {
        return Ok(Cow::Borrowed(decoder.str()?));
    }
    Ok(Cow::Owned(decoder.str_iter()?.collect::<Result<String, _>>()?))
}

fn bytes<'a>(decoder: &mut Decoder<'a>) -> Result<Cow<'a, [u8]>, DecodeError> {
    if decoder.datatype()? == Type::Tag {
        let position = decoder.position();
        if decoder.tag()? != TYPED_ARRAY_OF_BYTES {
            return Err(DecodeError::NotCbor { position });
        }
    }
    if decoder.datatype()? == Type::Bytes {
        return Ok(Cow::Borrowed(decoder.bytes()?));
    }
    let mut joined = Vec::new();
    for part in decoder.bytes_iter()? {
        joined.extend_from_slice(part?);
    }
    Ok(Cow::Owned(joined))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just before")]
#[expect(clippy::cast_precision_loss, reason = "2^53 - 1 is exact")]
fn whole(number: f64) -> Option<u64> {
    let whole = number >= 0.0 && number <= SAFE_INTEGER_MAX as f64 && number.fract() == 0.0;
    whole.then_some(number as u64)
}
