//! What one peer has of one document, on a relay that keeps no document.
//!
//! The order of events that the relay must keep: [`PeerSync::receive`] a message, append the
//! changes that come out to the log, [`ChangeGraph::mark_stored`] when they are durable, then ask
//! [`PeerSync::next_message`] for every peer. So nobody hears of a change that a crash can lose,
//! and the reply that its author gets says that it is safe.

mod outgoing;

pub use outgoing::Outgoing;

use crate::admission::Admission;
use crate::bloom::BloomFilter;
use crate::chunk::RawChange;
use crate::graph::ChangeGraph;
use crate::pen::{Added, Pen};
use crate::sync_message::{HASHES_MAX, Have, SyncFlags, SyncFormat, SyncMessage};
use automerge::ChangeHash;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How often a peer may be sent again what it was sent already on one connection, if
/// [nothing else](PeerSync::resending_at_most) is said.
///
/// TCP loses nothing, so a peer needs it after it has dropped the document and opened it again, or
/// when a filter claimed too much. Ten bytes that say "I have nothing" would otherwise fetch the
/// whole document without end.
pub const RESENDS_MAX: u32 = 64;

/// Whether a peer may change the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its changes are taken.
    ReadWrite,
    /// Its changes are dropped, and it is told to send none.
    ReadOnly,
}

/// What one peer has of one document. Lives as long as the connection, never longer: what it was
/// sent before a crash may be gone on either side.
#[derive(Debug, Clone)]
pub struct PeerSync {
    access: Access,
    pen: Pen,
    /// What the peer last said of itself; `None` until it has spoken.
    peer: Option<PeerState>,
    /// The heads that it was last told.
    told: Option<Arc<[ChangeHash]>>,
    /// It was sent, or had, everything in the log before this position.
    sent_to: usize,
    /// Positions to send although they are before `sent_to`.
    again: BTreeSet<usize>,
    /// What it was asked for; asking twice would not help.
    asked: BTreeSet<ChangeHash>,
    /// How many changes there were when `asked` was cleared of what had arrived.
    asked_at: usize,
    /// How many changes there were when some of its own were dropped that had waited too long. What
    /// they wait for is not there before there are more; then it is asked for them anew.
    dropped_at: Option<usize>,
    resends: u32,
    resends_max: u32,
}

#[derive(Debug, Clone)]
struct PeerState {
    heads: Vec<ChangeHash>,
    /// What it said it has and we have too.
    known: Vec<ChangeHash>,
    /// Its heads are all before this position of the log; `None` if some were not there.
    heads_before: Option<usize>,
    /// It applies what it is sent.
    takes_changes: bool,
    reads_blobs: bool,
    /// It has everything that it was sent, as far as can be known: nothing was left out because a
    /// filter claimed it.
    is_complete: bool,
}

/// The peer wants to be sent the document more often than [`RESENDS_MAX`], or what was said instead,
/// allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the peer asked for the same changes too often on one connection")]
pub struct TooManyResends;

impl PeerSync {
    /// A peer that has not spoken yet.
    pub fn new(access: Access) -> Self {
        Self {
            access,
            pen: Pen::new(),
            peer: None,
            told: None,
            sent_to: 0,
            again: BTreeSet::new(),
            asked: BTreeSet::new(),
            asked_at: 0,
            dropped_at: None,
            resends: 0,
            resends_max: RESENDS_MAX,
        }
    }

    /// Sends the peer again what it was sent already at most so many times.
    #[must_use]
    pub fn resending_at_most(mut self, times: u32) -> Self {
        self.resends_max = times;
        self
    }

    /// What the peer may do.
    pub fn access(&self) -> Access {
        self.access
    }

    /// From now on the peer may do something else; its next message says so.
    pub fn set_access(&mut self, access: Access) {
        if access != self.access {
            self.access = access;
            self.told = None;
        }
    }

    /// Whether the peer has said that it has changes which are not in `graph`: it may be about to
    /// send them.
    pub fn has_unknown_heads(&self, graph: &ChangeGraph) -> bool {
        let peer = self.peer.as_ref();
        peer.is_some_and(|peer| peer.heads.iter().any(|head| !graph.contains(head)))
    }

    /// Takes a message and the changes that it carried, each of which is admitted or refused by
    /// itself.
    ///
    /// If there are any and the document [needs its chunks](Admission::needs_chunks), build it
    /// first; otherwise all are refused. The changes that come out are new in `graph`: append them to the log in their order. Those
    /// of a read-only peer are dropped.
    ///
    /// A change that builds on what is not there waits from `now` on, for
    /// [`WAITING_TIME_MAX`](crate::WAITING_TIME_MAX) at most.
    ///
    /// Call [`Self::restart`] first for a `request`: the peer may have dropped the document.
    ///
    /// # Errors
    /// [`TooManyResends`] if the peer has been sent too much again; close the connection. Its
    /// changes are not taken.
    pub fn receive(
        &mut self,
        graph: &mut Admission,
        message: &SyncMessage<'_>,
        changes: impl IntoIterator<Item = RawChange<'static>>,
        now: Duration,
    ) -> Result<Added, TooManyResends> {
        self.tick(graph, now);
        self.note(graph, message)?;
        Ok(match self.access {
            Access::ReadWrite => self.pen.add(graph, changes, now),
            Access::ReadOnly => Added::default(),
        })
    }

