//! Faults that tests put into the relay, and what becomes of those who are connected.
//!
//! No bytes are known that make the relay panic, so a client is named after what goes wrong when it
//! is heard.

use crate::quarantine::QUARANTINED;
use crate::store::MemoryStore;
use crate::{Server, faults::peer::Peer};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Automerge, ObjType, ROOT};
use futures_util::{SinkExt, StreamExt};
use std::sync::{Condvar, Mutex};
use std::time::Duration;
use sync_protocol::{
    DocumentId, DocumentSync, Handshake, Have, Message, PeerId, PeerMetadata, SyncFlags,
    SyncFormat, SyncMessage, encode,
};
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Frame;

#[path = "../tests/common/peer.rs"]
#[allow(dead_code, reason = "others use the rest")]
mod peer;

const IN_FRAME: &str = "panics-in-frame";
const IN_ROOM: &str = "panics-in-room";
const IN_DOCUMENT: &str = "waits-in-document";

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const PATIENCE: Duration = Duration::from_secs(60);

/// Who has made the relay panic so far.
static PANICS: Mutex<Vec<&str>> = Mutex::new(Vec::new());
static GATE: (Mutex<Gate>, Condvar) = (Mutex::new(Gate::Unused), Condvar::new());

#[derive(Clone, Copy, PartialEq)]
enum Gate {
    Unused,
    /// Somebody reads a document.
    Waits,
    Open,
}

fn panics(name: &'static str) {
    PANICS.lock().unwrap().push(name);
    panic!("{name}");
}

fn panics_of(name: &str) -> usize {
    PANICS.lock().unwrap().iter().filter(|panicked| **panicked == name).count()
}

/// A frame is being read.
pub fn in_frame(joined: &PeerId) {
    if joined.to_string() == IN_FRAME {
        panics(IN_FRAME);
    }
}

/// A room takes what was in a frame.
pub fn in_room(frame: &[u8]) {
    if frame.windows(IN_ROOM.len()).any(|part| part == IN_ROOM.as_bytes()) {
        panics(IN_ROOM);
    }
}

/// A document is about to be expanded: waits until the test has seen that others go on.
pub fn in_document(joined: &PeerId) {
    if joined.to_string() != IN_DOCUMENT {
        return;
    }
    let mut gate = GATE.0.lock().unwrap();
    *gate = Gate::Waits;
    let is_shut = |gate: &mut Gate| *gate != Gate::Open;
    let (gate, _) = GATE.1.wait_timeout_while(gate, PATIENCE / 2, is_shut).unwrap();
    assert!(*gate == Gate::Open, "nobody else is served meanwhile");
}

async fn relay() -> String {
    let builder = Server::builder().store(MemoryStore::default());
    let server = builder.bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let url = format!("ws://{}/sync", server.address());
    tokio::spawn(server.run(std::future::pending()));
    url
}

async fn member(url: &str, name: &str, document: Automerge) -> Peer {
    let mut peer = Peer::connect(url, name, DOCUMENT, document).await;
    timeout(PATIENCE, peer.settles()).await.unwrap();
    peer
}

fn empty(actor: u8) -> Automerge {
    Automerge::new().with_actor(ActorId::from([actor; 16]))
}

/// Makes an edit, and waits until the relay has it.
async fn goes_on(peer: &mut Peer, value: &str) {
    let edit = peer.edits("key", value);
    peer.speaks().await;
    timeout(PATIENCE, peer.settles()).await.unwrap();
    assert_eq!(peer.acknowledged(), [edit]);
}

/// A frame that brings `changes`.
fn frame(name: &str, changes: &[&[u8]]) -> Vec<u8> {
    let (sender, target) = (PeerId::parse(name).unwrap(), PeerId::parse("relay").unwrap());
    let message = SyncMessage {
        format: SyncFormat::Blob,
        heads: Vec::new(),
        need: Vec::new(),
        have: vec![Have::default()],
        changes: changes.iter().map(|part| (*part).into()).collect(),
        flags: Some(SyncFlags::SUPPORTS_SYNC_RESET),
    };
    let data = message.encode().into();
    encode(&Message::Sync(DocumentSync { sender, target, document: DOCUMENT, data }))
}

