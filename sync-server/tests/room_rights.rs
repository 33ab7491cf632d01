//! Who must come again to a room that takes changes which it did not take before.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Automerge};
use common::grown;
use std::time::Duration;
use sync_protocol::{Access, DocumentId, Have, PeerId, SyncFlags, SyncFormat, SyncMessage, chunks};
use sync_server::relay::{ConnectionId, Received, Room};

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const EDITOR: ConnectionId = ConnectionId(1);
const READER: ConnectionId = ConnectionId(2);

fn room() -> Room {
    let mut room = Room::new(DOCUMENT, PeerId::parse("relay").unwrap());
    room.enter(EDITOR, PeerId::parse("editor").unwrap(), Access::ReadWrite);
    room.enter(READER, PeerId::parse("reader").unwrap(), Access::ReadOnly);
    room
}

/// Brings a change of one's own.
fn brings(room: &mut Room, connection: ConnectionId) {
    let actor = ActorId::from([connection.0 as u8; 16]);
    let mut document = Automerge::new().with_actor(actor);
    let stored = grown(&mut document, DOCUMENT, 1).changes;
    let change = chunks(&stored[0].bytes).next().unwrap().unwrap().change().unwrap().into_owned();
    let message = SyncMessage {
        format: SyncFormat::Changes,
        heads: document.get_heads(),
        need: vec![],
        have: vec![Have::default()],
        changes: vec![],
        flags: Some(SyncFlags::SUPPORTS_SYNC_RESET),
    };
    let received = Received { is_request: false, message, changes: vec![change] };
    room.receive(connection, received, Duration::ZERO).unwrap();
}

#[test]
fn when_there_is_space_again_those_come_again_whose_changes_are_taken_now() {
    let mut room = room();
    assert_eq!(room.set_read_only(true), []);
    brings(&mut room, EDITOR);
    brings(&mut room, READER);
    assert_eq!(room.unstored(), None);
    assert_eq!(room.set_read_only(false), [EDITOR], "a reader would be refused again");
}

#[test]
fn a_reader_who_may_write_comes_again_only_if_something_of_theirs_was_refused() {
    let mut quiet = room();
    assert!(!quiet.set_access(READER, Access::ReadWrite));
    let mut room = room();
    brings(&mut room, READER);
    assert_eq!(room.unstored(), None);
    assert!(room.set_access(READER, Access::ReadWrite));
    brings(&mut room, READER);
    assert_eq!(room.unstored().unwrap().changes.len(), 1);
    // While there is no space nobody may, whatever an owner says.
    room.set_read_only(true);
    assert!(!room.set_access(READER, Access::ReadWrite));
}
