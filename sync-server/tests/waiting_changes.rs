//! A room lets go of changes whose dependencies do not come, also of members who say nothing more.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Automerge};
use common::grown;
use std::time::Duration;
use sync_protocol::{
    Access, DocumentId, Have, PeerId, SyncFlags, SyncFormat, SyncMessage, WAITING_TIME_MAX, chunks,
};
use sync_server::relay::{ConnectionId, Received, Room};

#[test]
fn what_a_silent_member_s_changes_wait_for_is_waited_for_a_minute() {
    let document = DocumentId::from_bytes([7; 16]);
    let mut room = Room::new(document, PeerId::parse("relay").unwrap());
    let mut whole = Automerge::new().with_actor(ActorId::from([1; 16]));
    let stored = grown(&mut whole, document, 2).changes;
    let orphan = chunks(&stored[1].bytes).next().unwrap().unwrap().change().unwrap().into_owned();
    let connection = ConnectionId(1);
    room.enter(connection, PeerId::parse("ana").unwrap(), Access::ReadWrite);
    let message = SyncMessage {
        format: SyncFormat::Changes,
        heads: whole.get_heads(),
        need: vec![],
        have: vec![Have::default()],
        changes: vec![],
        flags: Some(SyncFlags::SUPPORTS_SYNC_RESET),
    };
    let received = Received { is_request: false, message, changes: vec![orphan] };
    let sent_at = Duration::from_secs(5);
    room.receive(connection, received, sent_at).unwrap();
    assert_eq!(room.unstored(), None);
    assert_eq!(room.poll_timeout(), Some(sent_at + WAITING_TIME_MAX));
    room.tick(sent_at + WAITING_TIME_MAX);
    assert_eq!(room.poll_timeout(), None);
}
