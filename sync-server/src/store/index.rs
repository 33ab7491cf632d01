//! What the change graph needs to know of each change, beside the change itself: opening a document
//! hashes and parses none of its changes.
//!
//! In the log each change carries its own entry (some 60 bytes). Behind a snapshot the entries are
//! packed: what follows from the entries before is left out, and what is left is mostly the hash
//! (some 34 bytes a change).

use automerge::{ActorId, ChangeHash};
use leb128::{read, write};
use std::collections::BTreeMap;
use sync_protocol::{ChangeGraph, GraphBuilder, RawChange, RebuildError};

/// The most bytes that an actor's id may have here; Automerge draws 16.
const ACTOR_BYTES_MAX: u64 = 1 << 16;

/// The change builds on the one before it and on nothing else.
const FOLLOWS: u8 = 1;
/// It is by the actor of the one before.
const SAME_ACTOR: u8 = 1 << 1;
/// Its operations are numbered from the next number after those that it builds on.
const NEXT_OP: u8 = 1 << 2;

/// What the change graph needs of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    /// Names the change.
    pub hash: ChangeHash,
    /// The positions of the changes that it builds on.
    pub deps: Vec<u32>,
    /// Who made it.
    pub actor: ActorId,
    /// Which of its actor's changes it is, counted from 1.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// How many operations it has.
    pub operations: u64,
}

/// Why an index cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The bytes are none.
    #[error("the index entry at position {position} cannot be read")]
    Unreadable {
        /// The position of the change.
        position: usize,
    },
    /// The entries contradict each other.
    #[error("the index makes no history")]
    Contradiction(#[from] RebuildError),
}

impl IndexEntry {
    /// The entry of a change, if all that it builds on is in `graph`.
    pub fn of(change: &RawChange<'_>, graph: &ChangeGraph) -> Option<Self> {
        let header = &change.header;
        let position = |dep| graph.position(dep).and_then(|dep| u32::try_from(dep).ok());
        Some(Self {
            hash: change.hash,
            deps: header.deps.iter().map(position).collect::<Option<_>>()?,
            actor: header.actor.clone(),
            seq: header.seq,
            start_op: header.start_op,
            operations: header.operations,
        })
    }

    /// The number of its last operation.
    pub fn last_op(&self) -> u64 {
        self.start_op.saturating_add(self.operations).saturating_sub(1)
    }

    /// How many bytes it takes in the log.
    pub fn stored_len(&self) -> usize {
        self.with_bytes(&[]).len()
    }

    /// Adds the entry and the change's bytes to a value of the log, which holds several.
    pub(crate) fn write_to(&self, value: &mut Vec<u8>, bytes: &[u8]) {
        prefixed(value, &self.with_bytes(bytes));
    }

    /// Takes the next change out of a value of the log.
    pub(crate) fn read_from<'a>(value: &mut &'a [u8]) -> Option<(Self, &'a [u8])> {
        take(value, u64::MAX).and_then(Self::split)
    }

    /// The entry and then the change's bytes.
    fn with_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() + 80);
        out.extend_from_slice(&self.hash.0);
        number(&mut out, self.deps.len() as u64);
        self.deps.iter().for_each(|dep| number(&mut out, u64::from(*dep)));
        prefixed(&mut out, self.actor.to_bytes());
        for field in [self.seq, self.start_op, self.operations] {
            number(&mut out, field);
        }
        out.extend_from_slice(bytes);
        out
    }

    /// Splits what [`with_bytes`](Self::with_bytes) made.
    fn split(mut value: &[u8]) -> Option<(Self, &[u8])> {
        let from = &mut value;
        let hash = hash(from)?;
        let count = bounded(from, u64::from(u32::MAX))?;
        // Collecting stops where the bytes do, whatever count they claim.
        let dep = |_| u32::try_from(read::unsigned(from).ok()?).ok();
        let deps = (0..count).map(dep).collect::<Option<_>>()?;
        let actor = ActorId::from(take(from, ACTOR_BYTES_MAX)?);
        let seq = read::unsigned(from).ok()?;
        let start_op = read::unsigned(from).ok()?;
        let operations = read::unsigned(from).ok()?;
        Some((Self { hash, deps, actor, seq, start_op, operations }, value))
    }
}

