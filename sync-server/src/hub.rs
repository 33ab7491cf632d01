//! The table of rooms: one for each document that somebody has open.

use crate::committer::Committer;
use crate::full_check::{FullChecks, Pace};
use crate::large::LargeFrames;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::quarantine::Quarantine;
use crate::relay::{Acknowledged, ConnectionId};
use crate::room_task::{Entering, May, RoomInput, RoomTask, Visitor};
use crate::store::Store;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use sync_protocol::{DocumentId, PeerId};
use tokio::sync::mpsc;

/// How many inputs of a room may wait. Then whoever has more stops reading from its socket.
const INPUTS_MAX: usize = 256;

/// The way into a room.
pub type RoomSender = mpsc::Sender<RoomInput>;

/// One connection's way into a room, and what it need not tell it.
#[derive(Debug)]
pub struct Door {
    room: RoomSender,
    acknowledged: Arc<Mutex<Acknowledged>>,
    /// Set by the room while it learns nothing from the connection's acknowledgements.
    follows: Arc<AtomicBool>,
}

impl Door {
    /// Tells the room something; `false` if the room is gone.
    pub async fn tell(&self, input: RoomInput) -> bool {
        // What it says may change how the room sees it, so the room decides anew.
        self.follows.store(false, Ordering::Relaxed);
        self.room.send(input).await.is_ok()
    }

    /// Whether the room learns nothing from a message with this payload.
    ///
    /// The room may be about to change its mind, because of something said just before. Then it
    /// goes without this acknowledgement until the next one, and sends the peer what it has already
    /// worked out, which costs more but is no different.
    pub fn may_skip(&self, payload: &[u8]) -> bool {
        self.follows.load(Ordering::Relaxed) && acknowledged(&self.acknowledged).contains(payload)
    }
}

/// What a room has told lately.
pub fn acknowledged(shared: &Mutex<Acknowledged>) -> MutexGuard<'_, Acknowledged> {
    // Every change to it is complete before the guard is dropped.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How what clients send is checked.
#[derive(Debug, Clone, Copy)]
pub struct Checks {
    /// Whether each change is, before it is stored and passed on.
    pub admits: bool,
    /// How often each document is, in full.
    pub pace: Pace,
    /// How large a document may become.
    pub most: DocumentLimits,
}

/// How large a document may become, before nobody may change it any more, and how often somebody is sent
/// again what they were sent already.
#[derive(Debug, Clone, Copy)]
pub struct DocumentLimits {
    changes: usize,
    bytes: usize,
    /// How often one connection is.
    pub full_replies: u32,
}

impl DocumentLimits {
    /// What was chosen.
    pub fn of(limits: &Limits) -> Self {
        Self {
            changes: limits.changes_per_document_max,
            bytes: limits.bytes_per_document_max,
            full_replies: limits.full_replies_max,
        }
    }

    /// Whether a document with so much has reached them.
    pub fn are_reached(self, changes: usize, bytes: usize) -> bool {
        changes >= self.changes || bytes >= self.bytes
    }
}

/// All rooms, and what they share.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

/// The same, which does not keep the relay alive.
#[derive(Clone)]
pub struct WeakHub {
    shared: Weak<Shared>,
}

impl WeakHub {
    /// The hub, if the relay is still there.
    pub fn upgrade(&self) -> Option<Hub> {
        self.shared.upgrade().map(|shared| Hub { shared })
    }
}

struct Shared {
    own: PeerId,
    store: Arc<dyn Store>,
    committer: Committer,
    /// The clock of all rooms counts from here.
    started: Instant,
    /// What the clock on the wall showed then, in milliseconds since 1970.
    started_at_ms: u64,
    connections: AtomicU64,
    large: Arc<LargeFrames>,
    quarantine: Quarantine,
    /// Whether what clients send is checked.
    admits: bool,
    most: DocumentLimits,
    checks: Arc<FullChecks>,
    rooms: Mutex<BTreeMap<DocumentId, Entry>>,
}

struct Entry {
    room: RoomSender,
    acknowledged: Arc<Mutex<Acknowledged>>,
    /// How often somebody entered. The room ends only if it has seen all of them leave.
    entered: u64,
}

