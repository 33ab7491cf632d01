//! The relay: a room, the store that it writes to, and a disk that takes its time.

use super::link::Link;
use super::machine::DOCUMENT;
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;
use sync_protocol::{Access, ChangeHash, Handshake, PeerId, PeerMetadata, chunks};
use sync_server::relay::{ConnectionId, Incoming, Received, Room, RoomFrame, read};
use sync_server::store::{Append, MemoryStore, Store};

/// So small that catching up takes several messages.
const MESSAGE_BYTES_MAX: usize = 2_000;

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
            room: Room::new(DOCUMENT, own()).sending_at_most(MESSAGE_BYTES_MAX),
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
        self.room = room.sending_at_most(MESSAGE_BYTES_MAX);
    }

    fn write(&mut self, append: &Append) {
        self.store.append(std::slice::from_ref(append)).expect("memory takes it");
        for bytes in &append.chunks {
            let change = chunks(bytes).next().and_then(|chunk| chunk.ok()?.change().ok());
            self.stored.insert(change.expect("a stored chunk is a change").hash);
        }
    }
}

fn own() -> PeerId {
    PeerId::parse("relay").expect("a short name")
}