/// Packs the entries of a document's first changes, by position.
///
/// What entries at the beginning pack to does not depend on those after them.
pub fn pack(entries: &[IndexEntry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.len() * 36);
    let mut actors: BTreeMap<&ActorId, usize> = BTreeMap::new();
    let mut before: Option<&IndexEntry> = None;
    for (position, entry) in entries.iter().enumerate() {
        let follows =
            before.is_some() && entry.deps.iter().map(|dep| *dep as usize + 1).eq([position]);
        let same_actor = before.is_some_and(|before| before.actor == entry.actor);
        let last_ops = entry.deps.iter().filter_map(|dep| entries.get(*dep as usize));
        let next_op = last_ops.map(IndexEntry::last_op).max().unwrap_or(0).saturating_add(1);
        let is_next_op = entry.start_op == next_op;
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        out.push(flag(follows, FOLLOWS) | flag(same_actor, SAME_ACTOR) | flag(is_next_op, NEXT_OP));
        out.extend_from_slice(&entry.hash.0);
        if !follows {
            number(&mut out, entry.deps.len() as u64);
            for dep in &entry.deps {
                number(&mut out, (position as u64).wrapping_sub(u64::from(*dep)));
            }
        }
        let next = actors.len();
        let actor = *actors.entry(&entry.actor).or_insert(next);
        if !same_actor {
            number(&mut out, actor as u64);
            if actor == next {
                prefixed(&mut out, entry.actor.to_bytes());
            }
        }
        if !is_next_op {
            number(&mut out, entry.start_op);
        }
        number(&mut out, entry.operations);
        before = Some(entry);
    }
    out
}

/// Reads what [`pack`] wrote.
///
/// # Errors
/// [`IndexError`] if it did not.
pub fn unpack(packed: &[u8]) -> Result<Vec<IndexEntry>, IndexError> {
    let mut entries = Vec::new();
    let mut unpacker = Unpacker::new(packed);
    while let Some(entry) = unpacker.next()? {
        entries.push(IndexEntry {
            hash: entry.hash,
            deps: entry.deps.to_vec(),
            actor: entry.actor.clone(),
            seq: entry.seq,
            start_op: entry.start_op,
            operations: entry.operations,
        });
    }
    Ok(entries)
}

/// Adds what [`pack`] wrote to a graph.
pub(crate) fn rebuild(packed: &[u8], builder: &mut GraphBuilder) -> Result<(), IndexError> {
    let mut unpacker = Unpacker::new(packed);
    while let Some(entry) = unpacker.next()? {
        builder.push(entry.hash, entry.deps, entry.actor, entry.seq, entry.last_op)?;
    }
    Ok(())
}

/// Reads packed entries one by one, into buffers that it keeps.
struct Unpacker<'a> {
    packed: &'a [u8],
    /// Each actor, and how many changes it has so far.
    actors: Vec<(ActorId, u64)>,
    last_ops: Vec<u64>,
    actor: usize,
    deps: Vec<u32>,
}

struct Unpacked<'a> {
    hash: ChangeHash,
    deps: &'a [u32],
    actor: &'a ActorId,
    seq: u64,
    start_op: u64,
    operations: u64,
    last_op: u64,
}

impl<'a> Unpacker<'a> {
    fn new(packed: &'a [u8]) -> Self {
        let (actors, last_ops, deps) = (Vec::new(), Vec::new(), Vec::new());
        Self { packed, actors, last_ops, actor: 0, deps }
    }

