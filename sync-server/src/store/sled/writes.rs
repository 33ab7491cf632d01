//! What one commit writes.

use sled::Batch;

/// Stands for a key that is removed, where else the length of its value stands.
const REMOVED: u32 = u32::MAX;

/// Keys with what they have from now on, in order: for one key the last counts.
#[derive(Debug, Default)]
pub struct Writes {
    writes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// How long they are when they are encoded.
    bytes: usize,
}

impl Writes {
    /// This key has this value.
    pub fn insert(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.bytes += 8 + key.len() + value.len();
        self.writes.push((key, Some(value)));
    }

    /// This key has none.
    pub fn remove(&mut self, key: Vec<u8>) {
        self.bytes += 8 + key.len();
        self.writes.push((key, None));
    }

    /// How long [`encode`](Self::encode) makes it.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// For sled, which does all of it or nothing.
    pub fn into_batch(self) -> Batch {
        let mut batch = Batch::default();
        for (key, value) in self.writes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        batch
    }

    /// One after the other.
    pub fn into_iter(self) -> impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)> {
        self.writes.into_iter()
    }

    /// As bytes: of each key and value the length, and then itself.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoded = Vec::with_capacity(self.bytes);
        for (key, value) in &self.writes {
            encoded.extend_from_slice(&length(key).to_be_bytes());
            encoded.extend_from_slice(key);
            encoded.extend_from_slice(&value.as_deref().map_or(REMOVED, length).to_be_bytes());
            encoded.extend_from_slice(value.as_deref().unwrap_or_default());
        }
        encoded
    }

    /// From the bytes of [`encode`](Self::encode); `None` if they are no such.
    pub fn decode(mut encoded: &[u8]) -> Option<Self> {
        let mut writes = Self::default();
        let from = &mut encoded;
        while !from.is_empty() {
            let key = read_length(from)?;
            let key = read(from, key)?.to_vec();
            match read_length(from)? {
                REMOVED => writes.remove(key),
                value => writes.insert(key, read(from, value)?.to_vec()),
            }
        }
        Some(writes)
    }
}

/// Keys and values are far shorter than this can say.
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(REMOVED - 1)
}

fn read_length(from: &mut &[u8]) -> Option<u32> {
    let (length, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(u32::from_be_bytes(*length))
}

fn read<'a>(from: &mut &'a [u8], length: u32) -> Option<&'a [u8]> {
    let (bytes, rest) = from.split_at_checked(usize::try_from(length).ok()?)?;
    *from = rest;
    Some(bytes)
}
