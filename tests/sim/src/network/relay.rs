//! The relay: a room, the store that it writes to, and a disk that takes its time.

use super::link::Link;
use super::machine::DOCUMENT;
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;
use sync_protocol::{Access, ChangeHash, Handshake, PeerId, PeerMetadata};
use sync_server::compaction::{compaction_of, load};
use sync_server::relay::{
    ConnectionId, History, HistoryForm, Incoming, Received, Room, RoomFrame, read,
};
use sync_server::store::{Append, MemoryStore, Store};

/// So small that catching up takes several messages.
const MESSAGE_BYTES_MAX: usize = 2_000;
/// So small that documents are compacted every now and then.
const COMPACT_BYTES_MIN: usize = 1_500;

pub struct Relay {
    room: Room,
    store: MemoryStore,
    /// What is on its way to the disk; meanwhile frames wait.
    committing: Option<Append>,
    waiting: VecDeque<(ConnectionId, Vec<u8>)>,
    handshake: Handshake,
    /// Every change that the disk has.
    pub stored: BTreeSet<ChangeHash>,
}

/// What becomes of a frame that a machine sent.
pub enum Taken {
    /// Nothing for the link.
    Quiet,
    /// This goes back at once.
    Answer(Vec<u8>),
    /// The relay hangs up.
    HangUp,
}

impl Relay {
    pub fn new() -> Self {
        let metadata = PeerMetadata { is_durable: true, ..PeerMetadata::default() };
        Self {
            room: small(Room::new(DOCUMENT, own())),
            store: MemoryStore::default(),
            committing: None,
            waiting: VecDeque::new(),
            handshake: Handshake::new(own(), metadata),
            stored: BTreeSet::new(),
        }
    }

    /// Takes a frame, or keeps it until the disk is done.
    pub fn take(&mut self, link: &mut Link, frame: Vec<u8>, now: Duration) -> Taken {
        let Some(peer) = link.peer.clone() else {
            // Frames that arrive out of order are no beginning.
            let Ok((introduced, answer)) = self.handshake.accept(&frame) else {
                return Taken::HangUp;
            };
            link.peer = Some(introduced.peer);
            return Taken::Answer(answer);
        };
        if self.committing.is_some() {
            self.waiting.push_back((link.id, frame));
            return Taken::Quiet;
        }
        let Ok(incoming) = read(&frame, &peer) else { return Taken::HangUp };
        let Incoming::Sync { is_request, message, changes, .. } = incoming else {
            return Taken::Quiet;
        };
        if !link.has_entered {
            link.has_entered = true;
            self.room.enter(link.id, peer, Access::ReadWrite);
        }
        let received = Received { is_request, message, changes };
        if self.room.needs_index(&received) {
            let snapshot = self.store.beginning(DOCUMENT).expect("memory can be read").snapshot;
            self.room.build_index(snapshot.as_ref()).expect("what is stored is sound");
        }
        match self.room.receive(link.id, received, now) {
            Ok(_) => Taken::Quiet,
            Err(_) => Taken::HangUp,
        }
    }

    /// Whether the disk has something to do now that it had not.
    pub fn begins_to_commit(&mut self) -> bool {
        if self.committing.is_none() {
            self.committing = self.room.unstored();
            return self.committing.is_some();
        }
        false
    }

    /// The disk has it. Returns the frames that waited.
    pub fn committed(&mut self) -> VecDeque<(ConnectionId, Vec<u8>)> {
        if let Some(append) = self.committing.take() {
            self.write(&append);
            self.room.stored();
        }
        std::mem::take(&mut self.waiting)
    }

    /// Puts what is stored together if it has become long; whether it did.
    pub fn compact(&mut self) -> bool {
        if !self.room.is_worth_compacting() {
            return false;
        }
        let compaction = compaction_of(&self.store, DOCUMENT).expect("what is stored is sound");
        let Some(compaction) = compaction else { return false };
        assert!(self.store.compact(&compaction).expect("memory takes it"), "nothing came between");
        let stored = self.store.load(DOCUMENT).expect("memory can be read");
        let stored = stored.expect("it has just been written");
        self.room.compacted(stored.snapshot.expect("as above"));
        true
    }

    /// Gives the room what it wants to read from the store; whether it wanted something.
    pub fn fetch(&mut self, now: Duration) -> bool {
        let Some(form) = self.room.unfetched() else { return false };
        let snapshot = self.store.beginning(DOCUMENT).expect("memory can be read").snapshot;
        let snapshot = snapshot.expect("older changes are in a snapshot");
        let one_by_one = || {
            let document = load(&snapshot.bytes).expect("a snapshot loads");
            let changes = document.get_changes(&[]).into_iter();
            changes.map(|change| (change.hash(), change.raw_bytes().into())).collect()
        };
        let changes = (form == HistoryForm::Changes).then(one_by_one);
        self.room.fetched(History { snapshot, changes }, now);
        true
    }

    pub fn is_committing(&self) -> bool {
        self.committing.is_some()
    }

    /// What a link is to be sent now.
    pub fn messages_for(&mut self, link: ConnectionId, now: Duration) -> Vec<Vec<u8>> {
        let frames = self.room.messages_for(link, now);
        frames.into_iter().map(RoomFrame::into_bytes).collect()
    }

    pub fn listeners(&self) -> Vec<ConnectionId> {
        self.room.listeners()
    }

    pub fn leave(&mut self, link: ConnectionId) {
        self.room.leave(link);
        self.waiting.retain(|(from, _)| *from != link);
    }

    pub fn tick(&mut self, now: Duration) {
        self.room.tick(now);
    }

    pub fn poll_timeout(&self) -> Option<Duration> {
        self.room.poll_timeout()
    }

    pub fn heads(&self) -> Vec<ChangeHash> {
        self.room.heads().to_vec()
    }

    /// The process is killed or the power fails: what was on its way to the disk is lost, or just
    /// made it. Then it starts again.
    pub fn crash(&mut self, made_it: bool) {
        if let Some(append) = self.committing.take().filter(|_| made_it) {
            self.write(&append);
        }
        self.waiting.clear();
        let stored = self.store.load(DOCUMENT).expect("memory can be read");
        let room = match stored {
            Some(stored) => Room::restore(DOCUMENT, own(), stored).expect("what was stored opens"),
            None => Room::new(DOCUMENT, own()),
        };
        self.room = small(room);
    }

    fn write(&mut self, append: &Append) {
        self.store.append(std::slice::from_ref(append)).expect("memory takes it");
        self.stored.extend(append.changes.iter().map(|change| change.entry.hash));
    }
}

fn small(room: Room) -> Room {
    room.sending_at_most(MESSAGE_BYTES_MAX).compacting_at(COMPACT_BYTES_MIN)
}

fn own() -> PeerId {
    PeerId::parse("relay").expect("a short name")
}
