//! What the program does with a data directory besides serving it: check, back up, restore, export
//! and import, also while a relay serves it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ChangeHash, ROOT, ReadDoc};
use common::{Peer, Relay, run, stored_changes};
use std::collections::BTreeSet;
use std::path::Path;
use sync_protocol::{DocumentId, DocumentUrl};
use sync_server::compaction::{compaction_of, hashes, load};
use sync_server::store::{Append, SledStore, Store};
use tokio::sync::{mpsc, watch};

fn document(number: u8) -> DocumentId {
    DocumentId::from_bytes([number; 16])
}

/// A document with so many changes.
fn written(actor: u8, changes: u8) -> Automerge {
    let mut document = Automerge::new().with_actor(ActorId::from([actor; 16]));
    for change in 0..changes {
        let mut transaction = document.transaction();
        transaction.put(ROOT, format!("key {change}"), "value").unwrap();
        transaction.commit();
    }
    document
}

fn store(store: &dyn Store, number: u8, whole: &Automerge) {
    let (changes, heads) = (stored_changes(whole), whole.get_heads());
    store.append(&[Append { document: document(number), changes, heads }]).unwrap();
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs a command that must go well; what it says.
fn does(arguments: &[&str]) -> String {
    let (succeeded, output, error) = run(arguments);
    assert!(succeeded, "{arguments:?}: {error}");
    output.trim().to_owned()
}

/// Runs a command that must not; what it says.
fn refuses(arguments: &[&str]) -> String {
    let (succeeded, output, error) = run(arguments);
    assert!(!succeeded, "{arguments:?}: {output}");
    error.trim().to_owned()
}

#[test]
fn verify_says_how_much_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let data = SledStore::open(directory.path()).unwrap();
    store(&data, 1, &written(1, 5));
    store(&data, 2, &written(2, 7));
    data.compact(&compaction_of(&data, document(2)).unwrap().unwrap()).unwrap();
    drop(data);
    let said = does(&["verify", "--data", text(directory.path())]);
    assert_eq!(said, "2 documents with 12 changes are whole");
}

#[test]
fn verify_names_every_damaged_document_and_fails() {
    let directory = tempfile::tempdir().unwrap();
    let data = SledStore::open(directory.path()).unwrap();
    for number in 1..=5 {
        store(&data, number, &written(number, 5));
        data.compact(&compaction_of(&data, document(number)).unwrap().unwrap()).unwrap();
    }
    // Whole as it was written, but not what the index says.
    let mut other = stored_changes(&written(9, 1));
    other[0].entry.hash = ChangeHash([9; 32]);
    let heads = vec![ChangeHash([9; 32])];
    data.append(&[Append { document: document(6), changes: other, heads }]).unwrap();
    drop(data);
    let database = sled::Config::default()
        .path(directory.path())
        .segment_size(16 * 1024 * 1024)
        .open()
        .unwrap();
    let tree = database.open_tree("documents").unwrap();
    let first = |number, kind: u8| {
        let prefix = [&document(number).as_bytes()[..], &[kind]].concat();
        tree.scan_prefix(prefix).next().unwrap().unwrap()
    };
    for (number, kind) in [(1, b'm'), (2, b'p'), (3, b's')] {
        tree.remove(first(number, kind).0).unwrap();
    }
    let (key, value) = first(4, b'i');
    let mut value = value.to_vec();
    value[20] ^= 1;
    tree.insert(key, value).unwrap();
    drop((tree, database));
    let said = refuses(&["verify", "--data", text(directory.path())]);
    for damaged in [1, 2, 3, 4, 6] {
        assert!(said.contains(&format!("document {} is damaged", document(damaged))), "{said}");
    }
    assert!(said.ends_with("1 other documents with 5 changes are whole"), "{said}");
}

