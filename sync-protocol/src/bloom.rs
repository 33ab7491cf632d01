//! Bloom filters, as sync messages carry them.

use crate::bytes::{BytesError, Reader, write_unsigned};
use automerge::ChangeHash;

/// The most changes that a filter may stand for: a million since the last sync.
pub const BLOOM_ENTRIES_MAX: usize = 1 << 20;

/// Automerge uses 10 bits for each entry; a filter of another size is accepted up to this one.
pub const BLOOM_BITS_PER_ENTRY_MAX: usize = 32;

/// Automerge probes 7 bits; a filter with other counts is accepted up to this one.
pub const BLOOM_PROBES_MAX: usize = 16;

const BITS_PER_ENTRY: usize = 10;
const PROBES: usize = 7;

/// Says of most changes whether a peer has them; errs in saying that it has one, one time in a
/// hundred.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BloomFilter {
    /// `None` in the filter of nothing, which contains nothing.
    filter: Option<Filter>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Filter {
    entries: usize,
    bits_per_entry: usize,
    probes: usize,
    /// As many as the counts demand, so never empty.
    bits: Vec<u8>,
}

impl BloomFilter {
    /// The filter of some changes.
    pub fn of(hashes: &[ChangeHash]) -> Self {
        if hashes.is_empty() {
            return Self::default();
        }
        let bits = vec![0; bytes_of_bits(hashes.len(), BITS_PER_ENTRY)];
        let (entries, bits_per_entry, probes) = (hashes.len(), BITS_PER_ENTRY, PROBES);
        let mut filter = Filter { entries, bits_per_entry, probes, bits };
        for hash in hashes {
            for probe in filter.probes(hash) {
                if let Some(byte) = filter.bits.get_mut(probe / 8) {
                    *byte |= 1 << (probe % 8);
                }
            }
        }
        Self { filter: Some(filter) }
    }

    /// Whether this is the filter of nothing.
    pub fn is_empty(&self) -> bool {
        self.filter.is_none()
    }

    /// Whether the peer probably has the change. If not, it certainly lacks it.
    pub fn contains(&self, hash: &ChangeHash) -> bool {
        let Some(filter) = &self.filter else {
            return false;
        };
        let is_set = |probe: usize| {
            filter.bits.get(probe / 8).is_some_and(|byte| byte & (1 << (probe % 8)) != 0)
        };
        filter.probes(hash).all(is_set)
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, BytesError> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut reader = Reader::new(bytes);
        let entries = reader.count(BLOOM_ENTRIES_MAX)?;
        let bits_per_entry = reader.count(BLOOM_BITS_PER_ENTRY_MAX)?;
        let probes = reader.count(BLOOM_PROBES_MAX)?;
        if entries == 0 {
            return Ok(Self::default());
        }
        // Automerge divides by zero over a filter without bits and aborts over one with many
        // probes.
        if bits_per_entry == 0 || probes == 0 {
            return Err(BytesError::BadNumber);
        }
        let bits = reader.take(bytes_of_bits(entries, bits_per_entry) as u64)?.to_vec();
        Ok(Self { filter: Some(Filter { entries, bits_per_entry, probes, bits }) })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(filter) = &self.filter {
            write_unsigned(&mut out, filter.entries as u64);
            write_unsigned(&mut out, filter.bits_per_entry as u64);
            write_unsigned(&mut out, filter.probes as u64);
            out.extend_from_slice(&filter.bits);
        }
        out
    }
}

impl Filter {
    /// The bits that stand for a change: triple hashing over its first twelve bytes, as every
    /// implementation of Automerge does it.
    fn probes(&self, hash: &ChangeHash) -> impl Iterator<Item = usize> + use<> {
        let modulo = 8 * self.bits.len() as u64;
        let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = hash.0;
        let part = |bytes: [u8; 4]| u64::from(u32::from_le_bytes(bytes)) % modulo;
        let (mut x, mut y, z) = (part([a, b, c, d]), part([e, f, g, h]), part([i, j, k, l]));
        (0..self.probes).map(move |_| {
            let probe = x;
            x = (x + y) % modulo;
            y = (y + z) % modulo;
            probe as usize
        })
    }
}

fn bytes_of_bits(entries: usize, bits_per_entry: usize) -> usize {
    (entries * bits_per_entry).div_ceil(8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::sync;
    use proptest::prelude::*;

    #[test]
    fn a_filter_that_would_crash_automerge_is_refused() {
        assert_eq!(BloomFilter::read(&[1, 0, 7]), Err(BytesError::BadNumber));
        assert_eq!(BloomFilter::read(&[1, 10, 0, 0, 0]), Err(BytesError::BadNumber));
        let many_probes = [1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0];
        assert!(matches!(BloomFilter::read(&many_probes), Err(BytesError::TooMany { .. })));
        assert!(matches!(BloomFilter::read(&[1, 33, 7, 0]), Err(BytesError::TooMany { .. })));
        let many_entries = [0xff, 0xff, 0xff, 0xff, 0x0f, 10, 7];
        assert!(matches!(BloomFilter::read(&many_entries), Err(BytesError::TooMany { .. })));
        assert_eq!(BloomFilter::read(&[100, 10, 7, 0]), Err(BytesError::CutShort));
    }

    #[test]
    fn the_filter_of_nothing_contains_nothing_and_has_no_bytes() {
        assert!(!BloomFilter::default().contains(&ChangeHash([0; 32])));
        assert!(BloomFilter::of(&[]).to_bytes().is_empty());
        assert_eq!(BloomFilter::read(&[]), Ok(BloomFilter::default()));
        assert_eq!(BloomFilter::read(&[0, 10, 7]), Ok(BloomFilter::default()));
    }

    proptest! {
        #[test]
        fn a_filter_is_the_one_that_automerge_makes(
            inside in proptest::collection::vec(any::<[u8; 32]>(), 0..60),
            outside: Vec<[u8; 32]>,
        ) {
            let inside: Vec<ChangeHash> = inside.into_iter().map(ChangeHash).collect();
            let outside: Vec<ChangeHash> = outside.into_iter().map(ChangeHash).collect();
            let ours = BloomFilter::of(&inside);
            let theirs = sync::BloomFilter::from_hashes(inside.iter());
            prop_assert_eq!(ours.to_bytes(), theirs.to_bytes());
            prop_assert_eq!(BloomFilter::read(&theirs.to_bytes()), Ok(ours.clone()));
            for hash in inside.iter().chain(&outside) {
                prop_assert_eq!(ours.contains(hash), theirs.contains_hash(hash));
            }
        }
    }
}
