//! What a room sends that keeps only the end of its document's history in memory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Automerge, ChangeHash};
use common::grown;
use std::time::Duration;
use sync_protocol::{
    Access, ChunkKind, DocumentId, Have, Message, PeerId, SyncFlags, SyncFormat, SyncMessage,
    chunks, decode,
};
use sync_server::compaction::{compaction_of, load};
use sync_server::relay::{ConnectionId, HISTORY_KEPT, History, HistoryForm, Received, Room};
use sync_server::store::{MemoryStore, Snapshot, Store};

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const NOW: Duration = Duration::ZERO;

/// A document of which a store has two snapshots and two changes behind them.
struct Kept {
    store: MemoryStore,
    document: Automerge,
    /// At the second snapshot, where the log starts.
    early: Vec<ChangeHash>,
}

impl Kept {
    fn new() -> Self {
        let document = Automerge::new().with_actor(ActorId::from([1; 16]));
        let mut kept = Self { store: MemoryStore::default(), document, early: vec![] };
        kept.grows(20);
        kept.compacts();
        kept.grows(10);
        kept.compacts();
        kept.early = kept.document.get_heads();
        kept.grows(2);
        kept
    }

    fn grows(&mut self, count: usize) {
        let append = grown(&mut self.document, DOCUMENT, count);
        self.store.append(&[append]).unwrap();
    }

    fn compacts(&self) {
        let compaction = compaction_of(&self.store, DOCUMENT).unwrap().unwrap();
        assert!(self.store.compact(&compaction).unwrap());
    }

    fn room(&self) -> Room {
        let stored = self.store.load(DOCUMENT).unwrap().unwrap();
        Room::restore(DOCUMENT, PeerId::parse("relay").unwrap(), stored).unwrap()
    }

    fn snapshot(&self) -> Snapshot {
        self.store.beginning(DOCUMENT).unwrap().snapshot.unwrap()
    }

    fn history(&self, form: HistoryForm) -> History {
        let snapshot = self.snapshot();
        let changes = load(&snapshot.bytes).unwrap().get_changes(&[]);
        let changes = changes.iter().map(|change| (change.hash(), change.raw_bytes().into()));
        let changes = (form == HistoryForm::Changes).then(|| changes.collect());
        History { snapshot, changes }
    }
}

/// Somebody with these heads opens the document; a client of old if it has no flags.
fn opens(room: &mut Room, number: u64, heads: &[ChangeHash], flags: Option<SyncFlags>) {
    let connection = ConnectionId(number);
    room.enter(connection, PeerId::parse(&format!("peer-{number}")).unwrap(), Access::ReadWrite);
    let have = vec![Have { last_sync: heads.to_vec(), ..Have::default() }];
    let (heads, format) = (heads.to_vec(), SyncFormat::Changes);
    let message = SyncMessage { format, heads, need: vec![], have, changes: vec![], flags };
    let received = Received { is_request: true, message, changes: vec![] };
    room.receive(connection, received, NOW).unwrap();
}

const NEW: Option<SyncFlags> = Some(SyncFlags::SUPPORTS_SYNC_RESET);

/// The chunks in the frames for somebody.
fn sent(room: &mut Room, number: u64) -> Vec<Vec<u8>> {
    let mut sent = Vec::new();
    for frame in room.messages_for(ConnectionId(number), NOW) {
        let frame = frame.into_bytes();
        let Message::Sync(sync) = decode(&frame).unwrap() else { panic!("it syncs") };
        let message = SyncMessage::decode(&sync.data).unwrap();
        let parts = message.changes.iter().flat_map(|part| chunks(part));
        sent.extend(parts.map(|chunk| chunk.unwrap().bytes().to_vec()));
    }
    sent
}

fn kinds(sent: &[Vec<u8>]) -> Vec<ChunkKind> {
    sent.iter().map(|bytes| chunks(bytes).next().unwrap().unwrap().kind()).collect()
}

#[test]
fn whoever_has_nothing_is_sent_the_stored_snapshot_as_it_is_and_what_came_after() {
    let kept = Kept::new();
    let mut room = kept.room();
    opens(&mut room, 1, &[], NEW);
    assert!(sent(&mut room, 1).is_empty(), "it is not in memory");
    assert_eq!(room.unfetched(), Some(HistoryForm::Snapshot));
    room.fetched(kept.history(HistoryForm::Snapshot), NOW);
    assert_eq!(room.listeners(), [ConnectionId(1)]);
    let sent = sent(&mut room, 1);
    assert_eq!(kinds(&sent), [ChunkKind::Document, ChunkKind::Change, ChunkKind::Change]);
    assert_eq!(sent[0], *kept.snapshot().bytes);
    let mut copy = Automerge::new();
    copy.load_incremental(&sent.concat()).unwrap();
    assert_eq!(copy.get_heads(), kept.document.get_heads());
}

#[test]
fn whoever_has_what_the_snapshot_holds_is_sent_changes_from_memory() {
    let kept = Kept::new();
    let mut room = kept.room();
    opens(&mut room, 1, &kept.early, NEW);
    assert_eq!(kinds(&sent(&mut room, 1)), [ChunkKind::Change; 2]);
    assert_eq!(room.unfetched(), None);
}

#[test]
fn a_client_that_reads_no_whole_documents_is_sent_each_change() {
    let kept = Kept::new();
    let mut room = kept.room();
    opens(&mut room, 1, &[], None);
    assert!(sent(&mut room, 1).is_empty());
    assert_eq!(room.unfetched(), Some(HistoryForm::Changes));
    room.fetched(kept.history(HistoryForm::Changes), NOW);
    let sent = sent(&mut room, 1);
    let expected = kept.document.get_changes(&[]);
    let expected: Vec<&[u8]> = expected.iter().map(|change| change.raw_bytes()).collect();
    assert_eq!(sent, expected);
}

