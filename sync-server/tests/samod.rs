//! Unmodified samod repositories, automerge-repo's counterpart in Rust, sync through the relay.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::transaction::Transactable;
use automerge::{Automerge, ChangeHash, ROOT, ReadDoc};
use common::{Relay, repository};
use futures_util::StreamExt;
use samod::{DocHandle, Repo};
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

async fn repo(url: &str) -> Repo {
    repository(url).await.0
}

fn edit(handle: &DocHandle, key: &str, value: &str) {
    handle.with_document(|document| {
        let mut transaction = document.transaction();
        transaction.put(ROOT, key, value).unwrap();
        transaction.commit();
    });
}

fn heads(handle: &DocHandle) -> Vec<ChangeHash> {
    handle.with_document(|document| document.get_heads())
}

/// Waits until all have the key.
async fn all_see(handles: &[&DocHandle], key: &str) {
    for handle in handles {
        let mut changes = handle.changes();
        let sees = || handle.with_document(|document| document.get(ROOT, key).unwrap().is_some());
        let seen = async {
            while !sees() {
                changes.next().await.unwrap();
            }
        };
        timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("{key} is not seen"));
    }
}

/// Waits until the relay has what is here.
async fn arrived(handle: &DocHandle) {
    let (connected, _) = handle.peers();
    for connection in connected.keys() {
        timeout(PATIENCE, handle.they_have_our_changes(*connection)).await.unwrap();
    }
}

async fn find(repo: &Repo, handle: &DocHandle) -> DocHandle {
    let found = timeout(PATIENCE, repo.find(handle.document_id().clone())).await.unwrap();
    found.unwrap().expect("the document is found")
}

/// Asks until whoever has it is connected again.
async fn find_at_last(repo: &Repo, handle: &DocHandle) -> DocHandle {
    let found = async {
        loop {
            if let Some(found) = repo.find(handle.document_id().clone()).await.unwrap() {
                return found;
            }
            // Each question goes to the relay and back, or to a repository that dials.
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, found).await.unwrap()
}

#[tokio::test]
async fn a_document_made_by_one_is_found_and_edited_by_another_also_after_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(directory.path());
    let (ana, ben) = (repo(&relay.url()).await, repo(&relay.url()).await);
    let hers = ana.create(Automerge::new()).await.unwrap();
    edit(&hers, "made by", "ana");
    arrived(&hers).await;
    let his = find(&ben, &hers).await;
    edit(&his, "his", "1");
    edit(&hers, "hers", "1");
    all_see(&[&hers, &his], "his").await;
    all_see(&[&hers, &his], "hers").await;
    assert_eq!(heads(&hers), heads(&his));

    relay.kill();
    edit(&his, "his, offline", "2");
    edit(&hers, "hers, offline", "2");
    relay.restart();
    all_see(&[&hers, &his], "his, offline").await;
    all_see(&[&hers, &his], "hers, offline").await;

    // Somebody new, when both are gone: the relay has it all.
    let expected = heads(&hers);
    ana.stop().await;
    ben.stop().await;
    let cleo = repo(&relay.url()).await;
    let found = find(&cleo, &hers).await;
    assert_eq!(heads(&found), expected);
    cleo.stop().await;
}

#[tokio::test]
async fn a_document_that_nobody_has_is_not_found() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let ana = repo(&relay.url()).await;
    let id = samod::DocumentId::try_from(vec![7; 16]).unwrap();
    let found = timeout(PATIENCE, ana.find(id)).await.unwrap().unwrap();
    assert!(found.is_none());
    ana.stop().await;
}

#[tokio::test]
async fn who_was_offline_or_lost_a_connection_catches_up_also_after_the_relay_has_ended() {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(directory.path());
    let (ana, her_network) = repository(&relay.url()).await;
    let (ben, his_network) = repository(&relay.url()).await;
    let hers = ana.create(Automerge::new()).await.unwrap();
    edit(&hers, "made by", "ana");
    arrived(&hers).await;
    let his = find(&ben, &hers).await;

    her_network.goes_down();
    his_network.loses_connection();
    edit(&hers, "hers, offline", "1");
    edit(&his, "his, meanwhile", "1");
    her_network.comes_up();
    all_see(&[&hers, &his], "hers, offline").await;
    all_see(&[&hers, &his], "his, meanwhile").await;

    relay.interrupt();
    assert!(relay.wait().success());
    edit(&hers, "hers, after the end", "1");
    edit(&his, "his, after the end", "1");
    relay.restart();
    all_see(&[&hers, &his], "hers, after the end").await;
    all_see(&[&hers, &his], "his, after the end").await;
    assert_eq!(heads(&hers), heads(&his));
    ana.stop().await;
    ben.stop().await;
}

#[tokio::test]
async fn a_document_of_10_000_changes_arrives_whole_and_is_edited_on() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let (ana, her_network) = repository(&relay.url()).await;
    her_network.goes_down();
    let hers = ana.create(Automerge::new()).await.unwrap();
    for number in 0..10_000 {
        edit(&hers, "title", &format!("title {number}"));
    }
    her_network.comes_up();
    let ben = repo(&relay.url()).await;
    let his = find_at_last(&ben, &hers).await;
    edit(&his, "by ben", "1");
    edit(&hers, "by ana", "1");
    all_see(&[&hers, &his], "by ben").await;
    all_see(&[&hers, &his], "by ana").await;
    assert_eq!(heads(&hers), heads(&his));
    let count = his.with_document(|document| document.get_changes(&[]).len());
    // samod begins a document with a change of its own.
    assert!(count >= 10_002, "{count} changes");
    ana.stop().await;
    ben.stop().await;
}

#[tokio::test]
async fn a_document_that_was_not_found_arrives_when_somebody_brings_it() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let (ana, her_network) = repository(&relay.url()).await;
    her_network.goes_down();
    let hers = ana.create(Automerge::new()).await.unwrap();
    edit(&hers, "made offline", "1");
    let ben = repo(&relay.url()).await;
    let early = timeout(PATIENCE, ben.find(hers.document_id().clone())).await.unwrap();
    assert!(early.unwrap().is_none());
    her_network.comes_up();
    let his = find_at_last(&ben, &hers).await;
    all_see(&[&his], "made offline").await;
    assert_eq!(heads(&hers), heads(&his));
    ana.stop().await;
    ben.stop().await;
}
