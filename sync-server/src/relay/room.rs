//! One document's live state: its change graph, its log, and who has it open.
//!
//! A turn goes: everything that arrived is [received](Room::receive); what is
//! [unstored](Room::unstored) goes to the store; once the disk has it, [`Room::stored`]; then every
//! [listener](Room::listeners) is sent what [`Room::messages_for`] gives. Messages are pulled, not
//! queued: a member whose socket is slow is asked later and gets one larger message, so it costs
//! the relay a position in the log and not a buffer.

mod index;
mod storages;
mod tell;

use crate::store::{Append, IndexEntry, SnapshotInfo, StoredChange, StoredDocument};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{
    Access, AddError, Admission, ChangeHash, DocumentId, EphemeralSessions, Outgoing, PeerId,
    PeerSync, RESENDS_MAX, RawChange, SESSIONS_PER_CONNECTION, SharedFrame, StorageId, SyncMessage,
    TooManyResends,
};

use super::log::{COMPACT_BYTES_MIN, History, HistoryForm, Log};
use super::remote_heads::RemoteReports;
use super::restore::{RestoreError, restore};

/// How many bytes of changes go into one message; a longer catch-up takes several. A quarter of
/// what a frame may have, so that a slow link sees progress.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long whoever asks for an unknown document waits while somebody else is about to send it.
/// automerge-repo's own wait is as long.
pub const UNAVAILABLE_AFTER: Duration = Duration::from_secs(1);

/// One connection to the relay. Peers choose their names; the relay numbers connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// A step of syncing, read and checked.
#[derive(Debug)]
pub struct Received {
    /// The client wants to be told if the document is not there.
    pub is_request: bool,
    /// What the client has and lacks.
    pub message: SyncMessage<'static>,
    /// What it sends.
    pub changes: Vec<RawChange<'static>>,
}

/// The live state of one document.
#[derive(Debug)]
pub struct Room {
    document: DocumentId,
    own: PeerId,
    message_bytes_max: usize,
    graph: Admission,
    /// The changes, by position in the graph.
    log: Log,
    /// What the store needs to know of those that are not stored.
    entries: Vec<IndexEntry>,
    /// How many bytes of changes are worth a snapshot, at least.
    compact_bytes_min: usize,
    /// How often somebody may be sent again what they were sent already.
    resends_max: u32,
    /// Nobody may change anything at the moment.
    is_read_only: bool,
    /// What has been asked for and has not come.
    fetching: Option<HistoryForm>,
    /// The document's heads once everything in the log is stored, while something is not.
    heads: Option<BTreeSet<ChangeHash>>,
    /// Boxed: a map sets aside space for eleven.
    members: BTreeMap<ConnectionId, Box<Member>>,
    reports: RemoteReports,
    /// What the clock on the wall showed when the one that times are told by showed nothing.
    started_at_ms: u64,
    /// Members that may have something to be told.
    listeners: BTreeSet<ConnectionId>,
    /// The last message encoded: others in the same situation get the same bytes.
    /// Boxed, as is [`Member::parked`]: a quiet document has none.
    encoded: Option<Box<(Outgoing, Vec<SharedFrame>)>>,
    /// The frames for those who follow from this position on, and since when they are stored.
    followed: Option<(usize, Vec<SharedFrame>)>,
}

#[derive(Debug)]
struct Member {
    peer: PeerId,
    /// What it may do while the relay takes changes.
    access: Access,
    /// In whose names it may not write.
    others: Option<Arc<BTreeSet<Vec<u8>>>>,
    /// It sent changes while the relay took none of it. It will not send them again on this
    /// connection.
    was_refused: bool,
    sync: PeerSync,
    sessions: EphemeralSessions,
    /// When it asked for the document, and has not been told that there is none.
    asked_at: Option<Duration>,
    /// What it keeps its documents in, if that outlives the connection.
    storage: Option<StorageId>,
    /// The storages that it wants to hear of.
    subscribed: Arc<BTreeSet<StorageId>>,
    /// Those of them that there is news of.
    news: BTreeSet<StorageId>,
    /// What it is to be sent once what is older than the log has been fetched.
    parked: Option<Box<Outgoing>>,
    /// It follows, from before the log: as long as nothing was fetched it is sent nothing.
    awaits_history: bool,
}

impl Room {
    /// The room of a document of which nothing is stored. `own` is the relay.
    pub fn new(document: DocumentId, own: PeerId) -> Self {
        Self {
            document,
            own,
            message_bytes_max: MESSAGE_BYTES_MAX,
            graph: Admission::new(),
            log: Log::default(),
            entries: Vec::new(),
            compact_bytes_min: COMPACT_BYTES_MIN,
            resends_max: RESENDS_MAX,
            is_read_only: false,
            fetching: None,
            heads: None,
            members: BTreeMap::new(),
            reports: RemoteReports::default(),
            started_at_ms: 0,
            listeners: BTreeSet::new(),
            encoded: None,
            followed: None,
        }
    }

