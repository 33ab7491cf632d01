//! What a store promises, for the one in memory and the one on disk alike, and what a damaged or
//! contested directory gives.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use automerge::ChangeHash;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use sync_protocol::ActorId;
use sync_protocol::DocumentId;
use sync_server::store::{
    Append, Compaction, IndexEntry, MemoryStore, SetAside, SledStore, SnapshotInfo, Store,
    StoreError, StoredChange,
};

fn document(number: u8) -> DocumentId {
    DocumentId::from_bytes([number; 16])
}

/// A store never looks into a change, so these are none.
fn change(bytes: &[u8]) -> StoredChange {
    let hash = ChangeHash([bytes.len() as u8; 32]);
    let (actor, deps) = (ActorId::from([3; 16]), vec![7, 300]);
    let entry = IndexEntry { hash, deps, actor, seq: 1, start_op: 999, operations: 5 };
    StoredChange { entry, bytes: bytes.into() }
}

fn append(number: u8, chunks: &[&[u8]]) -> Append {
    let head = chunks.last().map_or(0, |chunk| chunk.len() as u8);
    Append {
        document: document(number),
        changes: chunks.iter().map(|chunk| change(chunk)).collect(),
        heads: vec![ChangeHash([head; 32])],
    }
}

/// Runs a promise on both stores.
fn on_both(promise: impl Fn(&dyn Store)) {
    promise(&MemoryStore::default());
    let directory = tempfile::tempdir().unwrap();
    promise(&SledStore::open(directory.path()).unwrap());
}

fn chunks(store: &dyn Store, number: u8) -> Vec<Vec<u8>> {
    let log = store.load(document(number)).unwrap().unwrap().log;
    log.into_iter().map(|change| change.bytes.to_vec()).collect()
}

#[test]
fn chunks_come_back_in_the_order_in_which_they_were_stored() {
    on_both(|store| {
        store.append(&[append(1, &[b"one", b""])]).unwrap();
        store.append(&[append(2, &[b"other"]), append(1, &[b"two", b"three"])]).unwrap();
        assert_eq!(chunks(store, 1), [&b"one"[..], b"", b"two", b"three"]);
        assert_eq!(chunks(store, 2), [b"other"]);
        assert_eq!(store.load(document(1)).unwrap().unwrap().heads, [ChangeHash([5; 32])]);
    });
}

#[test]
fn one_document_twice_in_one_append_keeps_both() {
    on_both(|store| {
        store.append(&[append(1, &[b"a"]), append(1, &[b"b"])]).unwrap();
        assert_eq!(chunks(store, 1), [b"a", b"b"]);
    });
}

#[test]
fn writers_at_once_lose_none_of_each_other_s_chunks() {
    on_both(|store| {
        std::thread::scope(|scope| {
            for writer in 0..4_u8 {
                scope.spawn(move || {
                    for number in 0..10 {
                        store.append(&[append(1, &[&[writer, number]])]).unwrap();
                    }
                });
            }
        });
        let mut stored = chunks(store, 1);
        stored.sort();
        let expected = (0..4_u8).flat_map(|writer| (0..10).map(move |number| vec![writer, number]));
        assert_eq!(stored, expected.collect::<Vec<_>>());
    });
}

/// A snapshot of everything that a store has of document 1, as far as a store can tell.
fn snapshot(store: &dyn Store, bytes: &[u8]) -> Compaction {
    let stored = store.load(document(1)).unwrap().unwrap();
    let index = b"index".to_vec();
    Compaction { document: document(1), mark: stored.mark, snapshot: bytes.into(), index }
}

#[test]
fn a_compacted_document_opens_from_its_newest_snapshot_and_what_came_after() {
    on_both(|store| {
        for round in 0..4_u8 {
            store.append(&[append(1, &[&[round], &[round, round]])]).unwrap();
            assert!(store.compact(&snapshot(store, &[round; 3])).unwrap());
            let stored = store.load(document(1)).unwrap().unwrap();
            let end = 2 * usize::from(round) + 2;
            assert_eq!(stored.snapshot, Some(SnapshotInfo { changes: end, bytes: 3 }));
            assert_eq!((stored.log_start, stored.log), (end, vec![]));
            let beginning = store.beginning(document(1)).unwrap();
            assert_eq!((beginning.end(), beginning.changes), (end, vec![]));
            assert_eq!(*beginning.snapshot.unwrap().bytes, [round; 3]);
        }
    });
}

