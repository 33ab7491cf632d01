//! The power goes: whatever was stored is there, and the store opens.
//!
//! After each write that has returned, the journal is on the disk as it is; after each after which
//! the journal begins anew, the database file is. What is written to a file from then on reaches the
//! disk in any order and in part. So a cut leaves the file as it was synced, with any of the pages
//! changed since, some of them torn. The other files are never synced again after they were made:
//! any state that they had will do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "../../sync-protocol/tests/support/dice.rs"]
mod dice;

use automerge::{ActorId, ChangeHash};
use dice::Dice;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use sync_protocol::DocumentId;
use sync_server::store::{Append, Compaction, IndexEntry, SledStore, Store, StoredChange};

/// How often the power goes for each size; `KANBAN_CUTS` sets another number for a campaign.
const CUTS: usize = 50;
/// Small ones, as people make; some that fill pages; some that are stored in several parts.
const VALUE_BYTES: [usize; 3] = [200, 20_000, 300_000];
const PAGE: usize = 4096;
const SECTOR: usize = 512;

fn document(number: usize) -> DocumentId {
    DocumentId::from_bytes([number as u8 + 1; 16])
}

/// What has been stored, as told to a model that cannot be wrong.
#[derive(Default, Clone)]
struct Model {
    changes: BTreeMap<usize, Vec<Vec<u8>>>,
    snapshots: BTreeMap<usize, (usize, Vec<u8>)>,
}

impl Model {
    /// Everything in the model is in the store, and at most `next` beyond it.
    fn is_kept_by(&self, store: &SledStore, next: &Model, context: &str) {
        for (number, changes) in &self.changes {
            let stored = store.load(document(*number)).unwrap_or_else(|e| panic!("{context}: {e}"));
            let stored = stored.unwrap_or_else(|| panic!("{context}: document {number} is gone"));
            let known = &next.changes[number];
            let end = stored.log_start + stored.log.len();
            assert!((changes.len()..=known.len()).contains(&end), "{context}: {end} changes");
            for (at, change) in (stored.log_start..).zip(&stored.log) {
                assert!(*change.bytes == known[at], "{context}: change {at} is another");
            }
            store.check(document(*number)).unwrap_or_else(|e| panic!("{context}: {e}"));
            let read = store.beginning(document(*number)).unwrap().snapshot;
            let read = read.map(|snapshot| (snapshot.changes, snapshot.bytes.to_vec()));
            let expected = [self.snapshots.get(number), next.snapshots.get(number)];
            assert!(expected.contains(&read.as_ref()), "{context}: another snapshot");
            assert!(stored.log_start <= read.map_or(0, |(changes, _)| changes), "{context}: a gap");
        }
    }
}

fn append(dice: &mut Dice, model: &mut Model, size: usize) -> Append {
    let number = dice.below(3);
    let changes = model.changes.entry(number).or_default();
    let bytes: Vec<u8> = (0..1 + dice.below(size)).map(|_| dice.below(256) as u8).collect();
    changes.push(bytes.clone());
    let (hash, actor) = (ChangeHash([changes.len() as u8; 32]), ActorId::from([1; 16]));
    let entry = IndexEntry { hash, deps: vec![], actor, seq: 1, start_op: 1, operations: 1 };
    let changes = vec![StoredChange { entry, bytes: bytes.into() }];
    Append { document: document(number), changes, heads: vec![hash] }
}

fn compaction(
    dice: &mut Dice,
    model: &mut Model,
    store: &SledStore,
    size: usize,
) -> Option<Compaction> {
    let number = dice.below(3);
    let stored = store.load(document(number)).unwrap()?;
    let snapshot = vec![dice.below(256) as u8; 1 + dice.below(size * 3)];
    let (mark, end) = (stored.mark, stored.mark.changes);
    if stored.snapshot.is_some_and(|snapshot| snapshot.changes == end) {
        return None;
    }
    model.snapshots.insert(number, (end, snapshot.clone()));
    let index = vec![9; end * 1000];
    Some(Compaction { document: document(number), mark, snapshot: snapshot.into(), index })
}

/// The files of a directory.
type Files = BTreeMap<String, Vec<u8>>;

fn files(path: &Path) -> Files {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let read = |entry: fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
    };
    files.map(read).collect()
}

