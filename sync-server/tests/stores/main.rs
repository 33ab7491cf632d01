//! What a store promises, for the one in memory and the one on disk alike, and what a damaged or
//! contested directory gives.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod aside;
mod damage;

use automerge::ChangeHash;
use damage::{copy, keys, raw};
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
