//! The full check, and documents that do not pass it: set aside without harm to anybody else, and put
//! back once they pass.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;
#[path = "set_aside/gated.rs"]
mod gated;
#[path = "../../sync-protocol/tests/support/hostile/mod.rs"]
#[allow(unused_imports, reason = "others use the rest")]
mod hostile;

use automerge::{ActorId, Automerge};
use axum::Router;
use common::{Peer, Relay, get, grown, run, stored_bytes};
use gated::Gated;
use hostile::World;
use hostile::cases::cases;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::DocumentId;
use sync_server::Server;
use sync_server::compaction::{CompactError, check};
use sync_server::store::{Append, MemoryStore, SetAside, SledStore, Store, StoreError};
use tokio::net::TcpListener;
use tokio::time::timeout;

const FAULTY: DocumentId = DocumentId::from_bytes([6; 16]);
const OTHER: DocumentId = DocumentId::from_bytes([7; 16]);
const PATIENCE: Duration = Duration::from_secs(120);

fn own(actor: u8) -> Automerge {
    Automerge::new().with_actor(ActorId::from([actor; 16]))
}

fn store(path: &Path) -> SledStore {
    let opened = std::iter::repeat_with(|| SledStore::open(path));
    // sled's own threads let go of the lock a moment after the last store was dropped.
    let mut opened = opened.filter(|opened| !matches!(opened, Err(StoreError::InUse { .. })));
    opened.next().unwrap().unwrap()
}

/// Documents that are whole and do not pass, of a kind of hostile changes that admission refuses:
/// each as it is stored, and what the check says.
fn faulty(kind: &str) -> Vec<(Append, CompactError)> {
    let world = World::new();
    let mut found = Vec::new();
    for case in cases(&world).into_iter().filter(|case| case.kind == kind) {
        for bytes in &case.versions {
            let before = world.changes.iter().map(|change| change.raw_bytes());
            let Some(append) = stored_bytes(before.chain([&**bytes]), FAULTY) else { continue };
            let store = MemoryStore::default();
            store.append(std::slice::from_ref(&append)).unwrap();
            match check(&store, FAULTY) {
                Err(error) if error.is_the_document_s() => found.push((append, error)),
                _ => {}
            }
        }
    }
    found
}

/// One that Automerge applies as it arrives, and does not read again once it has saved it.
fn poisoned() -> Append {
    faulty("poison").into_iter().next().unwrap().0
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Serves on a free port, with what is counted under `/inside`; returns the address.
async fn serve(relay: &sync_server::Relay) -> String {
    let application: Router = relay.router().nest("/inside", relay.operations());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, application).await.unwrap() });
    address
}

async fn counted(address: &str, name: &str) -> u64 {
    let address = address.to_owned();
    let text = tokio::task::spawn_blocking(move || get(&address, "/inside/metrics")).await.unwrap();
    let mut values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    values.next().expect(name).parse().unwrap()
}

/// Makes an edit, and waits until the relay has it.
async fn goes_on(peer: &mut Peer, value: &str) {
    let edit = peer.edits("key", value);
    peer.speaks().await;
    timeout(PATIENCE, peer.settles()).await.unwrap();
    assert_eq!(peer.acknowledged(), [edit]);
}

#[test]
fn what_automerge_refuses_or_panics_on_once_it_is_saved_does_not_pass() {
    let poisoned = faulty("poison");
    assert!(poisoned.iter().any(|(_, error)| matches!(error, CompactError::Load(_))));
    let faulty = faulty("crash");
    assert!(faulty.iter().any(|(_, error)| matches!(error, CompactError::Panic)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_cannot_be_read_again_is_set_aside_and_everybody_else_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let data = Arc::new(Gated::around(store(directory.path())));
    let poisoned = poisoned();
    data.append(std::slice::from_ref(&poisoned)).unwrap();
    let relay = Server::builder().store(data.clone()).build();
    let address = serve(&relay).await;
    let url = format!("ws://{address}/sync");
    let mut ben = Peer::connect(&url, "ben", OTHER, own(2)).await;
    goes_on(&mut ben, "before").await;
    // Whoever has it open before it was checked is sent it as it arrived.
    let mut ana = Peer::connect(&url, "ana", FAULTY, own(1)).await;
    timeout(PATIENCE, ana.settles()).await.unwrap();
    data.opens();
    let (code, reason) = timeout(PATIENCE, ana.is_closed()).await.unwrap();
    assert_eq!(code, 1011);
    assert!(reason.contains("has set this document aside"), "{reason}");

    let mut eve = Peer::connect(&url, "eve", FAULTY, own(3)).await;
    timeout(PATIENCE, eve.hears_that_it_is_unavailable()).await.unwrap();
    eve.edits("key", "added");
    eve.speaks().await;
    goes_on(&mut ben, "after").await;
    assert_eq!(counted(&address, "kanban_documents_set_aside_total").await, 1);
    assert_eq!(counted(&address, "kanban_documents_damaged_total").await, 0);
    assert_eq!(counted(&address, "kanban_compactions_total").await, 0);
    relay.drain().await;

    let aside = data.aside(FAULTY).unwrap().unwrap();
    assert_eq!(aside.changes, poisoned.changes.len());
    assert!(aside.reason.contains("its changes cannot be read together"), "{}", aside.reason);
    let stored = data.load(FAULTY).unwrap().unwrap();
    assert_eq!((stored.log, stored.heads), (poisoned.changes, poisoned.heads));
    assert_eq!(data.aside(OTHER).unwrap(), None);
}

#[tokio::test]
async fn a_document_stays_set_aside_when_the_relay_is_started_again_and_its_bytes_can_be_had() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("bytes"));
    let stored = store(&data);
    let poisoned = poisoned();
    let other = grown(&mut own(2), OTHER, 3);
    stored.append(&[poisoned.clone(), other]).unwrap();
    let reason = "it was found".to_owned();
    stored.set_aside(&SetAside { document: FAULTY, changes: 3, reason }).unwrap();
    drop(stored);
    let mut relay = Relay::start(&data);
    for round in 0..2 {
        let mut ana = Peer::connect(&relay.url(), "ana", FAULTY, own(1)).await;
        timeout(PATIENCE, ana.hears_that_it_is_unavailable()).await.unwrap();
        let mut ben = Peer::connect(&relay.url(), "ben", OTHER, own(3)).await;
        timeout(PATIENCE, ben.settles()).await.unwrap();
        goes_on(&mut ben, &format!("in round {round}")).await;
        relay.kill();
        relay.restart();
    }
    // As everything else about it, through the relay that serves.
    let id = FAULTY.to_string();
    let (is_well, said, error) = run(&["export", &id, text(&file), "--data", text(&data)]);
    assert!(is_well && said.contains("in the bytes that arrived"), "{said}{error}");
    let bytes: Vec<u8> = poisoned.changes.iter().flat_map(|it| it.bytes.to_vec()).collect();
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
    let (is_well, _, error) = run(&["verify", "--data", text(&data)]);
    let named = format!("document {id} was set aside with 3 changes: it was found");
    assert!(!is_well && error.contains(&named), "{error}");
    let (is_well, _, error) = run(&["recheck", &id, "--data", text(&data)]);
    assert!(!is_well && error.contains("stays set aside: its changes cannot be"), "{error}");
    drop(relay);
    assert!(store(&data).aside(FAULTY).unwrap().is_some());
}

