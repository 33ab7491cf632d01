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
    Access, AddError, Admission, ChangeHash, DocumentId, DocumentSync, DocumentUnavailable,
    Ephemeral, EphemeralSessions, Message, Outgoing, PeerId, PeerSync, RawChange,
    SESSIONS_PER_CONNECTION, SharedFrame, SyncMessage, TooManyResends, sentence,
};

use tracing::warn;

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
    log: Vec<Arc<[u8]>>,
    /// The document's heads once everything in the log is stored.
    heads: BTreeSet<ChangeHash>,
    members: BTreeMap<ConnectionId, Member>,
    /// Members that may have something to be told.
    listeners: BTreeSet<ConnectionId>,
    /// The last message encoded: others in the same situation get the same bytes.
    encoded: Option<(Outgoing, Vec<SharedFrame>)>,
}

#[derive(Debug)]
struct Member {
    peer: PeerId,
    sync: PeerSync,
    sessions: EphemeralSessions,
    /// When it asked for the document, and has not been told that there is none.
    asked_at: Option<Duration>,
}

impl Room {
    /// The room of a document of which nothing is stored. `own` is the relay.
    pub fn new(document: DocumentId, own: PeerId) -> Self {
        Self {
            document,
            own,
            message_bytes_max: MESSAGE_BYTES_MAX,
            graph: Admission::new(),
            log: Vec::new(),
            heads: BTreeSet::new(),
            members: BTreeMap::new(),
            listeners: BTreeSet::new(),
            encoded: None,
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
        let graph = Admission::of_stored(restore(&stored.chunks, &stored.heads)?);
        let heads = graph.heads().iter().copied().collect();
        let log = stored.chunks.into_iter().map(Arc::from).collect();
        Ok(Self { graph, heads, log, ..Self::new(document, own) })
    }

    /// The same room with another limit than [`MESSAGE_BYTES_MAX`].
    #[must_use]
    pub fn sending_at_most(self, message_bytes_max: usize) -> Self {
        Self { message_bytes_max, ..self }
    }

    /// Somebody opens the document. Entering again starts over.
    pub fn enter(&mut self, connection: ConnectionId, peer: PeerId, access: Access) {
        let member = Member {
            peer,
            sync: PeerSync::new(access),
            sessions: EphemeralSessions::new(SESSIONS_PER_CONNECTION),
            asked_at: None,
        };
        self.members.insert(connection, member);
    }

    /// Somebody's connection is gone.
    pub fn leave(&mut self, connection: ConnectionId) {
        self.members.remove(&connection);
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
        if !changes.is_empty()
            && let Err(error) = self.graph.build(&self.log)
        {
            warn!(document = %self.document, "takes no changes: {}", sentence(&error));
        }
        let added = member.sync.receive(&mut self.graph, &message, changes)?;
        for change in added.changes {
            change.header.deps.iter().for_each(|dep| _ = self.heads.remove(dep));
            self.heads.insert(change.hash);
            self.log.push(change.bytes.into_owned().into());
        }
        self.listeners.insert(connection);
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
    pub fn messages_for(&mut self, connection: ConnectionId, now: Duration) -> Vec<Vec<u8>> {
        self.listeners.remove(&connection);
        let is_expected = self.is_expected(connection);
        let Some(member) = self.members.get_mut(&connection) else {
            return Vec::new();
        };
        let outgoing = member.sync.next_message(&self.graph);
        let target = member.peer.clone();
        let asked_at = member.asked_at.take_if(|asked_at| {
            let is_over = *asked_at + UNAVAILABLE_AFTER <= now;
            !self.graph.is_empty() || !is_expected || is_over
        });
        let mut frames = match outgoing {
            Some(outgoing) => self.encode(outgoing, &target),
            None => Vec::new(),
        };
        if asked_at.is_some() && self.graph.is_empty() {
            let (sender, document) = (self.own.clone(), self.document);
            let answer = DocumentUnavailable { sender, target, document };
            frames.push(sync_protocol::encode(&Message::DocumentUnavailable(answer)));
        }
        frames
    }

    /// Who is to be sent an ephemeral message of a member, and what.
    pub fn forward(
        &mut self,
        connection: ConnectionId,
        ephemeral: &Ephemeral<'_>,
    ) -> Vec<(ConnectionId, Vec<u8>)> {
        let Some(member) = self.members.get_mut(&connection) else {
            return Vec::new();
        };
        // What is dropped is an echo, a repetition or too large: nobody misses it.
        if member.sessions.from_author(&member.peer, ephemeral).is_err() {
            return Vec::new();
        }
        let frame = SharedFrame::new(&Message::Ephemeral(ephemeral.clone()));
        let others = self.members.iter().filter(|(other, _)| **other != connection);
        others.map(|(other, member)| (*other, frame.frame_for(&member.peer))).collect()
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

    fn encode(&mut self, outgoing: Outgoing, target: &PeerId) -> Vec<Vec<u8>> {
        let known = self.encoded.take().filter(|(known, _)| *known == outgoing);
        let shared = match known {
            Some((_, shared)) => shared,
            None => self.shared(&outgoing),
        };
        let frames = shared.iter().map(|frame| frame.frame_for(target)).collect();
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
