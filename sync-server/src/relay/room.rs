//! One document's live state: its change graph, its log, and who has it open.
//!
//! A turn goes: everything that arrived is [received](Room::receive); what is
//! [unstored](Room::unstored) goes to the store; once the disk has it, [`Room::stored`]; then every
//! [listener](Room::listeners) is sent what [`Room::messages_for`] gives. Messages are pulled, not
//! queued: a member whose socket is slow is asked later and gets one larger message, so it costs
//! the relay a position in the log and not a buffer.

use crate::store::{Append, StoredDocument};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{
    Access, AddError, ChangeGraph, ChangeHash, DocumentId, DocumentSync, DocumentUnavailable,
    Ephemeral, EphemeralSessions, Message, Outgoing, PeerId, PeerSync, RawChange, RemoteHeads,
    RemoteHeadsChanged, SESSIONS_PER_CONNECTION, SharedFrame, StorageId, SyncMessage,
    TooManyResends,
};

use super::frame::RoomFrame;
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
    graph: ChangeGraph,
    /// The changes, by position in the graph.
    log: Vec<Arc<[u8]>>,
    /// The document's heads once everything in the log is stored.
    heads: BTreeSet<ChangeHash>,
    members: BTreeMap<ConnectionId, Member>,
    reports: RemoteReports,
    /// What the clock on the wall showed when the one that times are told by showed nothing.
    started_at_ms: u64,
    /// Members that may have something to be told.
    listeners: BTreeSet<ConnectionId>,
    /// The last message encoded: others in the same situation get the same bytes.
    encoded: Option<(Outgoing, Vec<SharedFrame>)>,
    /// The frames for those who follow from this position on, and since when they are stored.
    followed: Option<(usize, Vec<SharedFrame>)>,
}

#[derive(Debug)]
struct Member {
    peer: PeerId,
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
}

