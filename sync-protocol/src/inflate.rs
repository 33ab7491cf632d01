//! Deflated bytes, inflated up to a limit.

use flate2::bufread::DeflateDecoder;
use std::cell::RefCell;
use std::io::{self, Cursor, Read};

thread_local! {
    /// Each thread keeps what it inflates with: 48 KB, aligned. Taken and given back for every
    /// change, it leaves holes in the heap that the next does not fit into, and a relay that has
    /// inflated a thousand changes is 4 MB larger than what it keeps of them.
    static DECODER: RefCell<DeflateDecoder<Cursor<Vec<u8>>>> =
        RefCell::new(DeflateDecoder::new(Cursor::default()));
}

/// What came out.
pub(crate) struct Inflated {
    pub bytes: Vec<u8>,
    /// How many of the deflated bytes were read: what is behind the end of the stream is not.
    pub read: u64,
}

/// Inflates up to `max` bytes; whoever gets one more than allowed knows that there are too many.
///
/// # Errors
/// If the bytes are not a deflated stream, or not a whole one.
pub(crate) fn inflate(deflated: &[u8], max: u64) -> io::Result<Inflated> {
    DECODER.with_borrow_mut(|decoder| {
        decoder.reset(Cursor::new(deflated.to_vec()));
        let mut bytes = Vec::new();
        let outcome = decoder.by_ref().take(max).read_to_end(&mut bytes);
        let read = decoder.total_in();
        // Not kept until the next time.
        decoder.reset(Cursor::default());
        outcome.map(|_| Inflated { bytes, read })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::bufread::DeflateEncoder;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut deflated = Vec::new();
        DeflateEncoder::new(bytes, Compression::default()).read_to_end(&mut deflated).unwrap();
        deflated
    }

    #[test]
    fn what_is_inflated_does_not_depend_on_what_was_before() {
        let long: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let (long_stream, short_stream) = (deflated(&long), deflated(b"short"));
        for _ in 0..3 {
            let inflated = inflate(&long_stream, u64::MAX).unwrap();
            assert!(inflated.bytes == long);
            assert_eq!(inflated.read, long_stream.len() as u64);
            // Left in the middle, damaged, and cut short.
            assert_eq!(inflate(&long_stream, 10).unwrap().bytes, &long[..10]);
            assert!(inflate(&[0xff; 40], u64::MAX).is_err());
            assert!(inflate(&long_stream[..1000], u64::MAX).is_err());
            let mut followed = short_stream.clone();
            followed.extend(b"behind the end");
            let inflated = inflate(&followed, u64::MAX).unwrap();
            assert_eq!(inflated.bytes, b"short");
            assert_eq!(inflated.read, short_stream.len() as u64);
        }
    }
}
