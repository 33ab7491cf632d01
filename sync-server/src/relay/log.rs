//! The bytes of one document's changes: those since the newest snapshot in memory, and since the one
//! before if they were there already; what is older in the store.

use crate::store::{Snapshot, SnapshotInfo, StoredDocument};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{ChangeGraph, ChangeHash};

/// A document is compacted once the changes that are in no snapshot have so many bytes, and as many
/// as the snapshot: so each byte is written a few times and not again and again.
pub const COMPACT_BYTES_MIN: usize = 64 * 1024;

/// A document is compacted once so many changes are in no snapshot, and an eighth of those that are:
/// reading each from the store costs more than its bytes.
pub const COMPACT_CHANGES: usize = 4096;

/// A document that is never left in peace is compacted at so many times the bytes: 16 MiB. Loading
/// and saving it costs a hundred microseconds for each of its changes, ten times what the change
/// itself did.
pub const OVERLONG_TIMES: usize = 256;

/// How long history stays in memory after it was last needed. Those who open a document together,
/// as after a restart, share it.
pub const HISTORY_KEPT: Duration = Duration::from_secs(5);

/// What is older than the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The document's first changes, as saved.
    pub snapshot: Snapshot,
    /// The same changes one by one, if somebody needs them so.
    pub changes: Option<Vec<(ChangeHash, Arc<[u8]>)>>,
}

/// In which form history is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HistoryForm {
    /// As saved.
    Snapshot,
    /// One by one, for peers that read no whole documents.
    Changes,
}

/// The changes by position in the graph.
#[derive(Debug, Default)]
pub struct Log {
    start: usize,
    changes: Vec<Arc<[u8]>>,
    snapshot: Option<SnapshotInfo>,
    /// How many bytes the changes have that are in no snapshot.
    tail_bytes: usize,
    history: Option<Held>,
}

#[derive(Debug)]
struct Held {
    snapshot: Snapshot,
    changes: Option<BTreeMap<usize, Arc<[u8]>>>,
    until: Duration,
}

impl Log {
    /// The log of a stored document.
    pub fn of(stored: StoredDocument) -> Self {
        let StoredDocument { log_start, log, snapshot, .. } = stored;
        let changes = log.into_iter().map(|change| change.bytes).collect();
        let mut log = Self { start: log_start, changes, snapshot, ..Self::default() };
        log.count_tail();
        log
    }

    /// Adds the next change.
    pub fn push(&mut self, change: Arc<[u8]>) {
        self.tail_bytes += change.len();
        self.changes.push(change);
    }

    /// The position after the last change.
    pub fn end(&self) -> usize {
        self.start + self.changes.len()
    }

    /// The changes from a position on.
    pub fn from(&self, position: usize) -> &[Arc<[u8]>] {
        position.checked_sub(self.start).and_then(|at| self.changes.get(at..)).unwrap_or_default()
    }

    /// Whether the changes that are in no snapshot are worth one.
    pub fn is_worth_compacting(&self, bytes_min: usize) -> bool {
        let snapshot = self.snapshot.map_or(0, |snapshot| snapshot.bytes);
        // A long document takes long to save, so it gets more of them.
        let changes = COMPACT_CHANGES.max(self.tail_start() / 8);
        self.tail_bytes >= bytes_min.max(snapshot) || self.tail_len() >= changes
    }

    /// Whether it must be compacted even while people work on it: so much would have to be read
    /// when it is opened again.
    pub fn is_overlong(&self, bytes_min: usize) -> bool {
        self.is_worth_compacting(bytes_min)
            && self.tail_bytes >= bytes_min.saturating_mul(OVERLONG_TIMES)
    }

    /// How many bytes it has: those of the newest snapshot, and of the changes since.
    pub fn bytes(&self) -> usize {
        self.snapshot.as_ref().map_or(0, |snapshot| snapshot.bytes) + self.tail_bytes
    }