#[test]
fn changes_stored_while_a_snapshot_is_made_stay_behind_it() {
    on_both(|store| {
        store.append(&[append(1, &[b"one", b"two"])]).unwrap();
        let compaction = snapshot(store, b"one and two");
        store.append(&[append(1, &[b"three"])]).unwrap();
        assert!(store.compact(&compaction).unwrap());
        store.append(&[append(1, &[b"four"])]).unwrap();
        let stored = store.load(document(1)).unwrap().unwrap();
        let tail: Vec<&[u8]> = stored.tail().iter().map(|change| &*change.bytes).collect();
        assert_eq!(tail, [&b"three"[..], b"four"]);
        assert_eq!(stored.heads, [ChangeHash([4; 32])]);
    });
}

#[test]
fn a_snapshot_that_holds_nothing_new_is_not_stored() {
    on_both(|store| {
        store.append(&[append(1, &[b"one"])]).unwrap();
        let compaction = snapshot(store, b"snapshot");
        assert!(store.compact(&compaction).unwrap());
        let before = store.load(document(1)).unwrap();
        assert!(!store.compact(&compaction).unwrap());
        let unknown = Compaction { document: document(9), ..compaction };
        assert!(!store.compact(&unknown).unwrap());
        assert_eq!(store.load(document(1)).unwrap(), before);
        assert_eq!(store.beginning(document(9)).unwrap().snapshot, None);
    });
}

#[test]
fn an_index_and_a_snapshot_of_megabytes_come_back_whole() {
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    on_both(|store| {
        for length in [1_000_000, 3_000_000] {
            store.append(&[append(1, &[b"one"])]).unwrap();
            let index = large[..length].to_vec();
            let compaction = Compaction { index, ..snapshot(store, &large[7..length]) };
            assert!(store.compact(&compaction).unwrap());
            assert!(store.load(document(1)).unwrap().unwrap().index == large[..length]);
            let read = store.beginning(document(1)).unwrap().snapshot.unwrap();
            assert!(*read.bytes == large[7..length]);
        }
    });
}

#[test]
fn whoever_reads_while_others_write_and_compact_finds_nothing_damaged() {
    on_both(|store| {
        store.append(&[append(1, &[b"first"])]).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0..60_u8 {
                    store.append(&[append(1, &[&vec![round; 70_000], b"small"])]).unwrap();
                    if round % 3 == 0 {
                        store.compact(&snapshot(store, &vec![round; 100_000])).unwrap();
                    }
                }
                done.store(true, Ordering::Relaxed);
            });
            while !done.load(Ordering::Relaxed) {
                let stored = store.load(document(1)).unwrap().unwrap();
                assert_eq!(stored.log_start + stored.log.len(), stored.mark.changes);
                store.beginning(document(1)).unwrap();
            }
        });
    });
}

fn aside(number: u8, reason: &str) -> SetAside {
    SetAside { document: document(number), changes: 2, reason: reason.to_owned() }
}

#[test]
fn a_document_is_set_aside_until_it_is_put_back_and_keeps_all_it_has() {
    on_both(|store| {
        store.append(&[append(1, &[b"one", b"two"]), append(2, &[b"other"])]).unwrap();
        let before = store.load(document(1)).unwrap();
        assert_eq!(store.aside(document(1)).unwrap(), None);
        for reason in ["a first reason", "another, which is not ASCII: ž", ""] {
            store.set_aside(&aside(1, reason)).unwrap();
            assert_eq!(store.aside(document(1)).unwrap(), Some(aside(1, reason)));
        }
        assert_eq!(store.aside(document(2)).unwrap(), None);
        assert_eq!(store.load(document(1)).unwrap(), before);
        assert_eq!(store.documents().unwrap(), [document(1), document(2)]);
        store.append(&[append(1, &[b"three"])]).unwrap();
        assert!(store.compact(&snapshot(store, b"all three")).unwrap());
        assert!(store.aside(document(1)).unwrap().is_some());
        for _ in 0..2 {
            store.put_back(document(1)).unwrap();
            assert_eq!(store.aside(document(1)).unwrap(), None);
        }
        assert_eq!(store.load(document(1)).unwrap().unwrap().mark.changes, 3);
    });
}

