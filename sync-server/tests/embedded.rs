//! The relay inside somebody's own application: their routes, their rules.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::{Automerge, ReadDoc};
use axum::Router;
use axum::routing::get;
use common::Peer;
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use sync_protocol::{DocumentId, Handshake, Message, PeerId, PeerMetadata, decode};
use sync_server::{Access, Denied, Grant, Relay, Server, store::MemoryStore};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Frame;

const PATIENCE: Duration = Duration::from_secs(30);
const OPEN: DocumentId = DocumentId::from_bytes([1; 16]);
const HIDDEN: DocumentId = DocumentId::from_bytes([2; 16]);

/// Ana may write, guests may read one document, nobody else may come.
fn relay() -> Relay {
    let builder = Server::builder().store(MemoryStore::default());
    let builder = builder.authorize(|request| async move {
        match request.uri.query() {
            Some("token=ana") => Ok(Grant::all(Access::ReadWrite)),
            Some("token=guest") => Ok(Grant::of(|id| (id == OPEN).then_some(Access::ReadOnly))),
            Some(_) => Err(Denied::Unknown("your token is not known here; sign in".to_owned())),
            None => Err(Denied::Forbidden("guests need an invitation".to_owned())),
        }
    });
    builder.build()
}

/// Serves an application with a route of its own, and the relay under `/boards`.
async fn serve(relay: &Relay) -> String {
    let own = Router::new().route("/about", get(|| async { "our own page" }));
    let application = own.nest("/boards", relay.router());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, application).await.unwrap() });
    format!("ws://{address}/boards/sync")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_s_rules_hold_for_each_connection_and_document() {
    let relay = relay();
    let url = serve(&relay).await;
    let (ana_s, guest_s) = (format!("{url}?token=ana"), format!("{url}?token=guest"));
    let mut ana = Peer::connect(&ana_s, "ana", OPEN, Automerge::new()).await;
    let written = ana.edits("title", "Write");
    ana.speaks().await;
    timeout(PATIENCE, ana.settles()).await.unwrap();

    let mut guest = Peer::connect(&guest_s, "guest", OPEN, Automerge::new()).await;
    timeout(PATIENCE, guest.settles()).await.unwrap();
    assert_eq!(guest.document.get_heads(), [written]);
    guest.edits("title", "Scribble");
    guest.speaks().await;

    let second = ana.edits("more", "later");
    ana.speaks().await;
    timeout(PATIENCE, ana.settles()).await.unwrap();
    while guest.document.get_change_by_hash(&second).is_none() {
        assert!(timeout(PATIENCE, guest.takes()).await.unwrap(), "the relay closed");
    }
    assert_eq!(ana.document.get_heads(), [second], "a guest's changes go nowhere");

    let mut hidden = Peer::connect(&guest_s, "guest-2", HIDDEN, Automerge::new()).await;
    let answer = timeout(PATIENCE, hidden.hears()).await.unwrap().unwrap();
    assert_eq!(
        decode(&answer).unwrap().kind(),
        "doc-unavailable",
        "what it may not read is not there"
    );
    timeout(PATIENCE, relay.drain()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_hears_why_and_is_closed_with_a_code() {
    let relay = relay();
    let url = serve(&relay).await;
    for (url, code, words) in [
        (format!("{url}?token=mallory"), 4401, "your token is not known here; sign in"),
        (url, 4403, "guests need an invitation"),
    ] {
        let (mut socket, _) = connect_async(url).await.unwrap();
        let join = Handshake::new(PeerId::parse("mallory").unwrap(), PeerMetadata::default());
        socket.send(Frame::Binary(join.join().into())).await.unwrap();
        let mut heard = Vec::new();
        let closed = loop {
            match timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap() {
                Frame::Binary(frame) => heard.push(frame),
                Frame::Close(close) => break close.unwrap(),
                _ => {}
            }
        };
        let Message::Error(refusal) = decode(heard.last().unwrap()).unwrap() else {
            panic!("the last message is an error");
        };
        assert_eq!((u16::from(closed.code), refusal.reason.as_str()), (code, words));
    }
    timeout(PATIENCE, relay.drain()).await.unwrap();
}
