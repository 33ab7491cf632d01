//! Readers that take nothing, beside others on the same document: they cost a position, not a buffer.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Automerge, ChangeHash};
use common::{Peer, Relay, noise};
use futures_util::future::join_all;
use sync_protocol::DocumentId;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const STUCK: u8 = 32;
const READERS: u8 = 5;
const CHANGES: usize = 256;
const CHANGE_BYTES: usize = 64 * 1024;

/// Half of what all of it would take for all who are stuck. Each may have 1 MiB in its outbox and
/// a frame beside it; the room has the document once, and so has the compaction, a few times.
const GROWTH_MAX: usize = STUCK as usize * CHANGES * CHANGE_BYTES / 2;

fn named(actor: u8) -> Automerge {
    Automerge::new().with_actor(ActorId::from([actor; 16]))
}

async fn has(peer: &mut Peer, heads: &[ChangeHash]) -> usize {
    let mut taken = 0;
    while peer.document.get_heads() != heads {
        assert!(peer.takes().await, "the relay closed on {}", peer.name);
        taken += 1;
    }
    taken
}

#[tokio::test]
async fn readers_that_take_nothing_cost_no_memory_keep_nobody_waiting_and_catch_up_in_few_messages()
{
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let mut ana = Peer::connect(&relay.url(), "ana", DOCUMENT, named(1)).await;
    ana.edits("title", "first");
    ana.speaks().await;
    ana.settles().await;
    let first = ana.document.get_heads();
    let mut readers = Vec::new();
    for reader in 0..READERS {
        let name = format!("reader-{reader}");
        readers.push(Peer::connect(&relay.url(), &name, DOCUMENT, named(10 + reader)).await);
    }
    let mut stuck = Vec::new();
    for reader in 0..STUCK {
        let name = format!("stuck-{reader}");
        stuck.push(Peer::narrow(&relay.url(), &name, DOCUMENT, named(100 + reader)).await);
    }
    for peer in readers.iter_mut().chain(&mut stuck) {
        has(peer, &first).await;
    }
    let before = relay.peak_memory();
    for number in 0..CHANGES {
        ana.edits("title", &noise(number, CHANGE_BYTES));
        ana.speaks().await;
        ana.settles().await;
        let heads = ana.document.get_heads();
        // All who read have it while the others take nothing.
        join_all(readers.iter_mut().map(|reader| has(reader, &heads))).await;
    }
    let growth = relay.peak_memory() - before;
    assert!(growth < GROWTH_MAX, "{growth} bytes more");
    let heads = ana.document.get_heads();
    let frames = join_all(stuck.iter_mut().map(|reader| has(reader, &heads))).await;
    let most = frames.into_iter().max().unwrap();
    println!("{} MiB more for {STUCK} stuck readers, who caught up in {most} frames", growth >> 20);
    assert!(most < CHANGES / 2, "{most} frames for {CHANGES} changes");
}
