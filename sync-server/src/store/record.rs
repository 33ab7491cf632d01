//! The bytes of what is stored: keys and checked values.
//!
//! sled notices little damage by itself: of 150 flipped bits 43 made keys disappear without a word.
//! So every value carries a checksum over its key and itself, and every document a
//! [manifest](super::manifest) that says what there is and what it hashes to.

use sha2::{Digest, Sha256};
use sync_protocol::DocumentId;

/// sled keeps larger values in files of their own, which it never syncs.
pub const VALUE_BYTES_MAX: usize = 64 * 1024;

pub const CHECKSUM_BYTES: usize = 16;
const PART_BYTES: usize = VALUE_BYTES_MAX - CHECKSUM_BYTES;

/// Sorts a document's manifest before the rest.
const MANIFEST: u8 = b'm';

/// The note that a document is set aside.
const ASIDE: u8 = b'a';

/// What else is stored of a document. Each is numbered and cut into parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A change with its index entry, numbered by position.
    Change,
    /// The packed index; there is only number 0.
    Index,
    /// A snapshot, numbered by generation.
    Snapshot,
}

impl Kind {
    fn letter(self) -> u8 {
        match self {
            Kind::Change => b'p',
            Kind::Index => b'i',
            Kind::Snapshot => b's',
        }
    }
}

pub fn manifest_key(document: DocumentId) -> Vec<u8> {
    let mut key = document.as_bytes().to_vec();
    key.push(MANIFEST);
    key
}

pub fn aside_key(document: DocumentId) -> Vec<u8> {
    let mut key = document.as_bytes().to_vec();
    key.push(ASIDE);
    key
}

/// Where what is kept beside the documents stands among them: as if it were one, with an id that no
/// document has, because ids are random.
pub const RECORDS: &[u8; 16] = b"kanban directory";

/// The key of a record beside the documents.
pub fn record_key(key: &[u8]) -> Vec<u8> {
    let mut full = RECORDS.to_vec();
    full.push(b'r');
    full.extend_from_slice(key);
    full
}

/// Of which document a key is a part.
pub fn document_of(key: &[u8]) -> Option<DocumentId> {
    let (id, kind) = key.split_first_chunk()?;
    (!kind.is_empty()).then(|| DocumentId::from_bytes(*id))
}

/// The key of a part; the parts of one number follow each other, and the numbers of one kind.
pub fn part_key(document: DocumentId, kind: Kind, number: u64, part: u32) -> Vec<u8> {
    let mut key = document.as_bytes().to_vec();
    key.push(kind.letter());
    key.extend_from_slice(&number.to_be_bytes());
    key.extend_from_slice(&part.to_be_bytes());
    key
}

/// The number and part in a key of [`part_key`].
pub fn number_and_part(key: &[u8]) -> Option<(u64, u32)> {
    let (_, rest) = key.split_at_checked(17)?;
    let (number, part) = rest.split_at_checked(8)?;
    Some((u64::from_be_bytes(number.try_into().ok()?), u32::from_be_bytes(part.try_into().ok()?)))
}

/// Bytes as the keys and values that store them.
pub fn parts(
    document: DocumentId,
    kind: Kind,
    number: u64,
    bytes: &[u8],
) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut pieces: Vec<&[u8]> = bytes.chunks(PART_BYTES).collect();
    if pieces.is_empty() {
        pieces.push(&[]); // nothing is something too
    }
    let numbered = pieces.into_iter().zip(0_u32..);
    numbered
        .map(|(piece, part)| {
            let key = part_key(document, kind, number, part);
            let value = seal(&key, piece);
            (key, value)
        })
        .collect()
}

/// Puts a checksum over key and content before the content.
pub fn seal(key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut value = checksum(key, content).to_vec();
    value.extend_from_slice(content);
    value
}

/// The content of a sealed value; `None` if key or content are not what was stored.
pub fn unseal<'a>(key: &[u8], value: &'a [u8]) -> Option<&'a [u8]> {
    let (stored, content) = value.split_at_checked(CHECKSUM_BYTES)?;
    (stored == checksum(key, content)).then_some(content)
}

fn checksum(key: &[u8], content: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = Sha256::new();
    hasher.update((key.len() as u64).to_be_bytes());
    hasher.update(key);
    hasher.update(content);
    let mut checksum = [0; CHECKSUM_BYTES];
    for (to, from) in checksum.iter_mut().zip(hasher.finalize()) {
        *to = from;
    }
    checksum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_larger_than_sled_keeps_in_its_log() {
        let document = DocumentId::from_bytes([1; 16]);
        for bytes in [0, 1, PART_BYTES, PART_BYTES + 1, 1_000_000] {
            let parts = parts(document, Kind::Snapshot, 3, &vec![7; bytes]);
            assert!(parts.iter().all(|(_, value)| value.len() <= VALUE_BYTES_MAX));
            let contents = parts.iter().map(|(key, value)| unseal(key, value).unwrap().len());
            assert_eq!(contents.sum::<usize>(), bytes);
        }
    }

    #[test]
    fn a_value_under_another_key_or_with_any_bit_changed_is_noticed() {
        let sealed = seal(b"key", b"content");
        assert_eq!(unseal(b"key", &sealed), Some(&b"content"[..]));
        assert_eq!(unseal(b"kez", &sealed), None);
        for index in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[index / 8] ^= 1 << (index % 8);
            assert_eq!(unseal(b"key", &damaged), None);
        }
        assert_eq!(unseal(b"key", b""), None);
    }
}