/// A state in which the power can leave a file that was `synced` and has been written since.
fn cut_file(dice: &mut Dice, synced: &[u8], written: &[u8]) -> Vec<u8> {
    let mut left = synced.to_vec();
    // Whether the length was noted is up to the disk too; what it promises and lacks reads as 0.
    let is_longer = written.len() > synced.len() && dice.below(2) == 0;
    let length = if is_longer { written.len() } else { synced.len() };
    left.resize(length, 0);
    let chance = [0, 1, 5, 9, 10][dice.below(5)];
    for start in (0..length.min(written.len())).step_by(PAGE) {
        let end = (start + PAGE).min(length).min(written.len());
        if left[start..end] != written[start..end] && dice.below(10) < chance {
            let is_torn = dice.below(4) == 0;
            let torn = start + dice.below(PAGE / SECTOR) * SECTOR;
            let end = if is_torn { torn.min(end) } else { end };
            left[start..end].copy_from_slice(&written[start..end]);
        }
    }
    left
}

fn cut(dice: &mut Dice, synced: &Files, written: &Files, into: &Path) {
    let mut left = Files::new();
    // sled syncs these itself, before it gives them their name.
    let others = if dice.below(2) == 0 { synced } else { written };
    left.extend(others.clone());
    for name in ["db", "journal"] {
        left.insert(name.into(), cut_file(dice, &synced[name], &written[name]));
    }
    // Written after the database has been synced, so this time it was not.
    let mut commits = synced.get("commits").cloned().unwrap_or_default();
    if dice.below(4) == 0 {
        commits.truncate(dice.below(commits.len() + 1));
    }
    left.insert("commits".into(), commits);
    for (name, bytes) in left {
        let mut file = fs::File::create(into.join(name)).unwrap();
        file.set_len(bytes.len() as u64).unwrap();
        for (page, bytes) in bytes.chunks(PAGE).enumerate() {
            // Most of the file is empty yet.
            if bytes.iter().any(|byte| *byte != 0) {
                file.seek(SeekFrom::Start((page * PAGE) as u64)).unwrap();
                file.write_all(bytes).unwrap();
            }
        }
    }
}

fn cuts(size: usize) {
    let cuts = std::env::var("KANBAN_CUTS").map_or(CUTS, |cuts| cuts.parse().unwrap());
    let mut dice = Dice(size as u64);
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    let mut model = Model::default();
    let mut synced = files(directory.path());
    let (mut compactions, mut flushes, mut recoveries) = (0, 0, 0);
    for number in 0..cuts {
        let before = model.clone();
        let journal = store.in_journal();
        let compacted = (number % 4 == 3).then(|| compaction(&mut dice, &mut model, &store, size));
        if let Some(compaction) = compacted.flatten() {
            assert!(store.compact(&compaction).unwrap());
            compactions += 1;
        } else if number % 5 == 1 {
            store.flush().unwrap();
        } else {
            let appends: Vec<Append> =
                (0..1 + dice.below(3)).map(|_| append(&mut dice, &mut model, size)).collect();
            store.append(&appends).unwrap();
        }
        let written = files(directory.path());
        let mut at_cut = written.clone();
        let is_flushed = store.in_journal().start != journal.start;
        if is_flushed {
            flushes += 1;
            // The journal is written over once the database is on the disk, and not before: the
            // power goes on this side of that moment or the other.
            let done = if dice.below(2) == 0 { "db" } else { "journal" };
            let kept = if done == "db" { &written } else { &synced };
            let kept = kept[done].clone();
            synced.insert(done.into(), kept.clone());
            at_cut.insert(done.into(), kept);
        }
        let after = tempfile::tempdir().unwrap();
        cut(&mut dice, &synced, &at_cut, after.path());
        let context = format!("size {size}, cut {number}");
        let reopened = SledStore::open(after.path()).unwrap_or_else(|e| panic!("{context}: {e:?}"));
        before.is_kept_by(&reopened, &model, &context);
        // And it works.
        reopened.append(&[append(&mut dice, &mut Model::default(), size)]).unwrap();
        recoveries += usize::from(!journal.is_empty());
        // Where the journal goes on, nobody has synced the database.
        synced.extend(written.into_iter().filter(|(name, _)| is_flushed || name != "db"));
    }
    assert!(compactions > cuts / 10 && flushes > cuts / 10);
    println!(
        "{cuts} cuts with values up to {size} bytes, {compactions} of them while compacting, \
         {flushes} while the journal began anew, {recoveries} with something only in the journal"
    );
}

#[test]
fn small_changes_outlive_a_power_cut() {
    cuts(VALUE_BYTES[0]);
}

#[test]
fn changes_of_several_pages_outlive_a_power_cut() {
    cuts(VALUE_BYTES[1]);
}

#[test]
fn changes_in_several_parts_outlive_a_power_cut() {
    cuts(VALUE_BYTES[2]);
}