#[tokio::test]
async fn a_document_that_passes_again_is_put_back_and_those_who_were_turned_away_come_again() {
    let directory = tempfile::tempdir().unwrap();
    let stored = store(directory.path());
    let append = grown(&mut own(1), OTHER, 5);
    let heads = append.heads.clone();
    stored.append(&[append]).unwrap();
    let reason = "an older version could not read it".to_owned();
    stored.set_aside(&SetAside { document: OTHER, changes: 5, reason }).unwrap();
    drop(stored);
    let relay = Relay::start(directory.path());
    let mut ana = Peer::connect(&relay.url(), "ana", OTHER, own(2)).await;
    timeout(PATIENCE, ana.hears_that_it_is_unavailable()).await.unwrap();
    let command = ["recheck", &OTHER.to_string(), "--data", text(directory.path())];
    let (is_well, said, error) = run(&command);
    assert!(is_well, "{error}");
    assert!(said.contains("with 5 changes passes, and is in service again"), "{said}");
    assert_eq!(timeout(PATIENCE, ana.is_closed()).await.unwrap().0, 1012);
    let mut ana = Peer::connect(&relay.url(), "ana", OTHER, own(2)).await;
    timeout(PATIENCE, ana.settles()).await.unwrap();
    assert_eq!(ana.document.get_heads(), heads);
    goes_on(&mut ana, "again").await;
    drop(relay);
    // Once more with nobody serving; a document that is in service is checked too.
    let (is_well, said, error) = run(&command);
    assert!(is_well && said.trim().ends_with("with 6 changes passes"), "{said}{error}");
    let (is_well, _, error) = run(&["recheck", &FAULTY.to_string(), "--data", command[3]]);
    assert!(!is_well && error.contains("there is no document"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_document_that_is_never_left_in_peace_is_checked_often_and_never_set_aside() {
    let directory = tempfile::tempdir().unwrap();
    let data = Arc::new(store(directory.path()));
    let builder = Server::builder().store(data.clone()).compacting_at(1).checking_at_once();
    let relay = builder.build();
    let address = serve(&relay).await;
    let url = format!("ws://{address}/sync");
    let works = async {
        let mut ana = Peer::connect(&url, "ana", OTHER, own(1)).await;
        let mut round = 0;
        // Until there were enough of both; each round stores two changes at least.
        while counted(&address, "kanban_full_checks_total").await < 40
            || counted(&address, "kanban_compactions_total").await < 3
        {
            round += 1;
            goes_on(&mut ana, &format!("{round} of ana")).await;
            let mut ben = Peer::connect(&url, "ben", OTHER, own(2)).await;
            timeout(PATIENCE, ben.settles()).await.unwrap();
            drop(ana);
            goes_on(&mut ben, &format!("{round} of ben")).await;
            let document = ben.document.clone().with_actor(ActorId::from([1; 16]));
            // The room closes, or does not.
            drop(ben);
            ana = Peer::connect(&url, "ana", OTHER, document).await;
            timeout(PATIENCE, ana.settles()).await.unwrap();
        }
    };
    timeout(PATIENCE, works).await.unwrap();
    assert_eq!(counted(&address, "kanban_documents_set_aside_total").await, 0);
    assert_eq!(data.aside(OTHER).unwrap(), None);
}
