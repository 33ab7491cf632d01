//! What a client sends that makes no sense ends its connection and nobody else's.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Automerge};
use common::{Peer, Relay};
use futures_util::{SinkExt, StreamExt};
use sync_protocol::{
    DocumentId, DocumentSync, Join, Message, PeerId, PeerMetadata, decode, encode,
};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Frame;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

fn document(actor: u8) -> Automerge {
    Automerge::new().with_actor(ActorId::from([actor; 16]))
}

fn sync(data: &[u8]) -> Vec<u8> {
    let (sender, target) = (PeerId::parse("eve").unwrap(), PeerId::parse("relay").unwrap());
    encode(&Message::Sync(DocumentSync { sender, target, document: DOCUMENT, data: data.into() }))
}

#[tokio::test]
async fn a_senseless_frame_is_answered_with_the_reason_and_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let mut ana = Peer::connect(&relay.url(), "ana", DOCUMENT, document(1)).await;
    let chunk = [&[0x43, 0, 0, 0, 1, 5][..], b"chunk", &[2, 2, 0x84]].concat();
    for (frame, reason) in [
        (Frame::Binary(b"\xff".as_slice().into()), "a frame is not a message"),
        (Frame::Binary(b"\x83\x01\x02\x03".as_slice().into()), "the frame is not a CBOR map"),
        (Frame::Text("{}".into()), "a frame is text; the protocol's are binary"),
        (Frame::Binary(sync(b"nonsense").into()), "the sync message for document"),
        (Frame::Binary(sync(&chunk).into()), "a chunk starts with 85 6f 4a 83"),
    ] {
        let mut eve = Peer::connect(&relay.url(), "eve", DOCUMENT, document(2)).await;
        eve.sends(frame).await;
        let mut told = None;
        while let Some(data) = eve.hears().await {
            if let Message::Error(refusal) = decode(&data).unwrap() {
                told = Some(refusal.reason);
            }
        }
        let told = told.unwrap();
        assert!(told.contains(reason), "{told}");
        ana.edits(reason, &told);
        ana.speaks().await;
        ana.settles().await;
    }
}

#[tokio::test]
async fn a_client_of_a_later_version_is_told_so() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let (mut socket, _) = connect_async(relay.url()).await.unwrap();
    let (sender, metadata) = (PeerId::parse("eve").unwrap(), PeerMetadata::default());
    let join = Message::Join(Join { sender, metadata, versions: vec!["2".into()] });
    socket.send(Frame::Binary(encode(&join).into())).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap().into_data();
    let Message::Error(refusal) = decode(&answer).unwrap() else { panic!("an error") };
    assert_eq!(refusal.reason, "unsupported protocol version");
    assert!(matches!(socket.next().await, Some(Ok(Frame::Close(_)))));
}

#[tokio::test]
async fn a_first_frame_that_is_no_join_ends_the_connection() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    for frame in [Frame::Binary(sync(b"").into()), Frame::Text("hello".into())] {
        let (mut socket, _) = connect_async(relay.url()).await.unwrap();
        socket.send(frame).await.unwrap();
        let Some(Ok(Frame::Close(Some(close)))) = socket.next().await else { panic!("a close") };
        assert!(
            close.reason.starts_with("expected `join`") || close.reason.contains("not a message")
        );
    }
}