/// Connects, sends a frame, and waits until the relay closes: with which code, and why.
async fn is_closed_over(url: &str, name: &str, frame: &[u8]) -> (u16, String) {
    let (mut socket, _) = connect_async(url).await.unwrap();
    let handshake = Handshake::new(PeerId::parse(name).unwrap(), PeerMetadata::default());
    socket.send(Frame::Binary(handshake.join().into())).await.unwrap();
    socket.send(Frame::Binary(frame.to_vec().into())).await.unwrap();
    let closed = async {
        while let Some(Ok(frame)) = socket.next().await {
            if let Frame::Close(Some(close)) = frame {
                return (close.code.into(), close.reason.to_string());
            }
        }
        panic!("the connection ended without a word");
    };
    timeout(PATIENCE, closed).await.unwrap()
}

#[tokio::test]
async fn a_panic_over_a_frame_closes_its_sender_and_the_same_bytes_are_not_read_again() {
    let url = relay().await;
    let mut ben = member(&url, "ben", empty(2)).await;
    goes_on(&mut ben, "before").await;
    let long = vec![0; 10_000];
    for (panicked, frame) in [(1, frame(IN_FRAME, &[])), (2, frame(IN_FRAME, &[&long]))] {
        for _again in 0..2 {
            let closed = is_closed_over(&url, IN_FRAME, &frame).await;
            assert_eq!(closed, (1008, QUARANTINED.to_owned()));
            assert_eq!(panics_of(IN_FRAME), panicked);
        }
        goes_on(&mut ben, &format!("after {panicked}")).await;
    }
}

#[tokio::test]
async fn a_panic_of_a_room_closes_its_sender_and_everybody_else_goes_on_in_a_new_room() {
    let url = relay().await;
    let mut ben = member(&url, "ben", empty(2)).await;
    goes_on(&mut ben, "before").await;
    let bytes = frame(IN_ROOM, &[]);
    assert_eq!(is_closed_over(&url, IN_ROOM, &bytes).await, (1008, QUARANTINED.to_owned()));
    // Those who were there are closed, and connect again.
    while timeout(PATIENCE, ben.takes()).await.unwrap() {}
    let mut ben = member(&url, "ben", ben.document).await;
    goes_on(&mut ben, "after").await;
    let mut ana = member(&url, "ana", empty(1)).await;
    assert_eq!(ana.document.get_heads(), ben.document.get_heads());

    assert_eq!(is_closed_over(&url, IN_ROOM, &bytes).await, (1008, QUARANTINED.to_owned()));
    assert_eq!(panics_of(IN_ROOM), 1);
    // Nobody is closed over the same bytes.
    goes_on(&mut ana, "and on").await;
}

/// On one thread, which would do nothing else while it reads.
#[tokio::test(flavor = "current_thread")]
async fn a_small_bomb_keeps_nobody_waiting_and_is_refused() {
    let url = relay().await;
    let mut bomb = AutoCommit::new();
    let text = bomb.put_object(ROOT, "text", ObjType::Text).unwrap();
    bomb.splice_text(&text, 0, 0, &"a".repeat(300_000)).unwrap();
    let bomb = frame(IN_DOCUMENT, &[&bomb.save()]);
    assert!(bomb.len() < 1024, "{}", bomb.len());
    let refused = tokio::spawn({
        let url = url.clone();
        async move { is_closed_over(&url, IN_DOCUMENT, &bomb).await }
    });
    while *GATE.0.lock().unwrap() == Gate::Unused {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut ben = member(&url, "ben", empty(2)).await;
    goes_on(&mut ben, "meanwhile").await;
    assert!(*GATE.0.lock().unwrap() == Gate::Waits);
    *GATE.0.lock().unwrap() = Gate::Open;
    GATE.1.notify_all();
    let (code, reason) = refused.await.unwrap();
    assert_eq!(code, 1002);
    assert!(reason.contains("cannot be read"), "{reason}");
}