impl Room {
    /// The room of a document of which nothing is stored. `own` is the relay.
    pub fn new(document: DocumentId, own: PeerId) -> Self {
        Self {
            document,
            own,
            message_bytes_max: MESSAGE_BYTES_MAX,
            graph: ChangeGraph::new(),
            log: Vec::new(),
            heads: BTreeSet::new(),
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
        let graph = restore(&stored.chunks, &stored.heads)?;
        let heads = graph.heads().iter().copied().collect();
        let log = stored.chunks.into_iter().map(Arc::from).collect();
        Ok(Self { graph, heads, log, ..Self::new(document, own) })
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

    /// Somebody opens the document. Entering again starts over.
    pub fn enter(&mut self, connection: ConnectionId, peer: PeerId, access: Access) {
        let member = Member {
            peer,
            sync: PeerSync::new(access),
            sessions: EphemeralSessions::new(SESSIONS_PER_CONNECTION),
            asked_at: None,
            storage: None,
            subscribed: Arc::default(),
            news: BTreeSet::new(),
        };
        self.leave(connection);
        self.members.insert(connection, member);
    }

    /// What a member keeps its documents in: others may want to hear how far that has got.
    pub fn keeps_in(&mut self, connection: ConnectionId, storage: StorageId) {
        let member = self.members.get_mut(&connection);
        member.into_iter().for_each(|member| member.storage = Some(storage.clone()));
    }

    /// The storages that a member wants to hear of, from now on instead of those before.
    pub fn subscribe(&mut self, connection: ConnectionId, storages: Arc<BTreeSet<StorageId>>) {
        let Some(member) = self.members.get_mut(&connection) else {
            return;
        };
        let added: BTreeSet<StorageId> = storages.difference(&member.subscribed).cloned().collect();
        self.reports.want(&storages);
        self.reports.unwant(&member.subscribed);
        member.news.retain(|storage| storages.contains(storage));
        member.news.extend(self.reports.of(&added).into_keys());
        member.subscribed = storages;
        self.listeners.insert(connection);
    }

    /// Takes what a member has heard of storages.
    pub fn hear(&mut self, connection: ConnectionId, heads: BTreeMap<StorageId, RemoteHeads>) {
        for (storage, report) in heads {
            if self.reports.learn(&storage, report) {
                self.spread(connection, &storage);
            }
        }
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

    /// Whether nobody has the document open.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Takes a member's step of syncing; one from who is no member is nothing.
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
        }
        let Received { message, changes, .. } = received;
        let added = member.sync.receive(&mut self.graph, &message, changes)?;
        let has_storage = member.storage.is_some();
        for change in added.changes {
            change.header.deps.iter().for_each(|dep| _ = self.heads.remove(dep));
            self.heads.insert(change.hash);
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
        let chunks = self.log.get(self.graph.stored_len()..).filter(|chunks| !chunks.is_empty())?;
        Some(Append {
            document: self.document,
            chunks: chunks.to_vec(),
            heads: self.heads.iter().copied().collect(),
        })
    }

    /// Everything that was [unstored](Self::unstored) is on the disk now.
    pub fn stored(&mut self) {
        self.graph.mark_stored(self.log.len());
        self.encoded = None;
        self.followed = None;
        self.listeners.extend(self.members.keys());
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

    /// When somebody must be told that the document is not there, unless it appears.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let asked = self.waiting().into_iter().filter_map(|id| self.members.get(&id)?.asked_at);
        asked.min().map(|asked_at| asked_at + UNAVAILABLE_AFTER)
    }

    /// The time is `now`: those whose wait is over become listeners.
    pub fn tick(&mut self, now: Duration) {
        if self.poll_timeout().is_some_and(|timeout| timeout <= now) {
            self.listeners.extend(self.waiting());
        }
    }

    /// The frames that a member is to be sent now, in their order.
    pub fn messages_for(&mut self, connection: ConnectionId, now: Duration) -> Vec<RoomFrame> {
        self.listeners.remove(&connection);
        let mut frames = self.sync_messages_for(connection, now);
        frames.extend(self.news_for(connection));
        frames
    }

    fn sync_messages_for(&mut self, connection: ConnectionId, now: Duration) -> Vec<RoomFrame> {
        let Some(member) = self.members.get_mut(&connection) else {
            return Vec::new();
        };
        let waits = member.asked_at.is_some() && self.graph.is_empty();
        if !waits && let Some(start) = member.sync.follows_from(&self.graph) {
            member.asked_at = None;
            member.sync.was_sent_all(&self.graph);
            let target = member.peer.clone();
            return self.frames_since(start, &target);
        }
        let outgoing = member.sync.next_message(&self.graph);
        let target = member.peer.clone();
        let asked_at = member.asked_at;
        let mut frames = match outgoing {
            Some(outgoing) => self.encode(outgoing, &target),
            None => Vec::new(),
        };
        let Some(asked_at) = asked_at else {
            return frames;
        };
        let is_there = !self.graph.is_empty();
        let is_over = asked_at + UNAVAILABLE_AFTER <= now;
        if is_there || is_over || !self.is_expected(connection) {
            self.members.get_mut(&connection).into_iter().for_each(|member| member.asked_at = None);
            if !is_there {
                let (sender, document) = (self.own.clone(), self.document);
                let answer = DocumentUnavailable { sender, target, document };
                frames.push(RoomFrame::of(&Message::DocumentUnavailable(answer)));
            }
        }
        frames
    }

    /// Who is to be sent an ephemeral message of a member, and what.
    pub fn forward(
        &mut self,
        connection: ConnectionId,
        ephemeral: &Ephemeral<'_>,
    ) -> Vec<(ConnectionId, RoomFrame)> {
        let Some(member) = self.members.get_mut(&connection) else {
            return Vec::new();
        };
        // What is dropped is an echo, a repetition or too large: nobody misses it.
        if member.sessions.from_author(&member.peer, ephemeral).is_err() {
            return Vec::new();
        }
        let frame = SharedFrame::new(&Message::Ephemeral(ephemeral.clone()));
        let others = self.members.iter().filter(|(other, _)| **other != connection);
        others.map(|(other, member)| (*other, RoomFrame::copy(&frame, &member.peer))).collect()
    }

    /// Those who asked for the document and have not been told that there is none.
    fn waiting(&self) -> Vec<ConnectionId> {
        let waiting = self.members.iter().filter(|(_, member)| member.asked_at.is_some());
        waiting.map(|(connection, _)| *connection).collect()
    }

    /// Whether somebody else has said that it has changes which have not arrived.
    fn is_expected(&self, connection: ConnectionId) -> bool {
        let mut others = self.members.iter().filter(|(other, _)| **other != connection);
        others.any(|(_, member)| member.sync.has_unknown_heads(&self.graph))
    }

    /// Whether a member has everything that it was sent, and is sent what all others are: of its
    /// acknowledgements nothing is learned.
    pub fn follows(&self, connection: ConnectionId) -> bool {
        let is_wanted = |storage| self.reports.is_wanted(storage);
        self.members.get(&connection).is_some_and(|member| {
            member.sync.follows_from(&self.graph).is_some()
                && !member.storage.as_ref().is_some_and(is_wanted)
        })
    }

    /// A member's sync message says how far its storage has got.
    fn learn_from(&mut self, connection: ConnectionId, heads: Vec<ChangeHash>, now: Duration) {
        let member = self.members.get(&connection);
        let Some(storage) = member.and_then(|member| member.storage.clone()) else {
            return;
        };
        let since = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let timestamp_ms = self.started_at_ms.saturating_add(since);
        if self.reports.learn(&storage, RemoteHeads { heads, timestamp_ms }) {
            self.spread(connection, &storage);
        }
    }

    /// There is news of a storage, from a member.
    fn spread(&mut self, from: ConnectionId, storage: &StorageId) {
        if !self.reports.is_wanted(storage) {
            return;
        }
        for (connection, member) in &mut self.members {
            if *connection != from && member.subscribed.contains(storage) {
                member.news.insert(storage.clone());
                self.listeners.insert(*connection);
            }
        }
    }

    /// What a member wants to hear of storages, in their latest state.
    fn news_for(&mut self, connection: ConnectionId) -> Option<RoomFrame> {
        let member = self.members.get_mut(&connection).filter(|member| !member.news.is_empty())?;
        let heads = self.reports.of(&std::mem::take(&mut member.news));
        let (sender, target) = (self.own.clone(), member.peer.clone());
        let message = RemoteHeadsChanged { sender, target, document: self.document, heads };
        (!message.heads.is_empty()).then(|| RoomFrame::of(&Message::RemoteHeadsChanged(message)))
    }

    /// What a member that follows from a position on is sent.
    fn frames_since(&mut self, start: usize, target: &PeerId) -> Vec<RoomFrame> {
        if self.followed.as_ref().is_none_or(|(from, _)| *from != start) {
            let outgoing = Outgoing::since(&self.graph, start);
            let shared = outgoing.map(|outgoing| self.shared(&outgoing)).unwrap_or_default();
            self.followed = Some((start, shared));
        }
        let shared = self.followed.iter().flat_map(|(_, shared)| shared);
        shared.map(|frame| RoomFrame::copy(frame, target)).collect()
    }

    fn encode(&mut self, outgoing: Outgoing, target: &PeerId) -> Vec<RoomFrame> {
        let known = self.encoded.take().filter(|(known, _)| *known == outgoing);
        let shared = match known {
            Some((_, shared)) => shared,
            None => self.shared(&outgoing),
        };
        let frames = shared.iter().map(|frame| RoomFrame::copy(frame, target)).collect();
        self.encoded = Some((outgoing, shared));
        frames
    }

    /// One frame, or several if the changes are too many for one.
    fn shared(&self, outgoing: &Outgoing) -> Vec<SharedFrame> {
        let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
        let mut bytes = 0;
        for position in &outgoing.changes {
            let added = self.log.get(*position).map_or(0, |chunk| chunk.len());
            bytes += added;
            if bytes > self.message_bytes_max {
                bytes = added;
                parts.push(Vec::new());
            }
            parts.last_mut().into_iter().for_each(|part| part.push(*position));
        }
        match parts.len() {
            1 => vec![self.frame(outgoing)],
            _ => {
                outgoing.in_parts(&self.graph, parts).iter().map(|part| self.frame(part)).collect()
            }
        }
    }

    fn frame(&self, outgoing: &Outgoing) -> SharedFrame {
        let chunks = outgoing.changes.iter().filter_map(|position| self.log.get(*position));
        let data = outgoing.with_chunks(chunks.map(|chunk| &**chunk)).encode();
        SharedFrame::new(&Message::Sync(DocumentSync {
            sender: self.own.clone(),
            target: self.own.clone(), // ignored: each copy has its own
            document: self.document,
            data: data.into(),
        }))
    }
}
