//! The bytes of what is stored: keys, checked values, manifests.
//!
//! sled notices little damage by itself: of 150 flipped bits 43 made keys disappear without a word.
//! So every value carries a checksum over its key and itself, and every document a manifest that
//! says how many chunks there are and what they hash to.

use automerge::ChangeHash;
use sha2::{Digest, Sha256};
use sync_protocol::DocumentId;

/// sled keeps larger values in files of their own, which it never syncs.
pub const VALUE_BYTES_MAX: usize = 64 * 1024;

const CHECKSUM_BYTES: usize = 16;
const CHUNK_PART_BYTES: usize = VALUE_BYTES_MAX - CHECKSUM_BYTES;
const HASH_BYTES: usize = 32;

/// Sorts a document's manifest before its chunks.
const MANIFEST: u8 = b'm';
const CHUNK: u8 = b'p';

pub fn manifest_key(document: DocumentId) -> Vec<u8> {
    let mut key = document.as_bytes().to_vec();
    key.push(MANIFEST);
    key
}

/// Whether a key is a manifest's, and of which document.
pub fn document_of_manifest(key: &[u8]) -> Option<DocumentId> {
    let (id, kind) = key.split_at_checked(16)?;
    let id: [u8; 16] = id.try_into().ok()?;
    (kind == [MANIFEST]).then(|| DocumentId::from_bytes(id))
}

/// All parts of a document's chunks.
pub fn chunk_prefix(document: DocumentId) -> Vec<u8> {
    let mut key = document.as_bytes().to_vec();
    key.push(CHUNK);
    key
}

fn part_key(document: DocumentId, chunk: u64, part: u32) -> Vec<u8> {
    let mut key = chunk_prefix(document);
    key.extend_from_slice(&chunk.to_be_bytes());
    key.extend_from_slice(&part.to_be_bytes());
    key
}

/// The chunk that a part belongs to and its number in it.
pub fn chunk_and_part(key: &[u8]) -> Option<(u64, u32)> {
    let (_, rest) = key.split_at_checked(17)?;
    let (chunk, part) = rest.split_at_checked(8)?;
    Some((u64::from_be_bytes(chunk.try_into().ok()?), u32::from_be_bytes(part.try_into().ok()?)))
}

/// A chunk as the keys and values that store it.
pub fn parts(document: DocumentId, chunk: u64, bytes: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut pieces: Vec<&[u8]> = bytes.chunks(CHUNK_PART_BYTES).collect();
    if pieces.is_empty() {
        pieces.push(&[]); // an empty chunk is a chunk too
    }
    let numbered = pieces.into_iter().zip(0_u32..);
    numbered
        .map(|(piece, part)| {
            let key = part_key(document, chunk, part);
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

/// What must be there of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// How many chunks.
    pub chunks: u64,
    /// A hash over all of them, in order, grown chunk by chunk.
    pub rolling: [u8; HASH_BYTES],
    pub heads: Vec<ChangeHash>,
}

impl Manifest {
    /// Takes a chunk into account.
    pub fn add(&mut self, chunk: &[u8]) {
        let mut hasher = Sha256::new();
        hasher.update(self.rolling);
        hasher.update(Sha256::digest(chunk));
        self.rolling = hasher.finalize().into();
        self.chunks += 1;
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.chunks.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.rolling);
        for head in &self.heads {
            bytes.extend_from_slice(&head.0);
        }
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (chunks, rest) = bytes.split_at_checked(8)?;
        let (rolling, heads) = rest.split_at_checked(HASH_BYTES)?;
        let (heads, over) = heads.as_chunks::<HASH_BYTES>();
        over.is_empty().then_some(())?;
        Some(Self {
            chunks: u64::from_be_bytes(chunks.try_into().ok()?),
            rolling: rolling.try_into().ok()?,
            heads: heads.iter().map(|head| ChangeHash(*head)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_larger_than_sled_keeps_in_its_log() {
        let document = DocumentId::from_bytes([1; 16]);
        for bytes in [0, 1, CHUNK_PART_BYTES, CHUNK_PART_BYTES + 1, 1_000_000] {
            let parts = parts(document, 3, &vec![7; bytes]);
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

    #[test]
    fn a_manifest_reads_back_as_it_was_written() {
        let mut manifest = Manifest { heads: vec![ChangeHash([3; 32])], ..Manifest::default() };
        manifest.add(b"one");
        manifest.add(b"two");
        assert_eq!(Manifest::decode(&manifest.encode()), Some(manifest));
        assert_eq!(Manifest::decode(b"short"), None);
    }
}