    /// The room of a stored document.
    ///
    /// # Errors
    /// [`RestoreError`] if what is stored is no history: the document must not be touched then.
    pub fn restore(
        document: DocumentId,
        own: PeerId,
        stored: StoredDocument,
    ) -> Result<Self, RestoreError> {
        let graph = Admission::of_stored(restore(&stored)?);
        let log = Log::of(stored);
        Ok(Self { graph, log, ..Self::new(document, own) })
    }

    /// The same room with another limit than [`MESSAGE_BYTES_MAX`].
    #[must_use]
    pub fn sending_at_most(self, message_bytes_max: usize) -> Self {
        Self { message_bytes_max, ..self }
    }

    /// The same room with the time on the wall at the beginning of its own time, in milliseconds
    /// since 1970: reports about storages carry it.
    #[must_use]
    pub fn started_at(self, started_at_ms: u64) -> Self {
        Self { started_at_ms, ..self }
    }

    /// The same room with another limit than [`COMPACT_BYTES_MIN`].
    #[must_use]
    pub fn compacting_at(self, compact_bytes_min: usize) -> Self {
        Self { compact_bytes_min, ..self }
    }

    /// The same room with another limit than [`RESENDS_MAX`].
    #[must_use]
    pub fn resending_at_most(self, resends_max: u32) -> Self {
        Self { resends_max, ..self }
    }

    /// Somebody opens the document. Entering again starts over.
    pub fn enter(&mut self, connection: ConnectionId, peer: PeerId, access: Access) {
        let sync = PeerSync::new(self.access(access)).resending_at_most(self.resends_max);
        let member = Member {
            peer,
            access,
            others: None,
            was_refused: false,
            sync,
            sessions: EphemeralSessions::new(SESSIONS_PER_CONNECTION),
            asked_at: None,
            storage: None,
            subscribed: Arc::default(),
            news: BTreeSet::new(),
            parked: None,
            awaits_history: false,
        };
        self.leave(connection);
        self.members.insert(connection, Box::new(member));
    }

    /// Somebody may not write in these names from now on: see
    /// [`Admission::refuse_authors`].
    pub fn refuse_authors(
        &mut self,
        connection: ConnectionId,
        others: Option<Arc<BTreeSet<Vec<u8>>>>,
    ) {
        if let Some(member) = self.members.get_mut(&connection) {
            member.others = others;
        }
    }

    /// Somebody may do something else from now on, and is told.
    ///
    /// Returns whether they sent changes before that were not taken, and may send them now: end the
    /// connection. A client that connects anew sends them again.
    pub fn set_access(&mut self, connection: ConnectionId, access: Access) -> bool {
        let allowed = self.access(access);
        let Some(member) = self.members.get_mut(&connection) else {
            return false;
        };
        member.access = access;
        member.sync.set_access(allowed);
        self.listeners.insert(connection);
        member.was_refused && allowed == Access::ReadWrite
    }

    /// Somebody's connection is gone.
    pub fn leave(&mut self, connection: ConnectionId) {
        if let Some(member) = self.members.remove(&connection) {
            self.reports.unwant(&member.subscribed);
        }
        self.listeners.remove(&connection);
        // Whoever waited for what it was about to send waits in vain.
        self.listeners.extend(self.waiting());
    }

    /// The relay takes no changes from now on, or takes them again; everybody is told.
    ///
    /// Returns who has sent changes in between that were not taken: end these connections. A client
    /// that connects anew sends them again.
    pub fn set_read_only(&mut self, is_read_only: bool) -> Vec<ConnectionId> {
        self.is_read_only = is_read_only;
        for member in self.members.values_mut() {
            member.sync.set_access(if is_read_only { Access::ReadOnly } else { member.access });
        }
        self.listeners.extend(self.members.keys());
        // Readers would be refused again.
        let refused = self
            .members
            .iter()
            .filter(|(_, member)| member.was_refused && member.access == Access::ReadWrite);
        if is_read_only { Vec::new() } else { refused.map(|(id, _)| *id).collect() }
    }

    /// Whether nobody has the document open.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Takes a member's step of syncing; one from who is no member is nothing. If it
    /// [needs the index](Self::needs_index), build that first: all its changes are refused otherwise.
    ///
    /// Returns the changes that are refused, each with the reason.
    ///
    /// # Errors
    /// [`TooManyResends`]: close the connection.
    pub fn receive(
        &mut self,
        connection: ConnectionId,
        received: Received,
        now: Duration,
    ) -> Result<Vec<AddError>, TooManyResends> {
        let Some(member) = self.members.get_mut(&connection) else {
            return Ok(Vec::new());
        };
        if received.is_request {
            member.sync.restart()?;
            member.asked_at = Some(now);
            member.parked = None;
            member.awaits_history = false;
        }
        let Received { message, changes, .. } = received;
        member.was_refused |= member.sync.access() == Access::ReadOnly && !changes.is_empty();
        self.graph.refuse_authors(member.others.clone());
        let added = member.sync.receive(&mut self.graph, &message, changes, now)?;
        let has_storage = member.storage.is_some();
        for change in added.changes {
            let stored = || self.graph.heads().iter().copied().collect();
            let heads = self.heads.get_or_insert_with(stored);
            change.header.deps.iter().for_each(|dep| _ = heads.remove(dep));
            heads.insert(change.hash);
            let entry = IndexEntry::of(&change, &self.graph);
            self.entries.push(entry.expect("a change comes after all that it builds on"));
            self.log.push(change.bytes.into_owned().into());
        }
        self.listeners.insert(connection);
        if has_storage {
            self.learn_from(connection, message.heads, now);
        }
        Ok(added.refused)
    }