    /// When to call [`tick`](Self::tick): something that the peer sent will have waited too long.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.pen.poll_timeout()
    }

    /// The time is `now`: what has waited too long is dropped. The peer is asked for it again once
    /// there are more changes, which may be what it waited for.
    pub fn tick(&mut self, graph: &ChangeGraph, now: Duration) {
        if self.pen.expire(now) > 0 {
            self.dropped_at.get_or_insert(graph.len());
        }
    }

    /// Forgets what the peer was sent, because it says that it starts over.
    ///
    /// # Errors
    /// [`TooManyResends`] if it does so too often.
    pub fn restart(&mut self) -> Result<(), TooManyResends> {
        if self.peer.take().is_none() {
            return Ok(());
        }
        let was_sent_something = self.sent_to > 0;
        self.told = None;
        self.sent_to = 0;
        self.again.clear();
        self.asked.clear();
        self.dropped_at = None;
        if was_sent_something { self.count_resend() } else { Ok(()) }
    }

    fn note(
        &mut self,
        graph: &ChangeGraph,
        message: &SyncMessage<'_>,
    ) -> Result<(), TooManyResends> {
        let resets = message.has_flags(SyncFlags::SYNC_RESET);
        let has_nothing = summarises_nothing(message);
        // Automerge leaves this flag out of its answer to a `have` that it can make nothing of, so
        // a peer that takes no changes may be sent some once. Its next message has the flag again.
        let takes_changes = !message.has_flags(SyncFlags::READ_ONLY);
        let lost_everything = takes_changes && message.heads.is_empty() && self.sent_to > 0;
        if resets || lost_everything {
            self.restart()?;
        }
        let known = known_to_both(graph, message);
        let before = self.peer.as_ref();
        // From having all that it was told of, it follows that it has all that it was sent.
        let mut is_complete = before.is_some_and(|peer| peer.is_complete)
            || self.told.as_ref().is_some_and(|told| graph.covers(&known, told));
        if !takes_changes {
            is_complete = false;
        } else if before.is_none() && self.resends == 0 && message.heads.is_empty() && has_nothing {
            // It has nothing and gets everything: no need to look at each change for that.
            is_complete = true;
        } else if before.is_none() {
            let lacked = graph.lacked_by(&message.heads, &message.have, &[]);
            // One that starts over may have trouble with what it was sent: no assumptions then.
            is_complete = self.resends == 0 && lacked == graph.changes_after(&known);
            self.again.extend(lacked);
            self.sent_to = graph.stored_len();
        } else if has_nothing && !message.heads.is_empty() {
            is_complete = false;
            self.again.extend(graph.changes_after(&message.heads));
            self.count_resend()?;
        } else if self.forgot_us(message) {
            is_complete = false;
            self.again.extend(graph.lacked_by(&message.heads, &message.have, &[]));
            self.told = None;
            self.count_resend()?;
        }
        let needed = graph.stored_positions(&message.need);
        if takes_changes && !needed.is_empty() {
            self.again.extend(needed);
            self.count_resend()?;
        }
        if self.asked.len() >= HASHES_MAX && self.asked_at != graph.len() {
            self.asked.retain(|hash| !graph.contains(hash));
            self.asked_at = graph.len();
        }
        self.peer = Some(PeerState {
            heads_before: heads_before(graph, &message.heads),
            heads: message.heads.clone(),
            known,
            takes_changes,
            reads_blobs: message.sender_reads_blobs(),
            is_complete,
        });
        Ok(())
    }

    /// Whether the peer has opened the document anew from its own storage: it has changes, but
    /// names no last sync although it was told of some of ours.
    ///
    /// It may also have spoken twice before our first answer came; then it gets that again.
    fn forgot_us(&self, message: &SyncMessage<'_>) -> bool {
        let names_none = message.have.iter().all(|have| have.last_sync.is_empty());
        let was_told = self.told.as_ref().is_some_and(|told| !told.is_empty());
        was_told && !message.heads.is_empty() && !message.have.is_empty() && names_none
    }

    /// The position from which on the peer lacks everything, if it has everything before and all
    /// else about it is as with most peers most of the time: then [`next_message`] is
    /// [`Outgoing::since`] that position, the same for all such peers.
    ///
    /// [`next_message`]: Self::next_message
    pub fn follows_from(&self, graph: &ChangeGraph) -> Option<usize> {
        let peer = self.peer.as_ref()?;
        let is_usual = peer.takes_changes && peer.reads_blobs && peer.is_complete;
        // Of changes that it made itself it must not be sent all.
        let has_nothing_since = peer.heads_before.is_some_and(|end| end <= self.sent_to);
        let owes_nothing =
            self.again.is_empty() && self.pen.is_empty() && self.dropped_at.is_none();
        let follows = is_usual
            && has_nothing_since
            && owes_nothing
            && (self.told.is_some() || self.sent_to < graph.stored_len())
            && self.access == Access::ReadWrite
            && self.sent_to <= graph.stored_len();
        follows.then_some(self.sent_to)
    }

    /// Takes note that a peer which [follows](Self::follows_from) was sent [`Outgoing::since`].
    pub fn was_sent_all(&mut self, graph: &ChangeGraph) {
        self.told = Some(graph.shared_heads());
        self.sent_to = graph.stored_len();
    }

    /// What to tell the peer now: `None` until it has spoken, and when it knows our heads and was
    /// sent everything. Call it after every message and whenever changes were stored.
    pub fn next_message(&mut self, graph: &ChangeGraph) -> Option<Outgoing> {
        let peer = self.peer.as_ref()?;
        let asks_anew = self.dropped_at.take_if(|at| *at != graph.len()).is_some();
        if asks_anew {
            self.asked.clear();
        }
        let changes = self.unsent(graph, peer);
        let need = self.unasked(graph, peer);
        let heads = graph.heads();
        if self.told.as_deref() == Some(heads) && changes.is_empty() && need.is_empty() {
            return None;
        }
        let have = match peer.is_complete {
            true => Have { last_sync: heads.to_vec(), since: BloomFilter::default() },
            false => summary_for(graph, peer),
        };
        let flags = match self.access {
            Access::ReadWrite => SyncFlags::SUPPORTS_SYNC_RESET,
            Access::ReadOnly => SyncFlags::SUPPORTS_SYNC_RESET.with(SyncFlags::READ_ONLY),
        };
        // It believes that we have what it sent once, and would not send it again.
        let flags = if asks_anew { flags.with(SyncFlags::SYNC_RESET) } else { flags };
        let format = if peer.reads_blobs { SyncFormat::Blob } else { SyncFormat::Changes };
        self.told = Some(graph.shared_heads());
        if peer.takes_changes {
            self.sent_to = graph.stored_len();
        }
        self.again.clear();
        self.asked.extend(need.iter().copied());
        Some(Outgoing { changes, heads: heads.to_vec(), need, have, format, flags })
    }

    fn unsent(&self, graph: &ChangeGraph, peer: &PeerState) -> Vec<usize> {
        if !peer.takes_changes {
            return Vec::new();
        }
        let mut unsent = self.again.clone();
        if self.sent_to < graph.stored_len() {
            // Not what the peer made itself: its heads say that it has that.
            unsent.extend(graph.changes_after_from(&peer.heads, self.sent_to));
        }
        unsent.into_iter().collect()
    }

    /// What the peer has and we lack, unless it has been asked already.
    fn unasked(&self, graph: &ChangeGraph, peer: &PeerState) -> Vec<ChangeHash> {
        if self.access == Access::ReadOnly || self.asked.len() >= HASHES_MAX {
            return Vec::new();
        }
        let missing = self.pen.missing(graph);
        let heads = peer.heads.iter().filter(|head| !graph.contains(head)).copied();
        let wanted: BTreeSet<ChangeHash> = missing.into_iter().chain(heads).collect();
        wanted.difference(&self.asked).take(HASHES_MAX - self.asked.len()).copied().collect()
    }

    fn count_resend(&mut self) -> Result<(), TooManyResends> {
        self.resends += 1;
        if self.resends > self.resends_max { Err(TooManyResends) } else { Ok(()) }
    }
}

