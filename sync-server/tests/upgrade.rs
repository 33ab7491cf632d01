//! Data of the first format opens, and is what it was.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ROOT};
use common::stored_changes;
use sha2::{Digest, Sha256};
use std::path::Path;
use sync_protocol::DocumentId;
use sync_server::store::{Append, SledStore, Store, StoreError};
use sync_server::verify::verify;

const SEGMENT_BYTES: usize = 16 * 1024 * 1024;
const PART_BYTES: usize = 64 * 1024 - 16;

fn document(number: u8) -> DocumentId {
    DocumentId::from_bytes([number; 16])
}

/// What format 1 put before every value.
fn seal(key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut checksum = Sha256::new();
    checksum.update((key.len() as u64).to_be_bytes());
    checksum.update(key);
    checksum.update(content);
    [&checksum.finalize()[..16], content].concat()
}

fn put(tree: &sled::Tree, key: &[u8], content: &[u8]) {
    tree.insert(key, seal(key, content)).unwrap();
}

/// A database, once sled's own threads have let go of its lock.
fn raw(path: &Path) -> sled::Db {
    let config = sled::Config::default().path(path).segment_size(SEGMENT_BYTES);
    let is_locked = |error: &sled::Error| error.to_string().contains("lock");
    let mut tries = std::iter::repeat_with(|| config.open());
    tries.find(|opened| !opened.as_ref().is_err_and(is_locked)).unwrap().unwrap()
}

/// A document as format 1 stored it: chunks in parts, and a manifest.
fn put_document(tree: &sled::Tree, number: u8, whole: &Automerge, parts_lost: usize) {
    let mut rolling = [0; 32];
    let changes = whole.get_changes(&[]);
    for (chunk, change) in changes.iter().enumerate() {
        let bytes = change.raw_bytes();
        for (part, piece) in bytes.chunks(PART_BYTES).enumerate() {
            let mut key = document(number).as_bytes().to_vec();
            key.push(b'p');
            key.extend((chunk as u64).to_be_bytes());
            key.extend((part as u32).to_be_bytes());
            if chunk + parts_lost < changes.len() {
                put(tree, &key, piece);
            }
        }
        let hasher = Sha256::new().chain_update(rolling).chain_update(Sha256::digest(bytes));
        rolling = hasher.finalize().into();
    }
    let mut manifest = (changes.len() as u64).to_be_bytes().to_vec();
    manifest.extend(rolling);
    whole.get_heads().iter().for_each(|head| manifest.extend(head.0));
    put(tree, &[&document(number).as_bytes()[..], b"m"].concat(), &manifest);
}

fn written(actor: u8, changes: usize) -> Automerge {
    let mut document = Automerge::new().with_actor(ActorId::from([actor; 16]));
    for change in 0..changes {
        let mut transaction = document.transaction();
        // Noise, so that one of them is stored in several parts.
        let noise =
            (0..20_000_u64).map(|n| ((n * n * 2_654_435_761) >> 7) as u8).collect::<Vec<_>>();
        let length = if change == 3 { 8 } else { 1 };
        transaction.put(ROOT, "key", noise[change..].repeat(length)).unwrap();
        transaction.commit();
    }
    document
}

fn of_format_1(path: &Path, documents: &[(u8, &Automerge, usize)]) {
    let database = raw(path);
    put(&database, b"format", &1_u32.to_be_bytes());
    put(&database, b"id", b"00000000-0000-4000-8000-000000000001");
    let tree = database.open_tree("documents").unwrap();
    for (number, whole, parts_lost) in documents {
        put_document(&tree, *number, whole, *parts_lost);
    }
    put(&tree, b"commits", &40_u64.to_be_bytes());
}

#[test]
fn data_of_format_1_is_upgraded_when_it_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (written(1, 6), written(2, 1));
    of_format_1(directory.path(), &[(1, &first, 0), (2, &second, 0)]);
    // Twice: the second time it is of this format already.
    for _ in 0..2 {
        let store = SledStore::open(directory.path()).unwrap();
        assert_eq!(store.id().as_str(), "00000000-0000-4000-8000-000000000001");
        for (number, whole) in [(1, &first), (2, &second)] {
            let stored = store.load(document(number)).unwrap().unwrap();
            assert!(stored.log == stored_changes(whole));
            assert_eq!(stored.heads, whole.get_heads());
            verify(&store, document(number)).unwrap();
        }
    }
}

#[test]
fn an_upgrade_that_was_interrupted_goes_on_where_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (written(1, 6), written(2, 2));
    of_format_1(directory.path(), &[(1, &first, 0)]);
    drop(SledStore::open(directory.path()).unwrap());
    // One document is of this format, the other still of the one before.
    let database = raw(directory.path());
    put(&database, b"format", &1_u32.to_be_bytes());
    put_document(&database.open_tree("documents").unwrap(), 2, &second, 0);
    drop(database);
    let store = SledStore::open(directory.path()).unwrap();
    assert_eq!(verify(&store, document(1)), Ok(6));
    assert_eq!(verify(&store, document(2)), Ok(2));
}

#[test]
fn a_document_that_was_damaged_before_the_upgrade_is_damaged_after_it() {
    let directory = tempfile::tempdir().unwrap();
    of_format_1(directory.path(), &[(1, &written(1, 6), 2), (2, &written(2, 1), 0)]);
    let store = SledStore::open(directory.path()).unwrap();
    assert!(matches!(store.load(document(1)), Err(StoreError::DamagedDocument { .. })));
    assert_eq!(verify(&store, document(2)), Ok(1));
}

#[test]
fn data_without_a_journal_is_upgraded_when_it_is_opened_and_is_for_later_versions_from_then_on() {
    let directory = tempfile::tempdir().unwrap();
    let whole = written(1, 6);
    let append =
        Append { document: document(1), changes: stored_changes(&whole), heads: whole.get_heads() };
    let store = SledStore::open(directory.path()).unwrap();
    store.append(&[append]).unwrap();
    let before = store.load(document(1)).unwrap();
    drop(store);
    // What format 2 had not, and what it said of itself.
    std::fs::remove_file(directory.path().join("journal")).unwrap();
    let database = raw(directory.path());
    put(&database, b"format", &2_u32.to_be_bytes());
    drop(database);
    for _ in 0..2 {
        assert_eq!(SledStore::open(directory.path()).unwrap().load(document(1)).unwrap(), before);
    }
    let format = raw(directory.path()).get(b"format").unwrap().unwrap();
    assert_eq!(format[16..], 3_u32.to_be_bytes());
}