    /// How many changes are in no snapshot.
    pub fn tail_len(&self) -> usize {
        self.end() - self.tail_start()
    }

    /// There is a new snapshot. What it replaced of the one before stays; of a first one nothing
    /// does, or newcomers would be sent a long document change by change.
    pub fn compacted(&mut self, snapshot: SnapshotInfo) {
        let start = self.snapshot.map_or(snapshot.changes, |before| before.changes);
        let dropped = start.saturating_sub(self.start).min(self.changes.len());
        self.changes.drain(..dropped);
        self.start += dropped;
        self.snapshot = Some(snapshot);
        self.count_tail();
        // What is between an older snapshot and the log is in neither.
        let start = self.start;
        self.history.take_if(|held| held.snapshot.changes < start);
    }

    /// Whether the change at this position is older than what is in memory.
    pub fn begins_after(&self, position: usize) -> bool {
        position < self.start
    }

    /// Whether something must be fetched before the change at this position can be sent like this.
    pub fn lacks(&self, position: usize, form: HistoryForm) -> bool {
        self.begins_after(position)
            && match &self.history {
                None => true,
                Some(held) => form == HistoryForm::Changes && held.changes.is_none(),
            }
    }

    /// Takes history that was fetched.
    pub fn hold(&mut self, history: History, graph: &ChangeGraph, now: Duration) {
        let History { snapshot, changes } = history;
        if snapshot.changes < self.start {
            return; // it was read before the last compaction
        }
        let held = self.history.as_ref().and_then(|held| held.changes.as_ref());
        if changes.is_none() && held.is_some() {
            return self.uses_history(now);
        }
        let changes = changes.map(|changes| {
            let at = |(hash, bytes)| graph.position(&hash).map(|position| (position, bytes));
            changes.into_iter().filter_map(at).collect()
        });
        self.history = Some(Held { snapshot, changes, until: now + HISTORY_KEPT });
    }

    /// History is needed at this moment.
    pub fn uses_history(&mut self, now: Duration) {
        self.history.iter_mut().for_each(|held| held.until = now + HISTORY_KEPT);
    }

    /// When history may go.
    pub fn history_until(&self) -> Option<Duration> {
        self.history.as_ref().map(|held| held.until)
    }

    /// Lets history go.
    pub fn drop_history(&mut self) {
        self.history = None;
    }

    /// The bytes of the changes at these ascending positions: with a snapshot, which may hold more
    /// than was asked for, where that is the form. Each comes with which of `positions` it stands
    /// for, as indexes.
    pub fn pieces(&self, positions: &[usize], form: HistoryForm) -> Vec<(Range<usize>, &[u8])> {
        let mut pieces: Vec<(Range<usize>, &[u8])> = Vec::new();
        let needs_snapshot = form == HistoryForm::Snapshot
            && positions.first().is_some_and(|first| *first < self.start);
        let mut next = 0;
        if let Some(held) = self.history.as_ref().filter(|_| needs_snapshot) {
            next = positions.partition_point(|position| *position < held.snapshot.changes);
            pieces.push((0..next, &held.snapshot.bytes));
        }
        for (index, position) in positions.iter().enumerate().skip(next) {
            let bytes = match position.checked_sub(self.start) {
                Some(at) => self.changes.get(at),
                None => {
                    let held = self.history.as_ref().and_then(|held| held.changes.as_ref());
                    held.and_then(|changes| changes.get(position))
                }
            };
            // Every change is in the log, or was fetched before anybody is sent it.
            if let Some(bytes) = bytes {
                pieces.push((index..index + 1, bytes));
            }
        }
        pieces
    }

    fn tail_start(&self) -> usize {
        self.snapshot.map_or(0, |snapshot| snapshot.changes).max(self.start)
    }

    fn count_tail(&mut self) {
        self.tail_bytes = self.from(self.tail_start()).iter().map(|change| change.len()).sum();
    }
}
