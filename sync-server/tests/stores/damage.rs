//! What is missing or changed on the disk.

use crate::*;

/// The tree of a closed store, to damage it.
pub fn raw(path: &Path) -> (sled::Db, sled::Tree) {
    let config = sled::Config::default().path(path).segment_size(16 * 1024 * 1024);
    // sled's own threads let go of the lock a moment after the store is dropped.
    let database = std::iter::repeat_with(|| config.open())
        .find(|opened| !matches!(opened, Err(sled::Error::Io(error)) if error.to_string().contains("lock")));
    let database = database.unwrap().unwrap();
    let tree = database.open_tree("documents").unwrap();
    (database, tree)
}

/// The keys of a kind in document 1: changes `p`, index `i`, snapshots `s`.
pub fn keys(tree: &sled::Tree, kind: u8) -> Vec<sled::IVec> {
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

/// Copies a database directory, which sled keeps in a few flat files.
pub fn copy(from: &Path, to: &Path) {
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
