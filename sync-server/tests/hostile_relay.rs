//! The whole corpus of hostile changes, sent to a relay in a process of its own while other people
//! work on the same document.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;
#[path = "../../sync-protocol/tests/support/hostile/mod.rs"]
mod hostile;

use automerge::{ActorId, Automerge, LoadOptions, OnPartialLoad, ReadDoc};
use common::{Peer, Relay};
use hostile::World;
use hostile::cases::{Case, cases, messages};
use hostile::writer::arrive;
use std::time::Duration;
use sync_protocol::{
    DocumentId, DocumentSync, Have, Message, PeerId, SyncFlags, SyncFormat, SyncMessage, encode,
};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Frame;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const PATIENCE: Duration = Duration::from_secs(60);
/// Kinds that make no sense as a whole, so that nobody goes on who sends them.
const CLOSES: [&str; 3] = ["document", "bundle", "sync message"];
/// What makes sense in the end, if nowhere else, and does no harm; and a jump to where the document
/// has nearly come by then, with everybody's changes.
const HARMLESS: [&str; 2] =
    ["an author named by bytes with more than they need", "a jump far ahead"];
/// How much more memory the relay may take for all of it.
const PEAK_GROWTH_MAX: usize = 256 * 1024 * 1024;

/// A frame of Eve's that brings a chunk, as clients of either format send it.
fn brings(chunk: &[u8], format: SyncFormat) -> Frame {
    let heads = arrive(chunk).map(|change| vec![change.hash]).unwrap_or_default();
    let message = SyncMessage {
        format,
        heads,
        need: Vec::new(),
        have: vec![Have::default()],
        changes: vec![chunk.into()],
        flags: Some(SyncFlags::SUPPORTS_SYNC_RESET),
    };
    says(&message.encode())
}

/// A frame of Eve's with this payload.
fn says(payload: &[u8]) -> Frame {
    let (sender, target) = (PeerId::parse("eve").unwrap(), PeerId::parse("relay").unwrap());
    let sync = DocumentSync { sender, target, document: DOCUMENT, data: payload.into() };
    Frame::Binary(encode(&Message::Sync(sync)).into())
}

/// What the relay does about a frame of Eve's.
enum Answer {
    /// It ends the connection.
    Closes,
    /// It takes an honest change that she makes afterwards, and has these changes.
    GoesOn(Box<Automerge>),
}

async fn answer_to(relay: &Relay, number: u64, frame: Frame) -> Answer {
    // Another actor each time: a sequence number is used once.
    let actor = [[3; 8], number.to_be_bytes()].concat();
    let empty = Automerge::new().with_actor(ActorId::from(actor));
    let mut eve = Peer::connect(&relay.url(), "eve", DOCUMENT, empty).await;
    eve.sends(frame).await;
    eve.edits("eve", "an honest change");
    while eve.acknowledged() != eve.document.get_heads() {
        if !timeout(PATIENCE, eve.takes()).await.unwrap() {
            return Answer::Closes;
        }
    }
    Answer::GoesOn(Box::new(eve.document))
}

/// Whether the relay refused a case, as it must show.
fn is_refused(case: &Case, bytes: &[u8], answer: &Answer) -> bool {
    match answer {
        Answer::Closes => true,
        Answer::GoesOn(_) if CLOSES.contains(&case.kind) => false,
        Answer::GoesOn(document) => {
            arrive(bytes).is_none_or(|change| document.get_change_by_hash(&change.hash).is_none())
        }
    }
}

/// Somebody new opens the document, and can use it.
async fn opens(relay: &Relay, name: &str) -> Automerge {
    let document = Automerge::new().with_actor(ActorId::from(name.as_bytes()));
    let mut peer = Peer::connect(&relay.url(), name, DOCUMENT, document).await;
    timeout(PATIENCE, peer.settles()).await.unwrap();
    let edit = peer.edits("opened by", name);
    peer.speaks().await;
    timeout(PATIENCE, peer.settles()).await.unwrap();
    let options = LoadOptions::new().on_partial_load(OnPartialLoad::Error);
    let again = Automerge::load_with_options(&peer.document.save(), options).unwrap();
    assert_eq!(again.get_heads(), [edit]);
    again
}

#[tokio::test]
async fn hostile_changes_reach_nobody_and_keep_nobody_from_working() {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(directory.path());
    let world = World::new();
    let mut document = Automerge::new().with_actor(ActorId::from([1; 16]));
    document.apply_changes(world.changes.clone()).unwrap();
    let mut ana = Peer::connect(&relay.url(), "ana", DOCUMENT, document).await;
    timeout(PATIENCE, ana.settles()).await.unwrap();
    let reader = Automerge::new().with_actor(ActorId::from([2; 16]));
    let mut ben = Peer::connect(&relay.url(), "ben", DOCUMENT, reader).await;
    timeout(PATIENCE, ben.settles()).await.unwrap();
    let before = relay.peak_memory();

    let mut sent = 0;
    for (number, case) in cases(&world).iter().chain(&messages()).enumerate() {
        for bytes in &case.versions {
            let frames = match case.kind {
                "sync message" => vec![says(bytes)],
                _ => [SyncFormat::Blob, SyncFormat::Changes].map(|f| brings(bytes, f)).into(),
            };
            for frame in frames {
                sent += 1;
                let answer = answer_to(&relay, sent, frame).await;
                let is_harmless = HARMLESS.contains(&case.name);
                assert!(is_harmless || is_refused(case, bytes, &answer), "{}", case.name);
            }
        }
        // People go on, and see each other's work.
        let edit = ana.edits("after", &format!("{number} {}", case.name));
        ana.speaks().await;
        timeout(PATIENCE, ana.settles()).await.unwrap_or_else(|_| panic!("ana, {}", case.name));
        while ben.document.get_change_by_hash(&edit).is_none() {
            let heard = timeout(PATIENCE, ben.takes()).await;
            assert!(heard.unwrap_or_else(|_| panic!("ben, {}", case.name)), "{}", case.name);
        }
    }
    assert!(sent >= 300, "{sent}");
    let grown = relay.peak_memory().saturating_sub(before);
    assert!(grown <= PEAK_GROWTH_MAX, "{grown} bytes more");

    let seen = opens(&relay, "cleo").await;
    assert!(ana.document.get_heads().iter().all(|head| seen.get_change_by_hash(head).is_some()));
    relay.kill();
    relay.restart();
    opens(&relay, "dora").await;
}

/// So it is admission that stops them.
#[tokio::test]
async fn without_admission_a_hostile_change_is_stored_as_any_other() {
    let directory = tempfile::tempdir().unwrap();
    let options = ["--admission", "off"];
    let relay = Relay::start_with(directory.path(), "127.0.0.1:0", &options);
    let world = World::new();
    let mut document = Automerge::new().with_actor(ActorId::from([1; 16]));
    document.apply_changes(world.changes.clone()).unwrap();
    let mut eve = Peer::connect(&relay.url(), "eve", DOCUMENT, document).await;
    timeout(PATIENCE, eve.settles()).await.unwrap();
    let all = cases(&world);
    let crash = all.iter().find(|case| case.kind == "crash").unwrap();
    let bytes = crash.versions.first().unwrap();
    let hash = arrive(bytes).unwrap().hash;
    eve.sends(brings(bytes, SyncFormat::Changes)).await;
    while !eve.acknowledged().contains(&hash) {
        assert!(timeout(PATIENCE, eve.takes()).await.unwrap());
    }
}