#[test]
fn a_thousand_who_open_a_document_at_once_have_it_read_once() {
    let kept = Kept::new();
    let mut room = kept.room();
    for number in 0..1000 {
        opens(&mut room, number, &[], NEW);
        assert!(sent(&mut room, number).is_empty());
        assert_eq!(room.unfetched().is_some(), number == 0, "asked for once");
    }
    room.fetched(kept.history(HistoryForm::Snapshot), NOW);
    for connection in room.listeners() {
        assert_eq!(sent(&mut room, connection.0).len(), 3);
    }
    assert_eq!(room.unfetched(), None);
    // Those who come a moment later share it too.
    opens(&mut room, 2000, &[], NEW);
    assert_eq!(sent(&mut room, 2000).len(), 3);
}

#[test]
fn what_was_fetched_is_let_go_once_nobody_has_needed_it_for_a_while() {
    let kept = Kept::new();
    let mut room = kept.room();
    opens(&mut room, 1, &[], NEW);
    assert!(sent(&mut room, 1).is_empty());
    assert!(room.unfetched().is_some());
    room.fetched(kept.history(HistoryForm::Snapshot), NOW);
    assert_eq!(sent(&mut room, 1).len(), 3);
    assert_eq!(room.poll_timeout(), Some(HISTORY_KEPT));
    room.tick(HISTORY_KEPT);
    assert_eq!(room.poll_timeout(), None);
    opens(&mut room, 2, &[], NEW);
    assert!(sent(&mut room, 2).is_empty());
    assert_eq!(room.unfetched(), Some(HistoryForm::Snapshot));
}

#[test]
fn a_snapshot_newer_than_the_room_knows_serves_as_well() {
    let mut kept = Kept::new();
    let mut room = kept.room();
    kept.compacts();
    opens(&mut room, 1, &[], NEW);
    assert!(sent(&mut room, 1).is_empty());
    assert!(room.unfetched().is_some());
    room.fetched(kept.history(HistoryForm::Snapshot), NOW);
    assert_eq!(kinds(&sent(&mut room, 1)), [ChunkKind::Document]);
    kept.grows(1);
}

#[test]
fn what_was_fetched_before_two_compactions_is_fetched_again() {
    for is_late in [false, true] {
        let mut kept = Kept::new();
        let mut room = kept.room();
        opens(&mut room, 1, &[], NEW);
        assert!(sent(&mut room, 1).is_empty());
        assert!(room.unfetched().is_some());
        let old = kept.history(HistoryForm::Snapshot);
        if !is_late {
            room.fetched(old.clone(), NOW);
        }
        let newest = |kept: &Kept| kept.store.load(DOCUMENT).unwrap().unwrap().snapshot.unwrap();
        kept.compacts();
        let first = newest(&kept);
        kept.grows(1);
        kept.compacts();
        room = match is_late {
            // What the room had in memory of the time between is gone with the compaction.
            true => {
                let mut room = kept.room();
                opens(&mut room, 1, &[], NEW);
                assert!(sent(&mut room, 1).is_empty() && room.unfetched().is_some());
                room.fetched(old, NOW);
                room
            }
            false => {
                room.compacted(first);
                room.compacted(newest(&kept));
                room
            }
        };
        assert!(sent(&mut room, 1).is_empty(), "there would be a gap");
        assert_eq!(room.unfetched(), Some(HistoryForm::Snapshot));
        room.fetched(kept.history(HistoryForm::Snapshot), NOW);
        assert_eq!(sent(&mut room, 1)[0], *kept.snapshot().bytes);
    }
}

#[test]
fn after_a_compaction_the_room_keeps_what_the_new_snapshot_replaced_and_no_more() {
    let kept = Kept::new();
    let mut room = kept.room().compacting_at(1);
    kept.compacts();
    let stored = kept.store.load(DOCUMENT).unwrap().unwrap();
    assert_eq!(room.tail_len(), 2);
    room.compacted(stored.snapshot.unwrap());
    assert_eq!((room.tail_len(), room.is_worth_compacting()), (0, false));
    opens(&mut room, 1, &kept.early, NEW);
    assert_eq!(kinds(&sent(&mut room, 1)), [ChunkKind::Change; 2]);
    opens(&mut room, 2, &[], NEW);
    assert!(sent(&mut room, 2).is_empty(), "what is older is in the store");
    assert!(room.unfetched().is_some());
}

#[test]
fn after_the_first_compaction_newcomers_are_sent_the_snapshot_and_not_each_change() {
    let document = Automerge::new().with_actor(ActorId::from([1; 16]));
    let mut kept = Kept { store: MemoryStore::default(), document, early: vec![] };
    kept.grows(20);
    let mut room = kept.room();
    kept.compacts();
    let stored = kept.store.load(DOCUMENT).unwrap().unwrap();
    room.compacted(stored.snapshot.unwrap());
    opens(&mut room, 1, &[], NEW);
    assert!(sent(&mut room, 1).is_empty(), "it is not in memory");
    assert_eq!(room.unfetched(), Some(HistoryForm::Snapshot));
    room.fetched(kept.history(HistoryForm::Snapshot), NOW);
    assert_eq!(sent(&mut room, 1), [kept.snapshot().bytes.to_vec()]);
}
