//! Reading and writing what Automerge's formats are made of: LEB128 numbers and change hashes.

use automerge::ChangeHash;

/// Why bytes cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BytesError {
    /// The bytes end inside a value.
    #[error("the bytes are cut short")]
    CutShort,
    /// A number with more bytes than it needs, or above 64 bits.
    #[error("a number is badly encoded")]
    BadNumber,
    /// A text that is not UTF-8.
    #[error("a text is not UTF-8")]
    BadText,
    /// A count or length above what is accepted there.
    #[error("a count of {count} exceeds the limit of {max}")]
    TooMany {
        /// What the bytes claim.
        count: u64,
        /// What is accepted.
        max: usize,
    },
}

/// Bytes that are read from front to back. Nothing is allocated by a claimed length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn byte(&mut self) -> Result<u8, BytesError> {
        let (first, rest) = self.rest.split_first().ok_or(BytesError::CutShort)?;
        self.rest = rest;
        Ok(*first)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], BytesError> {
        let (first, rest) = self.rest.split_first_chunk().ok_or(BytesError::CutShort)?;
        self.rest = rest;
        Ok(*first)
    }

    pub fn take(&mut self, length: u64) -> Result<&'a [u8], BytesError> {
        let length = usize::try_from(length).map_err(|_| BytesError::CutShort)?;
        let (first, rest) = self.rest.split_at_checked(length).ok_or(BytesError::CutShort)?;
        self.rest = rest;
        Ok(first)
    }

    /// Bytes that follow their length.
    pub fn prefixed(&mut self) -> Result<&'a [u8], BytesError> {
        let length = self.unsigned()?;
        self.take(length)
    }

    /// An unsigned number in as few bytes as it needs, as Automerge insists.
    pub fn unsigned(&mut self) -> Result<u64, BytesError> {
        let mut number: u64 = 0;
        for shift in (0..=63).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            number |= bits << shift;
            if byte & 0x80 == 0 {
                let overlong = shift > 0 && byte == 0;
                let too_large = shift == 63 && byte > 1;
                return if overlong || too_large { Err(BytesError::BadNumber) } else { Ok(number) };
            }
        }
        Err(BytesError::BadNumber)
    }

    /// A signed number in as few bytes as it needs.
    pub fn signed(&mut self) -> Result<i64, BytesError> {
        let mut number: i64 = 0;
        let mut before = 0;
        for shift in (0..=63).step_by(7) {
            let byte = self.byte()?;
            number |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let sign_only =
                    (byte == 0 && before & 0x40 == 0) || (byte == 0x7f && before & 0x40 != 0);
                let too_large = shift == 63 && byte != 0 && byte != 0x7f;
                if (shift > 0 && sign_only) || too_large {
                    return Err(BytesError::BadNumber);
                }
                if shift < 57 && byte & 0x40 != 0 {
                    number |= -1 << (shift + 7);
                }
                return Ok(number);
            }
            before = byte;
        }
        Err(BytesError::BadNumber)
    }

    /// A count of things that follow, at most `max`.
    pub fn count(&mut self, max: usize) -> Result<usize, BytesError> {
        let count = self.unsigned()?;
        match usize::try_from(count) {
            Ok(small) if small <= max => Ok(small),
            _ => Err(BytesError::TooMany { count, max }),
        }
    }

    /// Hashes that follow their count, in the order in which they come.
    pub fn hashes(&mut self, max: usize) -> Result<Vec<ChangeHash>, BytesError> {
        let count = self.count(max)?;
        // Collecting stops at the first error, so a claimed count costs what is really there.
        (0..count).map(|_| self.array().map(ChangeHash)).collect()
    }
}

pub(crate) fn write_unsigned(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn write_prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    write_unsigned(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(crate) fn write_hashes(out: &mut Vec<u8>, hashes: &[ChangeHash]) {
    write_unsigned(out, hashes.len() as u64);
    for hash in hashes {
        out.extend_from_slice(&hash.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unsigned(bytes: &[u8]) -> Result<u64, BytesError> {
        Reader::new(bytes).unsigned()
    }

    #[test]
    fn a_number_has_exactly_one_encoding() {
        assert_eq!(unsigned(&[0]), Ok(0));
        assert_eq!(unsigned(&[0x81, 0x00]), Err(BytesError::BadNumber));
        assert_eq!(unsigned(&[0x81]), Err(BytesError::CutShort));
        let max = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(unsigned(&max), Ok(u64::MAX));
        assert_eq!(unsigned(&[0xff; 11]), Err(BytesError::BadNumber));
        let too_large = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
        assert_eq!(unsigned(&too_large), Err(BytesError::BadNumber));
    }

    #[test]
    fn signed_numbers_carry_their_sign_in_the_last_byte() {
        let signed = |bytes: &[u8]| Reader::new(bytes).signed();
        assert_eq!(signed(&[0x3f]), Ok(63));
        assert_eq!(signed(&[0x40]), Ok(-64));
        assert_eq!(signed(&[0xc0, 0x00]), Ok(64));
        assert_eq!(signed(&[0x7f]), Ok(-1));
        assert_eq!(signed(&[0xff, 0x7f]), Err(BytesError::BadNumber));
        let min = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        assert_eq!(signed(&min), Ok(i64::MIN));
    }

    #[test]
    fn a_claimed_count_of_hashes_does_not_reserve_memory() {
        let claim = [0xff, 0xff, 0xff, 0xff, 0x0f];
        let error = Reader::new(&claim).hashes(4096).unwrap_err();
        assert_eq!(error, BytesError::TooMany { count: 0xffff_ffff, max: 4096 });
        assert_eq!(Reader::new(&[3, 1, 2]).hashes(4096), Err(BytesError::CutShort));
    }

    proptest! {
        #[test]
        fn every_number_is_read_back(number: u64) {
            let mut bytes = Vec::new();
            write_unsigned(&mut bytes, number);
            prop_assert_eq!(unsigned(&bytes), Ok(number));
        }
    }
}
