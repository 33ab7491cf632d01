//! What one peer is told, before its bytes are there.

use crate::bloom::BloomFilter;
use crate::graph::ChangeGraph;
use crate::sync_message::{Have, SyncFlags, SyncFormat, SyncMessage};
use automerge::ChangeHash;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A sync message whose changes are positions of the log.
///
/// Peers in the same situation get equal ones, so a relay can encode one for all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The positions of the changes to send, ascending. If they are all that there are, a
    /// stored snapshot serves as well.
    pub changes: Vec<usize>,
    pub(super) heads: Vec<ChangeHash>,
    pub(super) need: Vec<ChangeHash>,
    pub(super) have: Have,
    pub(super) format: SyncFormat,
    pub(super) flags: SyncFlags,
}

impl Outgoing {
    /// Everything stored from a position on, for peers that have all before it; `None` if that is
    /// nothing.
    pub fn since(graph: &ChangeGraph, start: usize) -> Option<Self> {
        let changes: Vec<usize> = (start..graph.stored_len()).collect();
        let heads = graph.heads().to_vec();
        (!changes.is_empty()).then(|| Self {
            changes,
            have: Have { last_sync: heads.clone(), since: BloomFilter::default() },
            heads,
            need: Vec::new(),
            format: SyncFormat::Blob,
            flags: SyncFlags::SUPPORTS_SYNC_RESET,
        })
    }

    /// Whether the message may hold whole documents; otherwise each chunk is one change.
    pub fn format(&self) -> SyncFormat {
        self.format
    }

    /// Messages to send instead of this one, one after another, each with a part of its changes.
    ///
    /// `parts` are the changes, in their order. Each message tells the heads that the peer has once
    /// it has taken it: named too early, the peer would ask for what is on the way.
    #[must_use]
    pub fn in_parts(&self, graph: &ChangeGraph, parts: Vec<Vec<usize>>) -> Vec<Outgoing> {
        let mut later: BTreeSet<usize> = self.changes.iter().copied().collect();
        let last = parts.len().saturating_sub(1);
        let part = |(index, changes): (usize, Vec<usize>)| {
            changes.iter().for_each(|position| _ = later.remove(position));
            let mut message = Outgoing { changes, ..self.clone() };
            if index < last {
                message.heads = graph.heads_without(&later);
                message.need.clear();
                if self.have.last_sync == self.heads {
                    message.have.last_sync.clone_from(&message.heads);
                }
            }
            message
        };
        parts.into_iter().enumerate().map(part).collect()
    }

    /// The message, given the chunks of [`changes`](Self::changes) in their order.
    pub fn with_chunks<'a>(&self, chunks: impl IntoIterator<Item = &'a [u8]>) -> SyncMessage<'a> {
        let chunks = chunks.into_iter();
        let changes = match self.format {
            SyncFormat::Changes => chunks.map(Cow::Borrowed).collect(),
            SyncFormat::Blob => {
                let blob: Vec<u8> = chunks.flatten().copied().collect();
                if blob.is_empty() { Vec::new() } else { vec![Cow::Owned(blob)] }
            }
        };
        SyncMessage {
            format: self.format,
            heads: self.heads.clone(),
            need: self.need.clone(),
            have: vec![self.have.clone()],
            changes,
            flags: Some(self.flags),
        }
    }
}