/// Whether the peer summarises none of its changes: it has none, or this is Automerge's answer to a
/// `have` that it can make nothing of.
fn summarises_nothing(message: &SyncMessage<'_>) -> bool {
    let says_nothing = |have: &Have| have.last_sync.is_empty() && have.since.is_empty();
    !message.have.is_empty() && message.have.iter().all(says_nothing)
}

/// The changes that the peer names as its own and that are stored here, ascending by hash. A last
/// sync that is unknown here, as after a restored backup, is not an error: it says nothing.
fn known_to_both(graph: &ChangeGraph, message: &SyncMessage<'_>) -> Vec<ChangeHash> {
    let last_syncs = message.have.iter().flat_map(|have| &have.last_sync);
    let named: Vec<ChangeHash> = message.heads.iter().chain(last_syncs).copied().collect();
    let known = graph.stored_positions(&named).into_iter();
    let known: BTreeSet<ChangeHash> = known.filter_map(|position| graph.hash(position)).collect();
    known.into_iter().collect()
}

/// Behind the last of these changes in the log; `None` if one is not there.
fn heads_before(graph: &ChangeGraph, heads: &[ChangeHash]) -> Option<usize> {
    heads.iter().try_fold(0, |end, head| Some(end.max(graph.position(head)? + 1)))
}

/// A summary that the peer can make something of, whatever it lacks.
fn summary_for(graph: &ChangeGraph, peer: &PeerState) -> Have {
    let since = graph.changes_after(&peer.known).into_iter();
    let since: Vec<ChangeHash> = since.filter_map(|position| graph.hash(position)).collect();
    Have { last_sync: peer.known.clone(), since: BloomFilter::of(&since) }
}
