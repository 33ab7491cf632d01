//! What must be there of a document, so that anything missing is noticed.

use super::record::CHECKSUM_BYTES;
use automerge::ChangeHash;
use sha2::{Digest, Sha256};

/// The first byte of a manifest, as this format writes it. The format before had none: its
/// manifests begin with a number of chunks, which never reached this.
const VERSION: u8 = 2;

/// What bytes that were stored in parts hash to, by the checksums of the parts.
pub type Rolling = [u8; CHECKSUM_BYTES];

/// Takes one more sealed value into account.
pub fn roll(rolling: Rolling, sealed: &[u8]) -> Rolling {
    let checksum = sealed.get(..CHECKSUM_BYTES).unwrap_or_default();
    let mut hasher = Sha256::new();
    hasher.update(rolling);
    hasher.update(checksum);
    let mut rolled = Rolling::default();
    rolled.iter_mut().zip(hasher.finalize()).for_each(|(to, from)| *to = from);
    rolled
}

/// What must be there of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// How many changes there are.
    pub changes: u64,
    /// What the log hashes to at its end.
    pub rolling: Rolling,
    /// The position of the first change in the log, and what was before it hashed to.
    pub log_start: (u64, Rolling),
    /// How many bytes the packed index has, and what they hash to.
    pub index: (u64, Rolling),
    /// The newest snapshot.
    pub snapshot: Option<SnapshotRecord>,
    /// The one before; with the log it is the whole document too.
    pub previous: Option<SnapshotRecord>,
    pub heads: Vec<ChangeHash>,
}

/// A snapshot that must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotRecord {
    /// Counts the document's snapshots; part of their keys.
    pub generation: u64,
    /// It holds the first so many changes, and what these hashed to in the log.
    pub changes: (u64, Rolling),
    /// How many bytes it has, and what they hash to.
    pub bytes: (u64, Rolling),
}

impl Manifest {
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        write(&mut bytes, (self.changes, self.rolling));
        let snapshots: Vec<_> = self.snapshot.iter().chain(&self.previous).collect();
        bytes.push(snapshots.len() as u8);
        // Without a snapshot there is nothing else to say: the log is all.
        if !snapshots.is_empty() {
            write(&mut bytes, self.log_start);
            write(&mut bytes, self.index);
        }
        for snapshot in snapshots {
            bytes.extend_from_slice(&snapshot.generation.to_be_bytes());
            write(&mut bytes, snapshot.changes);
            write(&mut bytes, snapshot.bytes);
        }
        self.heads.iter().for_each(|head| bytes.extend_from_slice(&head.0));
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, mut bytes) = bytes.split_first()?;
        (*version == VERSION).then_some(())?;
        let from = &mut bytes;
        let (changes, rolling) = read(from)?;
        let mut manifest = Self { changes, rolling, ..Self::default() };
        let [snapshots] = *array::<1>(from)?;
        if snapshots > 0 {
            manifest.log_start = read(from)?;
            manifest.index = read(from)?;
            manifest.snapshot = Some(SnapshotRecord::read(from)?);
        }
        if snapshots > 1 {
            manifest.previous = Some(SnapshotRecord::read(from)?);
        }
        let (heads, over) = bytes.as_chunks::<32>();
        manifest.heads = heads.iter().map(|head| ChangeHash(*head)).collect();
        (over.is_empty() && snapshots <= 2).then_some(manifest)
    }

    /// The position of the first change that is in no snapshot, and what was before it hashed to.
    pub fn tail_start(&self) -> (u64, Rolling) {
        self.snapshot.map_or_else(Default::default, |snapshot| snapshot.changes)
    }
}

impl SnapshotRecord {
    fn read(from: &mut &[u8]) -> Option<Self> {
        let generation = u64::from_be_bytes(*array(from)?);
        Some(Self { generation, changes: read(from)?, bytes: read(from)? })
    }
}

fn write(bytes: &mut Vec<u8>, (number, rolling): (u64, Rolling)) {
    bytes.extend_from_slice(&number.to_be_bytes());
    bytes.extend_from_slice(&rolling);
}

fn read(from: &mut &[u8]) -> Option<(u64, Rolling)> {
    Some((u64::from_be_bytes(*array(from)?), *array(from)?))
}

fn array<'a, const N: usize>(from: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_as_it_was_written() {
        let snapshot = |generation| SnapshotRecord {
            generation,
            changes: (generation * 10, [3; 16]),
            bytes: (99, [4; 16]),
        };
        let mut manifest = Manifest { changes: 4, rolling: [1; 16], ..Manifest::default() };
        for (snapshots, heads) in [(0, 0), (1, 2), (2, 1)] {
            manifest.heads = vec![ChangeHash([3; 32]); heads];
            if snapshots > 0 {
                manifest.log_start = (2, [7; 16]);
                manifest.index = (5, [8; 16]);
                manifest.previous = manifest.snapshot.replace(snapshot(snapshots));
            }
            assert_eq!(Manifest::decode(&manifest.encode()), Some(manifest.clone()));
        }
        let bytes = manifest.encode();
        for length in 0..bytes.len() - 32 {
            assert_eq!(Manifest::decode(&bytes[..length]), None, "{length}");
        }
    }
}