    /// What must be stored before anybody hears of it; `None` if nothing.
    pub fn unstored(&self) -> Option<Append> {
        let unstored = self.entries.iter().zip(self.log.from(self.graph.stored_len()));
        let change = |(entry, bytes): (&IndexEntry, &std::sync::Arc<[u8]>)| StoredChange {
            entry: entry.clone(),
            bytes: bytes.clone(),
        };
        (!self.entries.is_empty()).then(|| Append {
            document: self.document,
            changes: unstored.map(change).collect(),
            heads: self.heads.iter().flatten().copied().collect(),
        })
    }

    /// Everything that was [unstored](Self::unstored) is on the disk now.
    pub fn stored(&mut self) {
        self.graph.mark_stored(self.log.end());
        self.entries = Vec::new();
        self.heads = None;
        self.encoded = None;
        self.followed = None;
        self.listeners.extend(self.members.keys());
    }

    /// Whether so much has been stored since the last snapshot that it is time for another.
    pub fn is_worth_compacting(&self) -> bool {
        self.log.is_worth_compacting(self.compact_bytes_min)
    }

    /// Whether so much has been stored that a snapshot must not wait for a quiet moment.
    pub fn is_overlong(&self) -> bool {
        self.log.is_overlong(self.compact_bytes_min)
    }

    /// How many bytes are stored, compressed as far as they are.
    pub fn stored_bytes(&self) -> usize {
        self.log.bytes()
    }

    /// How many changes are in no snapshot.
    pub fn tail_len(&self) -> usize {
        self.log.tail_len()
    }

    /// The store has a new snapshot: the room keeps in memory what it replaced of the one before,
    /// for those who were away for a moment, and nothing older.
    pub fn compacted(&mut self, snapshot: SnapshotInfo) {
        self.log.compacted(snapshot);
    }

    /// What must be fetched from the store so that a member can be sent what it lacks; asked for
    /// once.
    pub fn unfetched(&mut self) -> Option<HistoryForm> {
        let lacked = self.members.values().filter_map(|member| member.parked.as_deref());
        let lacked = lacked.filter_map(|outgoing| self.lacked_form(outgoing));
        let is_awaited = self.members.values().any(|member| member.awaits_history)
            && self.log.lacks(0, HistoryForm::Snapshot);
        let wanted = lacked.chain(is_awaited.then_some(HistoryForm::Snapshot)).max();
        let wanted = wanted.filter(|wanted| self.fetching < Some(*wanted))?;
        self.fetching = Some(wanted);
        Some(wanted)
    }

    /// Takes what was [unfetched](Self::unfetched).
    pub fn fetched(&mut self, history: History, now: Duration) {
        self.fetching = None;
        self.log.hold(history, &self.graph, now);
        self.listeners.extend(self.parked());
    }

    /// Those who wait for what was to be fetched, if that has failed.
    pub fn parked(&self) -> Vec<ConnectionId> {
        let waits = |member: &Member| member.parked.is_some() || member.awaits_history;
        let parked = self.members.iter().filter(|(_, member)| waits(member));
        parked.map(|(connection, _)| *connection).collect()
    }

    /// How many changes are stored.
    pub fn stored_len(&self) -> usize {
        self.graph.stored_len()
    }

    /// The stored heads.
    pub fn heads(&self) -> &[ChangeHash] {
        self.graph.heads()
    }

    /// Those who may have something to be told. Each is taken off the list by
    /// [`messages_for`](Self::messages_for); leave one out to ask for it later.
    pub fn listeners(&self) -> Vec<ConnectionId> {
        self.listeners.iter().copied().collect()
    }

    /// When somebody must be told that the document is not there, unless it appears, or something
    /// is in memory for nobody, or has waited too long for what it builds on.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let pens = self.members.values().filter_map(|member| member.sync.poll_timeout());
        self.unavailable_at().into_iter().chain(self.log.history_until()).chain(pens).min()
    }

    fn unavailable_at(&self) -> Option<Duration> {
        let asked = self.members.values().filter_map(|member| member.asked_at);
        asked.min().map(|asked_at| asked_at + UNAVAILABLE_AFTER)
    }

    /// The time is `now`: those whose wait is over become listeners.
    pub fn tick(&mut self, now: Duration) {
        if self.log.history_until().is_some_and(|until| until <= now) {
            self.log.drop_history();
            self.encoded = None;
            self.followed = None;
        }
        self.members.values_mut().for_each(|member| member.sync.tick(&self.graph, now));
        if self.unavailable_at().is_some_and(|due| due <= now) {
            self.listeners.extend(self.waiting());
        }
    }
}