#[test]
fn what_is_not_stored_is_not_set_aside() {
    on_both(|store| {
        store.set_aside(&aside(9, "a reason")).unwrap();
        assert_eq!(store.aside(document(9)).unwrap(), None);
        assert_eq!(store.load(document(9)).unwrap(), None);
        assert_eq!(store.documents().unwrap(), []);
    });
}

#[test]
fn a_document_stays_set_aside_in_the_journal_after_opening_and_in_a_backup() {
    let directory = tempfile::tempdir().unwrap();
    let (data, cut) = (directory.path().join("data"), directory.path().join("cut"));
    let store = SledStore::open(&data).unwrap();
    store.append(&[append(1, &[b"one", b"two"])]).unwrap();
    // As a power cut leaves it: sled has written nothing of what the journal holds.
    store.flush().unwrap();
    copy(&data, &cut);
    store.set_aside(&aside(1, "a reason")).unwrap();
    for file in ["journal", "commits"] {
        fs::copy(data.join(file), cut.join(file)).unwrap();
    }
    store.backup(&directory.path().join("backup")).unwrap();
    drop(store);
    for copied in ["data", "cut", "backup"] {
        let store = SledStore::open(&directory.path().join(copied)).unwrap();
        assert_eq!(store.aside(document(1)).unwrap(), Some(aside(1, "a reason")), "{copied}");
        store.check(document(1)).unwrap();
    }
}

#[test]
fn however_long_the_reason_is_it_can_be_noted() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    store.append(&[append(1, &[b"one"])]).unwrap();
    let reason = "ž".repeat(100_000);
    store.set_aside(&aside(1, &reason)).unwrap();
    let noted = store.aside(document(1)).unwrap().unwrap().reason;
    assert!(noted.len() > 1000 && reason.starts_with(&noted));
}

#[test]
fn a_damaged_note_keeps_its_document_out_of_service_until_it_is_put_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    store.append(&[append(1, &[b"one"]), append(2, &[b"other"])]).unwrap();
    store.set_aside(&aside(1, "a reason")).unwrap();
    drop(store);
    let (database, tree) = raw(directory.path());
    let [key] = &keys(&tree, b'a')[..] else { panic!("there is one note") };
    let mut damaged = tree.get(key).unwrap().unwrap().to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    tree.insert(key, damaged).unwrap();
    drop((tree, database));
    let store = SledStore::open(directory.path()).unwrap();
    let noted = store.aside(document(1));
    assert!(matches!(noted, Err(StoreError::DamagedDocument { .. })), "{noted:?}");
    assert_eq!(store.aside(document(2)).unwrap(), None);
    assert_eq!(chunks(&store, 1), [b"one"]);
    store.put_back(document(1)).unwrap();
    assert_eq!(store.aside(document(1)).unwrap(), None);
}

/// The tree of a closed store, to damage it.
fn raw(path: &Path) -> (sled::Db, sled::Tree) {
    let config = sled::Config::default().path(path).segment_size(16 * 1024 * 1024);
    // sled's own threads let go of the lock a moment after the store is dropped.
    let database = std::iter::repeat_with(|| config.open())
        .find(|opened| !matches!(opened, Err(sled::Error::Io(error)) if error.to_string().contains("lock")));
    let database = database.unwrap().unwrap();
    let tree = database.open_tree("documents").unwrap();
    (database, tree)
}

/// The keys of a kind in document 1: changes `p`, index `i`, snapshots `s`.
fn keys(tree: &sled::Tree, kind: u8) -> Vec<sled::IVec> {
    let prefix = [&document(1).as_bytes()[..], &[kind]].concat();
    tree.scan_prefix(prefix).keys().map(|key| key.unwrap()).collect()
}

#[test]
fn without_its_newest_snapshot_a_document_is_served_from_the_one_before() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    for round in 0..3_u8 {
        store.append(&[append(1, &[&[round]])]).unwrap();
        store.compact(&snapshot(&store, &[round; 3])).unwrap();
    }
    drop(store);
    let (database, tree) = raw(directory.path());
    let snapshots = keys(&tree, b's');
    assert_eq!(snapshots.len(), 2, "the last two are kept");
    tree.remove(&snapshots[1]).unwrap();
    drop((tree, database));
    let store = SledStore::open(directory.path()).unwrap();
    let beginning = store.beginning(document(1)).unwrap();
    let read = beginning.snapshot.unwrap();
    assert_eq!((read.changes, &*read.bytes), (2, &[1; 3][..]));
    assert_eq!(beginning.changes, [change(&[2])]);
    assert_eq!(store.load(document(1)).unwrap().unwrap().log_start, 3);
    assert!(matches!(store.check(document(1)), Err(StoreError::DamagedDocument { .. })));
}

