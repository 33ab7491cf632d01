//! Where changes wait for others that they build on.

use crate::admission::{Admission, AdmitError, Inadmissible};
use crate::chunk::RawChange;
use crate::graph::{ChangeGraph, InsertError, Inserted};
use automerge::ChangeHash;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How many changes of one peer may wait for others that they build on.
pub const WAITING_CHANGES_MAX: usize = 256;

/// How many bytes of changes of one peer may wait for others that they build on.
pub const WAITING_BYTES_MAX: usize = 1024 * 1024;

/// How long a change may wait for others that it builds on. Honest peers send those before it, or
/// as soon as they are asked.
pub const WAITING_TIME_MAX: Duration = Duration::from_secs(60);

/// Changes of one peer that arrived before something they build on.
///
/// They wait here and not inside Automerge, which would queue without bound and write what it
/// queues into every save.
#[derive(Debug, Clone, Default)]
pub struct Pen {
    changes: BTreeMap<ChangeHash, Waiting>,
    bytes: usize,
    /// How many changes the graph had when none of these fitted.
    tried_at: usize,
}

#[derive(Debug, Clone)]
struct Waiting {
    change: RawChange<'static>,
    since: Duration,
}

/// Why a change was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddError {
    /// A change contradicts one that is there.
    #[error("change {hash} does not fit the document")]
    Contradiction {
        /// The change.
        hash: ChangeHash,
        /// What it contradicts.
        source: InsertError,
    },
    /// A change breaks a rule of admission. After [`Inadmissible::TooFarAhead`] it waits here, in case
    /// the changes between arrive; after any other it is gone.
    #[error("change {hash} is not admitted")]
    Refused {
        /// The change.
        hash: ChangeHash,
        /// The rule.
        source: Inadmissible,
    },
    /// The caller has not built the index of operations, or cannot.
    #[error("change {hash} cannot be checked")]
    Unchecked {
        /// The change.
        hash: ChangeHash,
        /// Why not.
        source: AdmitError,
    },
    /// Too much waits for changes that have not arrived.
    #[error(
        "more than {WAITING_CHANGES_MAX} changes or {WAITING_BYTES_MAX} bytes would wait for others that have not arrived"
    )]
    TooManyWaiting,
}

/// The outcome of [`Pen::add`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Added {
    /// New in the graph, in the order of their positions: append them to the log like that.
    pub changes: Vec<RawChange<'static>>,
    /// Refused, each with the reason; the others are not affected.
    pub refused: Vec<AddError>,
}

impl Pen {
    /// A pen without changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many changes wait.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether no change waits.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// When the first change here will have waited too long; `None` if none waits.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.changes.values().map(|waiting| waiting.since + WAITING_TIME_MAX).min()
    }

    /// Drops what has waited too long by `now`; says how many changes that were.
    pub fn expire(&mut self, now: Duration) -> usize {
        let before = self.changes.len();
        self.changes.retain(|_, waiting| waiting.since + WAITING_TIME_MAX > now);
        self.bytes = self.changes.values().map(|waiting| waiting.change.bytes.len()).sum();
        before - self.changes.len()
    }

    /// Adds changes to the document as soon as all is there that they build on, if they are
    /// admitted; until then they wait, from `now` on and not for ever: see [`Self::expire`]. Known
    /// ones are dropped.
    pub fn add(
        &mut self,
        graph: &mut Admission,
        changes: impl IntoIterator<Item = RawChange<'static>>,
        now: Duration,
    ) -> Added {
        let mut added = Added::default();
        let waiting: BTreeSet<ChangeHash> = self.changes.keys().copied().collect();
        for change in changes {
            self.add_one(graph, Waiting { change, since: now }, &mut added);
        }
        // Waiting changes are few: trying them all again until none fits costs less than an index
        // of who waits for whom. Others' changes may have been what they waited for.
        while !self.changes.is_empty() && self.tried_at != graph.len() {
            let tried_at = graph.len();
            for waiting in std::mem::take(self).changes.into_values() {
                self.add_one(graph, waiting, &mut added);
            }
            self.tried_at = tried_at;
        }
        let new = self.changes.values().map(|waiting| &waiting.change);
        for change in new.filter(|change| !waiting.contains(&change.hash)) {
            // All is there that it builds on, and yet it waits.
            if let Err(error) = graph.insert(change) {
                added.refused.push(refused(change.hash, error));
            }
        }
        added
    }

    /// What must arrive before everything here can be added, ascending.
    pub fn missing(&self, graph: &ChangeGraph) -> Vec<ChangeHash> {
        let deps = self.changes.values().flat_map(|waiting| &waiting.change.header.deps);
        let missing = deps.filter(|hash| !graph.contains(hash) && !self.changes.contains_key(hash));
        missing.copied().collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn add_one(&mut self, graph: &mut Admission, waiting: Waiting, added: &mut Added) {
        let hash = waiting.change.hash;
        match graph.insert(&waiting.change) {
            Ok(Inserted::At(_)) => added.changes.push(waiting.change),
            Ok(Inserted::Known) => {}
            Ok(Inserted::Lacks(_)) => self.keep(waiting, added),
            Err(error) if may_fit_later(&error) => self.keep(waiting, added),
            Err(error) => added.refused.push(refused(hash, error)),
        }
    }

    fn keep(&mut self, waiting: Waiting, added: &mut Added) {
        let hash = waiting.change.hash;
        if self.changes.contains_key(&hash) {
            return;
        }
        let bytes = self.bytes.saturating_add(waiting.change.bytes.len());
        if self.changes.len() == WAITING_CHANGES_MAX || bytes > WAITING_BYTES_MAX {
            added.refused.push(AddError::TooManyWaiting);
            return;
        }
        self.bytes = bytes;
        self.changes.insert(hash, waiting);
    }
}

/// Whether changes that no dependency names may explain why one does not fit. Automerge makes such
/// changes when it writes on an earlier state of a document.
fn may_fit_later(error: &AdmitError) -> bool {
    matches!(
        error,
        AdmitError::Refused(Inadmissible::TooFarAhead { .. })
            | AdmitError::Contradiction(InsertError::SequenceGap { .. })
    )
}

fn refused(hash: ChangeHash, error: AdmitError) -> AddError {
    match error {
        AdmitError::Contradiction(source) => AddError::Contradiction { hash, source },
        AdmitError::Refused(source) => AddError::Refused { hash, source },
        source => AddError::Unchecked { hash, source },
    }
}
