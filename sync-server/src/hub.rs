//! The table of rooms: one for each document that somebody has open.

use crate::committer::Committer;
use crate::outbox::Outbox;
use crate::room_task::{RoomInput, RoomTask};
use crate::store::Store;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use sync_protocol::{DocumentId, PeerId};
use tokio::sync::mpsc;

use crate::relay::ConnectionId;

/// How many inputs of a room may wait. Then whoever has more stops reading from its socket.
const INPUTS_MAX: usize = 256;

/// The way into a room.
pub type RoomSender = mpsc::Sender<RoomInput>;

/// All rooms, and what they share.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    own: PeerId,
    store: Arc<dyn Store>,
    committer: Committer,
    /// The clock of all rooms counts from here.
    started: Instant,
    connections: AtomicU64,
    rooms: Mutex<BTreeMap<DocumentId, Entry>>,
}

struct Entry {
    room: RoomSender,
    /// How often somebody entered. The room ends only if it has seen all of them leave.
    entered: u64,
}

impl Hub {
    /// A hub without rooms. The relay is called `own`.
    pub fn new(own: PeerId, store: Arc<dyn Store>, committer: Committer) -> Self {
        let (connections, rooms) = (AtomicU64::new(0), Mutex::default());
        let started = Instant::now();
        Self { shared: Arc::new(Shared { own, store, committer, started, connections, rooms }) }
    }

    /// What the relay is called.
    pub fn own(&self) -> &PeerId {
        &self.shared.own
    }

    /// A number for a new connection.
    pub fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.shared.connections.fetch_add(1, Ordering::Relaxed))
    }

    /// Enters the room of a document, which is opened if it is not.
    pub async fn enter(
        &self,
        document: DocumentId,
        peer: PeerId,
        outbox: Arc<Outbox>,
    ) -> RoomSender {
        let room = self.room(document);
        // A room that has failed since is noticed at the next input.
        _ = room.send(RoomInput::Enter { peer, outbox }).await;
        room
    }

    fn room(&self, document: DocumentId) -> RoomSender {
        let mut rooms = self.rooms();
        if let Some(entry) = rooms.get_mut(&document)
            && !entry.room.is_closed()
        {
            entry.entered += 1;
            return entry.room.clone();
        }
        let (room, inputs) = mpsc::channel(INPUTS_MAX);
        rooms.insert(document, Entry { room: room.clone(), entered: 1 });
        let Shared { own, store, committer, started, .. } = &*self.shared;
        let task = RoomTask {
            hub: self.clone(),
            document,
            own: own.clone(),
            store: store.clone(),
            committer: committer.clone(),
            started: *started,
            room: room.downgrade(),
        };
        tokio::spawn(task.run(inputs));
        room
    }

    /// Closes a room that everybody has left, unless somebody is just entering: whether it closes.
    pub fn retire(&self, document: DocumentId, entered: u64) -> bool {
        let mut rooms = self.rooms();
        let is_left = rooms.get(&document).is_some_and(|entry| entry.entered == entered);
        if is_left {
            rooms.remove(&document);
        }
        is_left
    }

    fn rooms(&self) -> MutexGuard<'_, BTreeMap<DocumentId, Entry>> {
        // Every change to the table is complete before the guard is dropped.
        self.shared.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