#[test]
fn without_its_only_snapshot_a_document_is_served_from_its_changes() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    store.append(&[append(1, &[b"one"])]).unwrap();
    store.append(&[append(1, &[b"three", b"four"])]).unwrap();
    store.compact(&snapshot(&store, b"snapshot")).unwrap();
    store.append(&[append(1, &[b"tail"])]).unwrap();
    drop(store);
    let (database, tree) = raw(directory.path());
    tree.remove(&keys(&tree, b's')[0]).unwrap();
    drop((tree, database));
    let store = SledStore::open(directory.path()).unwrap();
    let beginning = store.beginning(document(1)).unwrap();
    assert_eq!(beginning.snapshot, None);
    assert_eq!(beginning.changes, [change(b"one"), change(b"three"), change(b"four")]);
    assert_eq!(chunks(&store, 1), [b"tail"]);
    assert!(matches!(store.check(document(1)), Err(StoreError::DamagedDocument { .. })));
}

#[test]
fn any_part_that_is_missing_is_noticed_and_the_other_documents_are_not_affected() {
    for kind in *b"mpi" {
        let directory = tempfile::tempdir().unwrap();
        let store = SledStore::open(directory.path()).unwrap();
        let index = vec![5; 200_000];
        store.append(&[append(1, &[b"one"]), append(2, &[b"other"])]).unwrap();
        store.compact(&Compaction { index, ..snapshot(&store, b"snapshot") }).unwrap();
        store.append(&[append(1, &[b"two", &[3; 200_000]])]).unwrap();
        drop(store);
        let (database, tree) = raw(directory.path());
        let removed = keys(&tree, kind).len() / 2;
        tree.remove(&keys(&tree, kind)[removed]).unwrap();
        drop((tree, database));
        let store = SledStore::open(directory.path()).unwrap();
        let loaded = store.load(document(1));
        assert!(matches!(loaded, Err(StoreError::DamagedDocument { .. })), "{loaded:?}");
        assert_eq!(chunks(&store, 2), [b"other"]);
        assert_eq!(store.documents().unwrap(), [document(1), document(2)]);
    }
}

#[test]
fn the_changes_of_a_turn_share_values_and_come_back_one_by_one() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    let turn: Vec<Vec<u8>> = (0..1000_u32).map(|n| n.to_be_bytes().repeat(25)).collect();
    let turn: Vec<&[u8]> = turn.iter().map(Vec::as_slice).collect();
    store.append(&[append(1, &turn)]).unwrap();
    store.append(&[append(1, &[b"later"])]).unwrap();
    assert_eq!(chunks(&store, 1), [&turn[..], &[b"later"]].concat());
    drop(store);
    let (_database, tree) = raw(directory.path());
    assert!(keys(&tree, b'p').len() < 10);
}

#[test]
fn a_document_that_was_never_stored_is_none() {
    on_both(|store| assert_eq!(store.load(document(9)).unwrap(), None));
}

#[test]
fn a_chunk_of_megabytes_comes_back_whole() {
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    on_both(|store| {
        store.append(&[append(1, &[&large, b"small"])]).unwrap();
        assert_eq!(chunks(store, 1), [&large[..], b"small"]);
    });
}

#[test]
fn the_stored_documents_are_listed() {
    on_both(|store| {
        store.append(&[append(3, &[b"x"]), append(1, &[b"y"])]).unwrap();
        let mut documents = store.documents().unwrap();
        documents.sort();
        assert_eq!(documents, [document(1), document(3)]);
    });
}

#[test]
fn what_was_stored_is_there_after_closing_and_opening() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    store.append(&[append(1, &[b"one"])]).unwrap();
    drop(store);
    let store = SledStore::open(directory.path()).unwrap();
    store.append(&[append(1, &[b"two"])]).unwrap();
    assert_eq!(chunks(&store, 1), [b"one", b"two"]);
}

