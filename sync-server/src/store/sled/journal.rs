//! What was committed last, in a small file of its own.
//!
//! A commit that goes to the disk through sled is written and waited for three times; in the journal
//! it is one write to a place that the file already has, and one `fdatasync`. Then it is handed to
//! sled, which keeps it in memory. Before the journal is full, sled writes what it has, its file is
//! synced, and the journal starts over. What is in the journal and not in sled's file when a relay
//! starts is handed to sled again: commits are numbered, so it is known which those are.
//!
//! An entry is its length (4 bytes), its number (8 bytes) and, behind a checksum, what is written:
//! keys with their values. The first thing that is not the entry after the one before is the end.

use super::Disk;
use super::writes::Writes;
use crate::store::record::{CHECKSUM_BYTES, seal, unseal};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

const NAME: &str = "journal";

/// So much may be lost from sled's file without loss. What is larger goes through sled at once.
pub(super) const JOURNAL_BYTES: usize = 1024 * 1024;

/// The file grows by so much, and never shrinks: a file that stays as long as it is has nothing to
/// wait for but its bytes.
const GROWTH_BYTES: usize = 64 * 1024;

const HEAD_BYTES: usize = 4 + 8;

/// The file.
#[derive(Debug)]
pub struct Journal {
    file: File,
    disk: Disk,
    /// Where the next entry goes.
    end: usize,
    /// How long the file is; behind `end` it holds zeros or entries from before it started over.
    length: usize,
}

/// A commit that the journal holds.
#[derive(Debug)]
pub struct Entry {
    pub commit: u64,
    pub writes: Writes,
}

impl Journal {
    /// Opens the file in a database's directory; also reads its entries, whose numbers follow each
    /// other.
    pub fn open(directory: &Path, disk: Disk) -> io::Result<(Self, Vec<Entry>)> {
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(directory.join(NAME))?;
        let mut bytes = Vec::new();
        // It never is longer; what is behind is not ours.
        Read::by_ref(&mut file).take(JOURNAL_BYTES as u64).read_to_end(&mut bytes)?;
        let journal = Self { file, disk, end: 0, length: bytes.len() };
        Ok((journal, entries(&bytes)))
    }

    /// Whether an entry with so many bytes of writes fits.
    pub fn has_room_for(&self, bytes: usize) -> bool {
        self.end + entry_bytes(bytes) <= JOURNAL_BYTES
    }

    /// Whether there is nothing in it that sled's file lacks.
    pub fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// Adds an entry and returns when it is on the disk. There must be [room](Self::has_room_for).
    ///
    /// # Errors
    /// It cannot be tried again: the system may take for written what is not.
    pub fn write(&mut self, commit: u64, writes: &Writes) -> io::Result<()> {
        let entry = entry(commit, writes);
        let end = self.end + entry.len();
        self.grow_to(end)?;
        self.file.seek(SeekFrom::Start(self.end as u64))?;
        self.file.write_all(&entry)?;
        self.disk.wait_for(NAME, &self.file)?;
        self.end = end;
        Ok(())
    }

    /// Starts over: everything in it is in sled's file now, and on the disk.
    pub fn clear(&mut self) {
        // What is there has lower numbers than what will be written, so it is never taken for it.
        self.end = 0;
    }

    fn grow_to(&mut self, end: usize) -> io::Result<()> {
        if end > self.length {
            let length = end.next_multiple_of(GROWTH_BYTES).min(JOURNAL_BYTES);
            self.file.seek(SeekFrom::Start(self.length as u64))?;
            self.file.write_all(&vec![0; length - self.length])?;
            self.length = length;
        }
        Ok(())
    }
}

fn entry_bytes(writes: usize) -> usize {
    HEAD_BYTES + CHECKSUM_BYTES + writes
}

pub fn entry(commit: u64, writes: &Writes) -> Vec<u8> {
    let commit = commit.to_be_bytes();
    let sealed = seal(&commit, &writes.encode());
    let mut entry = Vec::with_capacity(HEAD_BYTES + sealed.len());
    // It fits into the journal, so its length fits here.
    entry.extend_from_slice(&u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_be_bytes());
    entry.extend_from_slice(&commit);
    entry.extend_from_slice(&sealed);
    entry
}

pub fn entries(mut bytes: &[u8]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    while let Some((entry, rest)) = first_entry(bytes) {
        if entries.last().is_some_and(|last| last.commit + 1 != entry.commit) {
            break;
        }
        entries.push(entry);
        bytes = rest;
    }
    entries
}

fn first_entry(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let (length, bytes) = bytes.split_first_chunk()?;
    let (commit, bytes) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (sealed, rest) = bytes.split_at_checked(length)?;
    let writes = Writes::decode(unseal(commit, sealed)?)?;
    Some((Entry { commit: u64::from_be_bytes(*commit), writes }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writes(number: u64) -> Writes {
        let mut writes = Writes::default();
        writes.insert(number.to_be_bytes().to_vec(), vec![7; 1 + (number as usize * 37) % 900]);
        writes.remove(b"gone".to_vec());
        writes
    }

    fn numbers(directory: &Path) -> Vec<u64> {
        let (_, entries) = Journal::open(directory, Disk::default()).unwrap();
        for entry in &entries {
            assert_eq!(entry.writes.encode(), writes(entry.commit).encode());
        }
        entries.iter().map(|entry| entry.commit).collect()
    }

    #[test]
    fn what_was_written_since_it_started_over_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let (mut journal, entries) = Journal::open(directory.path(), Disk::default()).unwrap();
        assert!(entries.is_empty());
        (1..=300).for_each(|number| journal.write(number, &writes(number)).unwrap());
        assert_eq!(numbers(directory.path()), Vec::from_iter(1..=300));
        journal.clear();
        // Entries from before are still behind these, some of them whole.
        for number in 301..=350 {
            journal.write(number, &writes(number)).unwrap();
            assert_eq!(numbers(directory.path()), Vec::from_iter(301..=number));
        }
    }

    #[test]
    fn a_journal_that_was_cut_or_changed_anywhere_ends_there() {
        let directory = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(directory.path(), Disk::default()).unwrap();
        let mut ends = Vec::new();
        for number in 1..=5 {
            journal.write(number, &writes(number)).unwrap();
            ends.push(journal.end);
        }
        let path = directory.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..journal.end {
            let expected = Vec::from_iter(1..=ends.iter().filter(|end| **end <= at).count() as u64);
            std::fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(numbers(directory.path()), expected, "cut at {at}");
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            assert_eq!(numbers(directory.path()), expected, "changed at {at}");
        }
    }

    #[test]
    fn it_is_never_longer_than_it_may_be() {
        let directory = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(directory.path(), Disk::default()).unwrap();
        let mut large = Writes::default();
        large.insert(b"key".to_vec(), vec![1; 60_000]);
        let mut commit = 0;
        while journal.has_room_for(large.bytes()) {
            commit += 1;
            journal.write(commit, &large).unwrap();
        }
        assert_eq!(commit, 17);
        let length = std::fs::metadata(directory.path().join(NAME)).unwrap().len();
        assert!((17 * 60_000..=JOURNAL_BYTES as u64).contains(&length));
        assert_eq!(Journal::open(directory.path(), Disk::default()).unwrap().1.len(), 17);
    }
}