    fn next(&mut self) -> Result<Option<Unpacked<'_>>, IndexError> {
        if self.packed.is_empty() {
            return Ok(None);
        }
        let position = self.last_ops.len();
        self.entry(position).map(Some).ok_or(IndexError::Unreadable { position })
    }

    fn entry(&mut self, position: usize) -> Option<Unpacked<'_>> {
        let from = &mut self.packed;
        let (flags, rest) = from.split_first()?;
        *from = rest;
        let hash = hash(from)?;
        self.deps.clear();
        if flags & FOLLOWS != 0 {
            self.deps.push(u32::try_from(position.checked_sub(1)?).ok()?);
        } else {
            for _ in 0..read::unsigned(from).ok()? {
                let back = usize::try_from(read::unsigned(from).ok()?).ok()?;
                self.deps.push(u32::try_from(position.checked_sub(back)?).ok()?);
            }
        }
        if flags & SAME_ACTOR == 0 {
            self.actor = usize::try_from(read::unsigned(from).ok()?).ok()?;
            if self.actor == self.actors.len() {
                self.actors.push((ActorId::from(take(from, ACTOR_BYTES_MAX)?), 0));
            }
        }
        let last_ops = &self.last_ops;
        let start_op = match flags & NEXT_OP {
            0 => read::unsigned(from).ok()?,
            _ => {
                let mut last = 0;
                for dep in &self.deps {
                    last = last.max(*last_ops.get(*dep as usize)?);
                }
                last.saturating_add(1)
            }
        };
        let operations = read::unsigned(from).ok()?;
        let (actor, seq) = self.actors.get_mut(self.actor)?;
        *seq += 1;
        let last_op = start_op.saturating_add(operations).saturating_sub(1);
        self.last_ops.push(last_op);
        Some(Unpacked { hash, deps: &self.deps, actor, seq: *seq, start_op, operations, last_op })
    }
}

fn number(out: &mut Vec<u8>, number: u64) {
    write::unsigned(out, number).expect("writing to memory does not fail");
}

fn prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn hash(from: &mut &[u8]) -> Option<ChangeHash> {
    let (hash, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(ChangeHash(*hash))
}

fn bounded(from: &mut &[u8], max: u64) -> Option<u64> {
    read::unsigned(from).ok().filter(|number| *number <= max)
}

fn take<'a>(from: &mut &'a [u8], max: u64) -> Option<&'a [u8]> {
    let length = usize::try_from(bounded(from, max)?).ok()?;
    let (bytes, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// For each change: the actor, how far back its dependencies are, how many operations it has,
    /// and whether it skips a number.
    type Shape = Vec<(u8, Vec<usize>, u64, bool)>;

    fn entries(shape: &Shape) -> Vec<IndexEntry> {
        let mut entries: Vec<IndexEntry> = Vec::new();
        for (position, (actor, deps, operations, skips)) in shape.iter().enumerate() {
            let mut deps: Vec<u32> = deps
                .iter()
                .filter_map(|back| position.checked_sub(back % 9 + 1))
                .map(|dep| dep as u32)
                .collect();
            deps.dedup();
            let before = deps.iter().map(|dep| entries[*dep as usize].last_op()).max().unwrap_or(0);
            let actor = ActorId::from([*actor % 3; 16]);
            let seq = 1 + entries.iter().filter(|entry| entry.actor == actor).count() as u64;
            let start_op = before + 1 + u64::from(*skips);
            let hash = ChangeHash([position as u8; 32]);
            let operations = *operations;
            entries.push(IndexEntry { hash, deps, actor, seq, start_op, operations });
        }
        entries
    }

    proptest! {
        #[test]
        fn a_packed_index_reads_back_and_grows_at_its_end_only(
            shape in proptest::collection::vec(
                (any::<u8>(), proptest::collection::vec(0..20_usize, 0..3), 0..300_u64, any::<bool>()),
                0..60,
            ),
            part in 0..60_usize,
        ) {
            let entries = entries(&shape);
            let packed = pack(&entries);
            prop_assert_eq!(unpack(&packed), Ok(entries.clone()));
            prop_assert!(packed.starts_with(&pack(&entries[..part.min(entries.len())])));
            for entry in entries {
                let value = entry.with_bytes(b"bytes");
                prop_assert_eq!(IndexEntry::split(&value), Some((entry, &b"bytes"[..])));
            }
        }

        #[test]
        fn bytes_that_are_no_index_are_an_error_and_never_a_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..200)
        ) {
            _ = unpack(&bytes);
            _ = IndexEntry::split(&bytes);
        }
    }

    #[test]
    fn a_change_that_follows_its_author_s_last_takes_34_bytes() {
        let shape: Shape = (0..100).map(|_| (1, vec![0], 1, false)).collect();
        assert_eq!(pack(&entries(&shape)).len(), 100 * 34 + 19);
    }
}