#[test]
fn a_second_process_is_told_that_the_directory_is_in_use() {
    let directory = tempfile::tempdir().unwrap();
    let _first = SledStore::open(directory.path()).unwrap();
    let error = SledStore::open(directory.path()).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    assert!(error.to_string().contains("already in use by another sync-server"), "{error}");
}

#[test]
fn a_path_that_is_a_file_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, b"not a directory").unwrap();
    let error = SledStore::open(&path).unwrap_err();
    assert!(error.to_string().contains("cannot write to"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"not a directory");
}

/// Copies a database directory, which sled keeps in a few flat files.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_changed_byte_in_the_database_is_noticed_or_harmless_and_never_loses_a_chunk_silently() {
    let original = tempfile::tempdir().unwrap();
    let expected: Vec<Vec<u8>> = (0..40_u8).map(|n| vec![n; 300]).collect();
    let store = SledStore::open(original.path()).unwrap();
    for chunk in &expected {
        store.append(&[append(1, &[chunk])]).unwrap();
    }
    drop(store);
    let log = fs::read(original.path().join("db")).unwrap();
    let used = log.iter().rposition(|byte| *byte != 0).unwrap();
    let mut noticed = 0;
    for round in 0..24 {
        let damaged = tempfile::tempdir().unwrap();
        copy(original.path(), damaged.path());
        let mut bytes = log.clone();
        bytes[used * (round + 1) / 25] ^= 1 << (round % 8);
        fs::write(damaged.path().join("db"), bytes).unwrap();
        let loaded = match SledStore::open(damaged.path()) {
            Ok(store) => store.load(document(1)),
            Err(error) => Err(error),
        };
        match loaded {
            Ok(Some(stored)) => {
                let chunks: Vec<_> =
                    stored.log.iter().map(|change| change.bytes.to_vec()).collect();
                assert!(chunks == expected, "round {round}: changes lost");
            }
            Ok(None) => panic!("round {round}: the document is gone without a word"),
            Err(error) => {
                assert!(error.to_string().contains("damaged"), "round {round}: {error}");
                noticed += 1;
            }
        }
    }
    println!("{noticed} of 24 changed bytes noticed, the others harmless");
}

#[test]
fn a_changed_byte_in_the_journal_is_noticed_if_it_was_needed_and_harmless_otherwise() {
    let original = tempfile::tempdir().unwrap();
    let expected: Vec<Vec<u8>> = (0..40_u8).map(|n| vec![n; 300]).collect();
    let store = SledStore::open(original.path()).unwrap();
    // As a power cut leaves them: sled has written nothing of what the journal holds.
    let before = tempfile::tempdir().unwrap();
    copy(original.path(), before.path());
    for chunk in &expected {
        store.append(&[append(1, &[chunk])]).unwrap();
    }
    let journal = fs::read(original.path().join("journal")).unwrap();
    let commits = fs::read(original.path().join("commits")).unwrap();
    let early = fs::read(before.path().join("commits")).unwrap();
    drop(store);
    let used = journal.iter().rposition(|byte| *byte != 0).unwrap();
    for round in 0..16 {
        let mut bytes = journal.clone();
        bytes[used * (round + 1) / 17] ^= 1 << (round % 8);
        // With the number of the last commit, and with one that is behind, which a power cut allows.
        for (known, is_behind) in [(&commits, false), (&early, true)] {
            let damaged = tempfile::tempdir().unwrap();
            copy(before.path(), damaged.path());
            fs::write(damaged.path().join("journal"), &bytes).unwrap();
            fs::write(damaged.path().join("commits"), known).unwrap();
            match SledStore::open(damaged.path()) {
                Err(error) => {
                    assert!(!is_behind, "round {round}: {error}");
                    assert!(error.to_string().contains("damaged"), "round {round}: {error}");
                }
                Ok(store) => {
                    assert!(is_behind, "round {round}: commits are lost without a word");
                    let stored = store.load(document(1)).unwrap().unwrap_or_default();
                    let chunks: Vec<_> =
                        stored.log.iter().map(|change| change.bytes.to_vec()).collect();
                    assert!(chunks.len() < expected.len() && expected.starts_with(&chunks));
                }
            }
        }
    }
}
