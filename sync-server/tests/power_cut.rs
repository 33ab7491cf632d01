//! The power goes: whatever was stored is there, and the store opens.
//!
//! A file is on the disk as it was when the store last waited for it. What was written to it since
//! reaches the disk in any order and in part. So a cut leaves the file as it was waited for, with any
//! of the pages changed since, some of them torn; and a file is there if the directory was waited
//! for since it was made. The power goes at every moment at which the store begins to wait, and when a
//! call has returned.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "../../sync-protocol/tests/support/dice.rs"]
mod dice;

use automerge::{ActorId, ChangeHash};
use dice::Dice;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use sync_protocol::DocumentId;
use sync_server::store::{Append, Compaction, Disk, IndexEntry, SledStore, Store, StoredChange};

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
    for (name, bytes) in written {
        let kept = match (synced.get(name), name.as_str()) {
            (Some(synced), "db" | "journal") => cut_file(dice, synced, bytes),
            // Never waited for. Some file systems name a new file before they write it.
            (Some(_), "commits") => bytes[..dice.below(bytes.len() + 1)].to_vec(),
            // sled waits for these itself, before it gives them their name.
            (synced, _) => match (synced, dice.below(2)) {
                (_, 0) => bytes.clone(),
                (Some(synced), _) => synced.clone(),
                (None, _) => continue,
            },
        };
        write_sparse(&into.join(name), &kept);
    }
}

/// Most of a database is empty yet.
fn write_sparse(path: &Path, bytes: &[u8]) {
    let mut file = fs::File::create(path).unwrap();
    file.set_len(bytes.len() as u64).unwrap();
    for (page, bytes) in bytes.chunks(PAGE).enumerate() {
        if bytes.iter().any(|byte| *byte != 0) {
            file.seek(SeekFrom::Start((page * PAGE) as u64)).unwrap();
            file.write_all(bytes).unwrap();
        }
    }
}

/// What the disk below a store has.
#[derive(Default)]
struct State {
    /// Files that the directory was waited for since they were made, as they were waited for.
    synced: Files,
    /// What was and what could be on the disk each time the store began to wait, since last asked.
    moments: Vec<(Files, Files)>,
}

impl State {
    fn waits_for(&mut self, name: &str, written: Files) {
        self.moments.push((self.synced.clone(), written.clone()));
        match name {
            "." => {
                for (name, bytes) in written {
                    let is_waited_for = ["db", "journal", "commits"].contains(&name.as_str());
                    let bytes = if is_waited_for { Vec::new() } else { bytes };
                    self.synced.entry(name).or_insert(bytes);
                }
            }
            name => _ = self.synced.insert(name.to_owned(), written[name].clone()),
        }
    }
}

/// A store on a disk whose power can go, and what is to be on it.
struct Machine {
    store: SledStore,
    directory: tempfile::TempDir,
    state: Arc<Mutex<State>>,
    model: Model,
}

impl Machine {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (path, state) = (directory.path().to_owned(), Arc::<Mutex<State>>::default());
        let watched = state.clone();
        let disk = Disk::watched(move |name| watched.lock().unwrap().waits_for(name, files(&path)));
        let store = SledStore::open_watched(directory.path(), disk).unwrap();
        Self { directory, store, state, model: Model::default() }
    }

    /// Does the next thing, and says what; nothing if a compaction had nothing to do.
    fn act(&mut self, number: usize, dice: &mut Dice, size: usize) -> &'static str {
        if number % 4 == 3
            && let Some(compaction) = compaction(dice, &mut self.model, &self.store, size)
        {
            assert!(self.store.compact(&compaction).unwrap());
            return "compacting";
        }
        if number % 5 == 1 {
            self.store.flush().unwrap();
            return "flushing";
        }
        let appends: Vec<Append> =
            (0..1 + dice.below(3)).map(|_| append(dice, &mut self.model, size)).collect();
        self.store.append(&appends).unwrap();
        "appending"
    }

    /// The power goes at one of the moments of the last call, or after it: says whether after.
    fn power_goes(&self, dice: &mut Dice, into: &Path) -> bool {
        let mut state = self.state.lock().unwrap();
        let moments = std::mem::take(&mut state.moments);
        let moment = dice.below(moments.len() + 1);
        match moments.get(moment) {
            Some((synced, written)) => cut(dice, synced, written, into),
            None => cut(dice, &state.synced, &files(self.directory.path()), into),
        }
        moment == moments.len()
    }
}

fn cuts(size: usize) {
    let cuts = std::env::var("KANBAN_CUTS").map_or(CUTS, |cuts| cuts.parse().unwrap());
    let mut dice = Dice(size as u64);
    let mut machine = Machine::start();
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..cuts {
        let before = machine.model.clone();
        let in_journal = !machine.store.in_journal().is_empty();
        let act = machine.act(number, &mut dice, size);
        let left = tempfile::tempdir().unwrap();
        let is_after = machine.power_goes(&mut dice, left.path());
        let context = format!("size {size}, cut {number}, {act}");
        let store = SledStore::open(left.path()).unwrap_or_else(|e| panic!("{context}: {e:?}"));
        let acknowledged = if is_after { &machine.model } else { &before };
        acknowledged.is_kept_by(&store, &machine.model, &context);
        // And it works.
        store.append(&[append(&mut dice, &mut Model::default(), size)]).unwrap();
        for what in [act].into_iter().chain(is_after.then_some("after a call")) {
            *met.entry(what).or_default() += 1;
        }
        *met.entry("with something only in the journal").or_default() += usize::from(in_journal);
    }
    println!("{cuts} cuts with values up to {size} bytes: {met:?}");
    assert!(met.len() == 5 && met.values().all(|times| *times > cuts / 10), "{met:?}");
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