/// Writes until told to stop; says of each change when it has been acknowledged.
async fn writes(
    url: String,
    number: u8,
    actor: u8,
    acknowledged: mpsc::UnboundedSender<ChangeHash>,
    stop: watch::Receiver<bool>,
) {
    let own = Automerge::new().with_actor(ActorId::from([actor; 16]));
    let mut peer = Peer::connect(&url, &format!("peer-{actor}"), document(number), own).await;
    for count in 0.. {
        if *stop.borrow() {
            return;
        }
        let change = peer.edits(&format!("key {}", count % 9), &format!("{count} by {actor}"));
        peer.speaks().await;
        peer.settles().await;
        acknowledged.send(change).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_while_people_write_holds_whatever_was_acknowledged_before() {
    let directory = tempfile::tempdir().unwrap();
    let (data, copy) = (directory.path().join("data"), directory.path().join("copy"));
    let relay = Relay::start_with(&data, "127.0.0.1:0", &["--compact-at", "16"]);
    let (noted, mut acknowledged) = mpsc::unbounded_channel();
    let (stop, stopped) = watch::channel(false);
    // Two on each of three documents, who build on each other's changes.
    let writers: Vec<_> = (0..6)
        .map(|actor| {
            let (noted, stopped) = (noted.clone(), stopped.clone());
            tokio::spawn(writes(relay.url(), actor % 3, actor + 1, noted, stopped))
        })
        .collect();
    let mut before = BTreeSet::new();
    while before.len() < 150 {
        before.insert(acknowledged.recv().await.unwrap());
    }
    while let Ok(change) = acknowledged.try_recv() {
        before.insert(change);
    }
    let said = {
        let (data, copy) = (data.clone(), copy.clone());
        let backup = move || does(&["backup", text(&copy), "--data", text(&data)]);
        tokio::task::spawn_blocking(backup).await.unwrap()
    };
    assert_eq!(said, format!("3 documents are in {}", copy.display()));
    let went_on = acknowledged.recv().await;
    assert!(went_on.is_some(), "nobody was kept from writing");
    stop.send(true).unwrap();
    for writer in writers {
        writer.await.unwrap();
    }
    drop(relay);
    let restored = directory.path().join("restored");
    does(&["restore", text(&copy), "--data", text(&restored)]);
    does(&["verify", "--data", text(&restored)]);
    let kept = SledStore::open(&restored).unwrap();
    assert_eq!(kept.id(), SledStore::open(&data).unwrap().id(), "clients know the relay again");
    let mut held = BTreeSet::new();
    for number in 0..3 {
        let stored = kept.load(document(number)).unwrap().unwrap();
        held.extend(stored.entries().unwrap().iter().map(|entry| entry.hash));
    }
    assert_eq!(before.difference(&held).count(), 0, "of {} acknowledged before", before.len());
}

#[test]
fn what_is_in_the_way_of_a_backup_or_a_restore_stays() {
    let directory = tempfile::tempdir().unwrap();
    let (data, copy) = (directory.path().join("data"), directory.path().join("copy"));
    let stored = SledStore::open(&data).unwrap();
    store(&stored, 1, &written(1, 3));
    drop(stored);
    does(&["backup", text(&copy), "--data", text(&data)]);
    let said = refuses(&["backup", text(&copy), "--data", text(&data)]);
    assert!(said.contains("is not empty"), "{said}");
    let said = refuses(&["restore", text(&copy), "--data", text(&data)]);
    assert!(said.contains("is not empty; move it away first"), "{said}");
    let _relay = Relay::start(&copy);
    let other = directory.path().join("other");
    let said = refuses(&["restore", text(&copy), "--data", text(&other)]);
    assert!(said.contains("is in use; it is no backup"), "{said}");
    let said = refuses(&["verify", "--data", text(&other)]);
    assert!(said.contains("there is no data in"), "{said}");
}

#[tokio::test]
async fn a_document_goes_out_to_a_file_and_in_again_under_another_address() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("a.automerge"));
    let stored = SledStore::open(&data).unwrap();
    let whole = written(1, 30);
    store(&stored, 1, &whole);
    drop(stored);
    // Once with the directory to itself, once through the relay that serves it.
    let url = DocumentUrl::from(document(1)).to_string();
    does(&["export", &url, text(&file), "--data", text(&data)]);
    let exported = load(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(hashes(&exported), hashes(&whole));
    let relay = Relay::start(&data);
    let said = refuses(&["export", &url, text(&file), "--data", text(&data)]);
    assert!(said.contains("cannot make"), "{said}");
    let said = does(&["import", text(&file), "--data", text(&data)]);
    let address = said.split(' ').next_back().unwrap();
    let imported = DocumentUrl::parse(address).unwrap().document;
    let own = Automerge::new().with_actor(ActorId::from([9; 16]));
    let mut peer = Peer::connect(&relay.url(), "peer", imported, own).await;
    while peer.document.get_heads() != whole.get_heads() {
        assert!(peer.takes().await);
    }
    assert!(peer.document.get(ROOT, "key 7").unwrap().is_some());
    std::fs::write(&file, b"no document").unwrap();
    let said = refuses(&["import", text(&file), "--data", text(&data)]);
    assert!(said.contains("is no document that Automerge can read"), "{said}");
}

#[tokio::test]
async fn a_long_document_is_compacted_and_whole_for_whoever_opens_it_later() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start_with(directory.path(), "127.0.0.1:0", &["--compact-at", "16"]);
    let mut ana = Peer::connect(&relay.url(), "ana", document(1), written(1, 1)).await;
    for count in 0..100 {
        ana.edits("title", &format!("Write {count}"));
        ana.speaks().await;
        ana.settles().await;
    }
    for (name, actor) in [("ben", 2), ("cleo", 3)] {
        let own = Automerge::new().with_actor(ActorId::from([actor; 16]));
        let mut peer = Peer::connect(&relay.url(), name, document(1), own).await;
        while peer.document.get_heads() != ana.document.get_heads() {
            assert!(peer.takes().await);
        }
        assert_eq!(hashes(&peer.document), hashes(&ana.document));
    }
    does(&["verify", "--data", text(directory.path())]);
    drop(relay);
    let data = SledStore::open(directory.path()).unwrap();
    assert!(data.compactions(document(1)).unwrap() > 0);
}

#[tokio::test]
async fn below_the_free_space_that_was_asked_for_nothing_is_taken() {
    let directory = tempfile::tempdir().unwrap();
    let options = &["--min-free", "1000000T"];
    let relay = Relay::start_with(directory.path(), "127.0.0.1:0", options);
    let mut ana = Peer::connect(&relay.url(), "ana", document(1), written(1, 1)).await;
    while !ana.acknowledged().is_empty() || !ana.takes().await {}
    drop(relay);
    assert_eq!(SledStore::open(directory.path()).unwrap().documents().unwrap(), []);
}