impl Hub {
    /// A hub without rooms. The relay is called `own`.
    pub fn new(own: PeerId, store: Arc<dyn Store>, committer: Committer, checks: Checks) -> Self {
        let Checks { admits, pace, most } = checks;
        let (connections, rooms) = (AtomicU64::new(0), Mutex::default());
        let started = Instant::now();
        // A clock before 1970 is set wrong; reports about storages then start from there.
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started_at_ms = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
        let shared = Shared {
            own,
            store,
            committer,
            started,
            started_at_ms,
            connections,
            large: Arc::default(),
            quarantine: Quarantine::default(),
            admits,
            most,
            checks: Arc::new(FullChecks::new(pace)),
            rooms,
        };
        Self { shared: Arc::new(shared) }
    }

    /// For whoever must not keep the relay alive.
    pub fn downgrade(&self) -> WeakHub {
        WeakHub { shared: Arc::downgrade(&self.shared) }
    }

    /// What the relay is called.
    pub fn own(&self) -> &PeerId {
        &self.shared.own
    }

    /// What documents are kept in.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    /// Where what must be stored is handed in.
    pub fn committer(&self) -> &Committer {
        &self.shared.committer
    }

    /// What is counted.
    pub fn metrics(&self) -> &Arc<Metrics> {
        self.shared.committer.metrics()
    }

    /// How many rooms there are.
    pub fn rooms_open(&self) -> usize {
        // One that has failed stays in the table until somebody enters it anew.
        self.rooms().values().filter(|entry| !entry.room.is_closed()).count()
    }

    /// The time, by the clock of all rooms.
    pub fn now(&self) -> Duration {
        self.shared.started.elapsed()
    }

    /// What the clock on the wall showed when that of the rooms began, in milliseconds since 1970.
    pub fn started_at_ms(&self) -> u64 {
        self.shared.started_at_ms
    }

    /// What connections share to write large frames.
    pub fn large(&self) -> Arc<LargeFrames> {
        self.shared.large.clone()
    }

    /// Whether changes are checked before they are stored and passed on.
    pub fn admits(&self) -> bool {
        self.shared.admits
    }

    /// How large a document may become.
    pub fn most(&self) -> DocumentLimits {
        self.shared.most
    }

    /// The frames that nobody looks at again.
    pub fn quarantine(&self) -> &Quarantine {
        &self.shared.quarantine
    }

    /// Which documents are due to be checked.
    pub fn checks(&self) -> &Arc<FullChecks> {
        &self.shared.checks
    }

    /// A number for a new connection.
    pub fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.shared.connections.fetch_add(1, Ordering::Relaxed))
    }

    /// Enters the room of a document, which is opened if it is not.
    pub async fn enter(&self, document: DocumentId, visitor: Visitor, may: May) -> Door {
        let (room, acknowledged) = self.room(document);
        let follows = Arc::new(AtomicBool::new(false));
        let entering = Entering { visitor, may, follows: follows.clone() };
        let input = RoomInput::Enter(Box::new(entering));
        // A room that has failed since is noticed at the next input.
        _ = room.send(input).await;
        Door { room, acknowledged, follows }
    }

    /// Tells the room of a document something, if there is one.
    pub async fn tell(&self, document: DocumentId, input: RoomInput) {
        let room = self.rooms().get(&document).map(|entry| entry.room.clone());
        if let Some(room) = room {
            // One that is gone need not be told.
            _ = room.send(input).await;
        }
    }

    /// A document is no longer set aside: whoever asks for it from now on gets it, and those who were
    /// turned away are told to ask again. Blocks.
    pub fn put_back(&self, document: DocumentId) {
        self.checks().put_back(document);
        let room = self.rooms().get(&document).map(|entry| entry.room.clone());
        // As above.
        room.into_iter().for_each(|room| _ = room.blocking_send(RoomInput::PutBack));
    }

    fn room(&self, document: DocumentId) -> (RoomSender, Arc<Mutex<Acknowledged>>) {
        let mut rooms = self.rooms();
        if let Some(entry) = rooms.get_mut(&document)
            && !entry.room.is_closed()
        {
            entry.entered += 1;
            return (entry.room.clone(), entry.acknowledged.clone());
        }
        let (room, mut inputs) = mpsc::channel(INPUTS_MAX);
        let acknowledged = Arc::default();
        let entry =
            Entry { room: room.clone(), acknowledged: Arc::clone(&acknowledged), entered: 1 };
        rooms.insert(document, entry);
        let task = RoomTask {
            hub: self.clone(),
            document,
            room: room.downgrade(),
            acknowledged: Arc::clone(&acknowledged),
        };
        let task = async move { task.run(&mut inputs).await };
        // As in the writer.
        debug_assert!(size_of_val(&task) <= 536);
        tokio::spawn(task);
        (room, acknowledged)
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
