//! Frames, and the sync messages in them.

use crate::Start;
use automerge::sync::{self, SyncDoc};
use std::time::Duration;
use sync_protocol::*;

fn id(text: &str) -> PeerId {
    PeerId::parse(text).expect("a name")
}

/// A frame is a message or an error; a message is read again as it was.
pub fn frame(data: &[u8]) {
    let handshake = Handshake::new(id("relay"), PeerMetadata::default());
    if let Ok((introduced, answer)) = handshake.accept(data) {
        let client = Handshake::new(introduced.peer, PeerMetadata::default());
        client.finish(&answer).expect("a client understands the relay's answer");
    }
    _ = handshake.finish(data);
    let Ok(message) = decode(data) else { return };
    let written = encode(&message);
    assert_eq!(decode(&written).expect("what is written is read"), message);
    if let Message::Sync(sync) | Message::Request(sync) = &message {
        sync_message(&sync.data);
    }
}

/// A sync message means to us what it means to Automerge, which then can answer it.
pub fn sync_message(data: &[u8]) {
    let Ok(ours) = SyncMessage::decode(data) else { return };
    let written = ours.encode();
    assert_eq!(SyncMessage::decode(&written), Ok(ours.clone()));
    for bytes in [data, &written] {
        let theirs = sync::Message::decode(bytes).expect("Automerge reads what we accept");
        agree(&ours, &theirs);
    }
    answer(&ours);
}

fn agree(ours: &SyncMessage<'_>, theirs: &sync::Message) {
    assert_eq!(ours.heads, sorted(&theirs.heads));
    assert_eq!(ours.need, sorted(&theirs.need));
    assert_eq!(ours.have.len(), theirs.have.len());
    for (ours, theirs) in ours.have.iter().zip(&theirs.have) {
        assert_eq!(ours.last_sync, sorted(&theirs.last_sync));
        for byte in [0, 7, 255] {
            let hash = ChangeHash([byte; 32]);
            assert_eq!(ours.since.contains(&hash), theirs.bloom.contains_hash(&hash));
        }
    }
    assert!(ours.changes.iter().map(|part| &**part).eq(theirs.changes.iter()));
    assert_eq!(ours.format == SyncFormat::Blob, theirs.version == sync::MessageVersion::V2);
    assert_eq!(ours.sender_reads_blobs(), theirs.flags.is_some());
    for flag in [SyncFlags::SYNC_RESET, SyncFlags::READ_ONLY, SyncFlags::SUPPORTS_SYNC_RESET] {
        let number = match flag {
            SyncFlags::SYNC_RESET => sync::MessageFlags::SYNC_RESET,
            SyncFlags::READ_ONLY => sync::MessageFlags::READ_ONLY,
            _ => sync::MessageFlags::SUPPORTS_SYNC_RESET,
        };
        assert_eq!(ours.has_flags(flag), theirs.flags.is_some_and(|flags| flags.contains(number)));
    }
}

fn sorted(hashes: &[ChangeHash]) -> Vec<ChangeHash> {
    let mut hashes = hashes.to_vec();
    hashes.sort();
    hashes.dedup();
    hashes
}

/// What a relay says to it, a client reads; and what a client that has the document says.
fn answer(message: &SyncMessage<'_>) {
    let Start { world, admission, document } = Start::get();
    let mut graph = admission.clone();
    graph.mark_stored(graph.len());
    let mut peer = PeerSync::new(Access::ReadWrite);
    for _ in 0..3 {
        if peer.receive(&mut graph, message, [], Duration::ZERO).is_err() {
            return;
        }
        if let Some(outgoing) = peer.next_message(&graph) {
            let sent = outgoing.changes.iter().filter_map(|at| world.changes.get(*at));
            let sent = outgoing.with_chunks(sent.map(|change| change.raw_bytes())).encode();
            sync::Message::decode(&sent).expect("a client reads what a relay says");
        }
    }
    let without = SyncMessage { changes: Vec::new(), ..message.clone() };
    let theirs = sync::Message::decode(&without.encode()).expect("a message without changes");
    let mut document = document.clone();
    let mut state = sync::State::new();
    for _ in 0..2 {
        _ = document.receive_sync_message(&mut state, theirs.clone());
        if let Some(answer) = document.generate_sync_message(&mut state) {
            SyncMessage::decode(&answer.encode()).expect("we read what Automerge says");
        }
    }
}
