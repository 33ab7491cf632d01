//! The client of this project syncs documents of any kind through the relay.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::transaction::Transactable;
use automerge::{Automerge, ChangeHash, ROOT, ReadDoc};
use common::{OwnClient, Relay};
use sync_protocol::DocumentId;
use sync_protocol::client::Availability;

const ID: DocumentId = DocumentId::from_bytes([3; 16]);

fn edit(document: &mut Automerge, key: &str, value: &str) {
    document
        .transact(|transaction| transaction.put(ROOT, key, value))
        .unwrap_or_else(|failed| panic!("{}", failed.error));
}

async fn edits(client: &OwnClient, key: &'static str) {
    client.with(move |document| edit(document, key, "1")).await;
}

async fn saved(client: &OwnClient) -> Vec<ChangeHash> {
    client.waits(|_, status| status.pending == 0).await;
    client.with(|document| document.get_heads()).await
}

/// Waits until all have the keys and the relay has stored them; they have the same heads then.
async fn all_have(clients: &[&OwnClient], keys: &'static [&'static str]) {
    let mut heads = Vec::new();
    for client in clients {
        let has = |document: &Automerge, key: &str| document.get(ROOT, key).unwrap().is_some();
        client.waits(move |document, _| keys.iter().all(|key| has(document, key))).await;
    }
    for client in clients {
        heads.push(saved(client).await);
    }
    assert!(heads.iter().all(|others| *others == heads[0]));
}

#[tokio::test]
async fn two_clients_find_edit_lose_connections_and_outlive_ends_of_the_relay() {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(directory.path());
    let ana = OwnClient::connect(&relay.url(), "ana", ID, Automerge::new());
    edits(&ana, "made by ana").await;
    let ben = OwnClient::connect(&relay.url(), "ben", ID, Automerge::new());
    tokio::join!(edits(&ana, "hers"), edits(&ben, "his"));
    all_have(&[&ana, &ben], &["made by ana", "hers", "his"]).await;

    ben.loses_connection();
    ana.goes_down();
    tokio::join!(edits(&ana, "hers, offline"), edits(&ben, "his, meanwhile"));
    ana.comes_up();
    ben.comes_up();
    all_have(&[&ana, &ben], &["hers, offline", "his, meanwhile"]).await;

    relay.interrupt();
    assert!(relay.wait().success());
    edits(&ana, "after the first end").await;
    relay.restart();
    ana.comes_up();
    ben.comes_up();
    all_have(&[&ana, &ben], &["after the first end"]).await;

    relay.kill();
    edits(&ben, "after the second end").await;
    relay.restart();
    ana.comes_up();
    ben.comes_up();
    all_have(&[&ana, &ben], &["after the second end"]).await;
}

#[tokio::test]
async fn a_document_of_10_000_changes_arrives_whole_and_is_edited_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(directory.path());
    let mut document = Automerge::new();
    for number in 0..10_000 {
        edit(&mut document, "title", &format!("title {number}"));
    }
    let ana = OwnClient::connect(&relay.url(), "ana", ID, document);
    saved(&ana).await;
    let ben = OwnClient::connect(&relay.url(), "ben", ID, Automerge::new());
    all_have(&[&ana, &ben], &["title"]).await;
    tokio::join!(edits(&ana, "by ana"), edits(&ben, "by ben"));
    all_have(&[&ana, &ben], &["by ana", "by ben"]).await;

    relay.kill();
    drop((ana, ben));
    relay.restart();
    let cleo = OwnClient::connect(&relay.url(), "cleo", ID, Automerge::new());
    all_have(&[&cleo], &["title", "by ana", "by ben"]).await;
    let count = cleo.with(|document| document.get_changes(&[]).len()).await;
    assert_eq!(count, 10_002);
}

#[tokio::test]
async fn a_document_that_nobody_has_is_unavailable_and_arrives_when_somebody_brings_it() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let ana = OwnClient::connect(&relay.url(), "ana", ID, Automerge::new());
    ana.waits(|_, status| status.document == Availability::Unavailable).await;
    let mut document = Automerge::new();
    edit(&mut document, "made offline", "1");
    let ben = OwnClient::connect(&relay.url(), "ben", ID, document);
    all_have(&[&ana, &ben], &["made offline"]).await;
}
