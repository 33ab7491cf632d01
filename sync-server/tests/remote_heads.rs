//! A room tells who asks how far the storages behind its members have got.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{
    Access, ChangeHash, DocumentId, Message, PeerId, RemoteHeads, StorageId, SyncMessage,
    acknowledgement, decode,
};
use sync_server::relay::{ConnectionId, Received, Room};

const NOW: Duration = Duration::from_secs(1);
const ANA: ConnectionId = ConnectionId(1);
const BEN: ConnectionId = ConnectionId(2);
const CLEO: ConnectionId = ConnectionId(3);

fn peer(name: &str) -> PeerId {
    PeerId::parse(name).unwrap()
}

fn tablet() -> StorageId {
    StorageId::parse("tablet").unwrap()
}

fn wants_tablet() -> Arc<BTreeSet<StorageId>> {
    Arc::new([tablet()].into())
}

/// Ana keeps her documents on the tablet, Ben and Cleo are there.
fn room() -> Room {
    let mut room = Room::new(DocumentId::from_bytes([7; 16]), peer("relay")).started_at(5_000);
    room.enter(ANA, peer("ana"), Access::ReadWrite);
    room.keeps_in(ANA, tablet());
    room.enter(BEN, peer("ben"), Access::ReadWrite);
    room.enter(CLEO, peer("cleo"), Access::ReadWrite);
    room
}

fn says_it_has(room: &mut Room, who: ConnectionId, head: u8) {
    let bytes = acknowledgement(&[ChangeHash([head; 32])]);
    let SyncMessage { format, heads, need, have, flags, .. } = SyncMessage::decode(&bytes).unwrap();
    let message = SyncMessage { format, heads, need, have, changes: Vec::new(), flags };
    let received = Received { is_request: false, message, changes: Vec::new() };
    room.receive(who, received, NOW).unwrap();
}

fn heads(head: u8, timestamp_ms: u64) -> BTreeMap<StorageId, RemoteHeads> {
    [(tablet(), RemoteHeads { heads: vec![ChangeHash([head; 32])], timestamp_ms })].into()
}

/// What a member is told about storages.
fn hears(room: &mut Room, who: ConnectionId) -> Option<BTreeMap<StorageId, RemoteHeads>> {
    assert!(room.listeners().contains(&who) || room.messages_for(who, NOW).is_empty());
    let frames = room.messages_for(who, NOW).into_iter().map(|frame| frame.into_bytes());
    let mut told = None;
    for frame in frames {
        if let Message::RemoteHeadsChanged(change) = decode(&frame).unwrap() {
            assert!(told.replace(change.heads).is_none(), "one message for all there is");
        }
    }
    told
}

#[test]
fn who_asks_hears_what_is_known_and_then_what_changes() {
    let mut room = room();
    says_it_has(&mut room, ANA, 1);
    assert_eq!(hears(&mut room, BEN), None, "he has not asked");
    room.subscribe(BEN, wants_tablet());
    assert_eq!(hears(&mut room, BEN), Some(heads(1, 6_000)));
    assert_eq!(hears(&mut room, BEN), None, "he has heard it");
    room.hear(CLEO, heads(2, 7_000));
    room.hear(CLEO, heads(3, 8_000));
    assert_eq!(hears(&mut room, BEN), Some(heads(3, 8_000)), "the latest only");
    assert_eq!(hears(&mut room, CLEO), None, "she said it herself, and has not asked");
    room.subscribe(BEN, Arc::default());
    room.hear(CLEO, heads(4, 9_000));
    assert_eq!(hears(&mut room, BEN), None, "he does not want to hear of it any more");
}

#[test]
fn a_report_does_not_go_in_circles() {
    let mut room = room();
    room.subscribe(BEN, wants_tablet());
    room.subscribe(CLEO, wants_tablet());
    room.hear(BEN, heads(1, 10));
    let told = hears(&mut room, CLEO).unwrap();
    room.hear(CLEO, told);
    assert_eq!(hears(&mut room, BEN), None);
    room.hear(CLEO, heads(2, 9));
    assert_eq!(hears(&mut room, BEN), None, "it is older than what is known");
}

#[test]
fn acknowledgements_matter_while_somebody_asks_about_their_storage() {
    let mut room = room();
    says_it_has(&mut room, ANA, 1);
    room.subscribe(BEN, wants_tablet());
    assert!(!room.follows(ANA));
    room.leave(BEN);
    room.hear(CLEO, heads(9, 99_000));
    assert_eq!(hears(&mut room, CLEO), None);
}
