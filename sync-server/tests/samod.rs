//! Unmodified samod repositories, automerge-repo's counterpart in Rust, sync through the relay.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::transaction::Transactable;
use automerge::{Automerge, ChangeHash, ROOT, ReadDoc};
use common::Relay;
use futures_util::future::BoxFuture;
use futures_util::{SinkExt, StreamExt, TryStreamExt, future};
use samod::{BackoffConfig, DialError, Dialer, DocHandle, Repo, Transport};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Error, Message};

const PATIENCE: Duration = Duration::from_secs(60);

/// What samod's own dialer does; that one needs the system's TLS library to be compiled.
struct WebSocket(samod::Url);

impl Dialer for WebSocket {
    type Error = Infallible;

    fn url(&self) -> samod::Url {
        self.0.clone()
    }

    fn connect(&self) -> BoxFuture<'static, Result<Transport, DialError<Infallible>>> {
        let url = self.0.clone();
        Box::pin(async move {
            let connected = connect_async(url.as_str()).await.map_err(DialError::transient)?;
            let (sink, stream) = connected.0.split();
            let stream = stream.try_filter_map(|message| {
                let frame = match message {
                    Message::Binary(frame) => Some(frame.to_vec()),
                    _ => None,
                };
                future::ready(Ok::<_, Error>(frame))
            });
            let sink = sink.with(|frame: Vec<u8>| {
                future::ready(Ok::<_, Error>(Message::Binary(frame.into())))
            });
            Ok(Transport::new(stream.boxed(), sink))
        })
    }
}

async fn repo(url: &str) -> Repo {
    let repo = Repo::build_tokio().load().await;
    let back_off = BackoffConfig {
        initial_delay: Duration::from_millis(50),
        max_delay: Duration::from_millis(200),
        max_retries: None,
    };
    let dialer = repo.dial(back_off, Arc::new(WebSocket(url.parse().unwrap()))).unwrap();
    timeout(PATIENCE, dialer.established()).await.unwrap().unwrap();
    repo
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

async fn find(repo: &Repo, handle: &DocHandle) -> DocHandle {
    let found = timeout(PATIENCE, repo.find(handle.document_id().clone())).await.unwrap();
    found.unwrap().expect("the document is found")
}

#[tokio::test]
async fn a_document_made_by_one_is_found_and_edited_by_another_also_after_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(directory.path());
    let (ana, ben) = (repo(&relay.url()).await, repo(&relay.url()).await);
    let hers = ana.create(Automerge::new()).await.unwrap();
    edit(&hers, "made by", "ana");
    let (connected, _) = hers.peers();
    for connection in connected.keys() {
        timeout(PATIENCE, hers.they_have_our_changes(*connection)).await.unwrap();
    }
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
