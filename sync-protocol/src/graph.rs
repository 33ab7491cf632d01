//! What a relay knows of a document: which changes there are and what each builds on. The document
//! itself is never built.
//!
//! Changes are numbered in the order in which they were added, each after those that it builds on.
//! The number is the change's position in the caller's log, and most questions are answered by
//! walking down from the highest position until nothing of interest is left, which costs what the
//! answer is long and not what the history is.

mod rebuild;

pub use rebuild::{GraphBuilder, RebuildError};

use crate::change::ChangeHeader;
use crate::sync_message::Have;
use automerge::{ActorId, ChangeHash};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The changes of one document, without their content.
///
/// A change counts as present once it is [inserted](Self::insert), but is advertised and sent only
/// once it is [stored](Self::mark_stored): what a peer hears of must survive a crash.
#[derive(Debug, Clone, Default)]
pub struct ChangeGraph {
    nodes: Vec<Node>,
    /// The dependencies of all nodes, one after another.
    edges: Vec<Position>,
    positions: BTreeMap<ChangeHash, Position>,
    /// Each actor's highest sequence number.
    actors: BTreeMap<ActorId, u64>,
    /// How many changes are stored; always the first ones.
    stored: usize,
    /// Ascending; shared with every peer that was told them.
    heads: Arc<[ChangeHash]>,
    max_op: u64,
}

pub(crate) type Position = u32;

#[derive(Debug, Clone)]
struct Node {
    hash: ChangeHash,
    /// Where this node's dependencies end in `edges`; they start where the one before ends.
    edges_end: u32,
}

/// What became of a change that was to be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inserted {
    /// It is new and has this position in the log.
    At(usize),
    /// It was there already.
    Known,
    /// It builds on changes that are not there; nothing happened.
    Lacks(Vec<ChangeHash>),
}

/// What would become of a change.
#[derive(Debug)]
pub(crate) enum Fit {
    Known,
    Lacks(Vec<ChangeHash>),
    /// It has the next position.
    Next,
}

/// Why a change can never be part of the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InsertError {
    /// Another change has its place: two replicas share an actor, or one is forged.
    #[error("actor {actor} has another change with sequence number {seq}")]
    SequenceTaken {
        /// The actor.
        actor: ActorId,
        /// The number.
        seq: u64,
    },
    /// Earlier changes of its actor are not among those that it builds on.
    #[error("actor {actor} has {known} changes, so change {seq} cannot come next")]
    SequenceGap {
        /// The actor.
        actor: ActorId,
        /// The change's number.
        seq: u64,
        /// The actor's highest number so far.
        known: u64,
    },
    /// The document has as many changes as positions can count.
    #[error("a document has at most {} changes", Position::MAX)]
    Full,
}

impl ChangeGraph {
    /// The graph of a document without changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a change, unless it is known or something that it builds on is missing.
    ///
    /// # Errors
    /// [`InsertError`] if the change contradicts one that is there.
    pub fn insert(
        &mut self,
        hash: ChangeHash,
        header: &ChangeHeader,
    ) -> Result<Inserted, InsertError> {
        match self.fit(hash, header)? {
            Fit::Known => return Ok(Inserted::Known),
            Fit::Lacks(missing) => return Ok(Inserted::Lacks(missing)),
            Fit::Next => {}
        }
        let full = |_| InsertError::Full;
        let position = Position::try_from(self.nodes.len()).map_err(full)?;
        let edges_end = u32::try_from(self.edges.len() + header.deps.len()).map_err(full)?;
        let deps = header.deps.iter().filter_map(|dep| self.positions.get(dep));
        self.edges.extend(deps);
        self.nodes.push(Node { hash, edges_end });
        self.positions.insert(hash, position);
        self.actors.insert(header.actor.clone(), header.seq);
        let last_op = header.start_op.saturating_add(header.operations).saturating_sub(1);
        self.max_op = self.max_op.max(last_op);
        Ok(Inserted::At(self.nodes.len() - 1))
    }

    /// What would become of a change.
    pub(crate) fn fit(&self, hash: ChangeHash, header: &ChangeHeader) -> Result<Fit, InsertError> {
        if self.contains(&hash) {
            return Ok(Fit::Known);
        }
        let missing: Vec<ChangeHash> =
            header.deps.iter().filter(|dep| !self.contains(dep)).copied().collect();
        if !missing.is_empty() {
            return Ok(Fit::Lacks(missing));
        }
        let (actor, seq) = (&header.actor, header.seq);
        let known = self.seq(actor);
        if seq <= known {
            return Err(InsertError::SequenceTaken { actor: actor.clone(), seq });
        }
        if seq != known.saturating_add(1) {
            return Err(InsertError::SequenceGap { actor: actor.clone(), seq, known });
        }
        Ok(Fit::Next)
    }

    /// Says that the log is stored up to `length` changes: from now on they may be advertised.
    /// Never goes back.
    pub fn mark_stored(&mut self, length: usize) {
        let mut heads = self.heads.to_vec();
        for position in self.stored..length.min(self.nodes.len()) {
            let deps: Vec<ChangeHash> =
                self.deps(position).iter().filter_map(|dep| self.hash(*dep as usize)).collect();
            heads.retain(|head| !deps.contains(head));
            heads.extend(self.hash(position));
            self.stored = position + 1;
        }
        heads.sort_unstable();
        self.heads = heads.into();
    }

    /// The heads that there were if the stored changes at `excluded` positions were not there,
    /// which must include all that build on them; ascending. Looks at every change.
    pub fn heads_without(&self, excluded: &BTreeSet<usize>) -> Vec<ChangeHash> {
        let mut heads = BTreeSet::new();
        for position in (0..self.stored).filter(|position| !excluded.contains(position)) {
            for dep in self.deps(position) {
                heads.remove(&(*dep as usize));
            }
            heads.insert(position);
        }
        let heads: BTreeSet<ChangeHash> =
            heads.into_iter().filter_map(|position| self.hash(position)).collect();
        heads.into_iter().collect()
    }

    /// How many changes there are, stored or not.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no change at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many changes are stored.
    pub fn stored_len(&self) -> usize {
        self.stored
    }

    /// The stored changes that no stored change builds on, ascending.
    pub fn heads(&self) -> &[ChangeHash] {
        &self.heads
    }

    pub(crate) fn shared_heads(&self) -> Arc<[ChangeHash]> {
        self.heads.clone()
    }

    /// Whether a change is there, stored or not.
    pub fn contains(&self, hash: &ChangeHash) -> bool {
        self.positions.contains_key(hash)
    }

    /// A change's position in the log.
    pub fn position(&self, hash: &ChangeHash) -> Option<usize> {
        self.positions.get(hash).map(|position| *position as usize)
    }

    /// The change at a position of the log.
    pub fn hash(&self, position: usize) -> Option<ChangeHash> {
        self.nodes.get(position).map(|node| node.hash)
    }

    /// An actor's highest sequence number; 0 if it has no changes.
    pub fn seq(&self, actor: &ActorId) -> u64 {
        self.actors.get(actor).copied().unwrap_or(0)
    }

    /// The highest number of an operation; new ones come after it.
    pub fn max_op(&self) -> u64 {
        self.max_op
    }

    /// Whether `descendant` builds on `ancestor`, at once or through others, or is it. `false` if
    /// either is not there.
    pub fn is_ancestor(&self, ancestor: &ChangeHash, descendant: &ChangeHash) -> bool {
        let (Some(low), Some(high)) = (self.position(ancestor), self.position(descendant)) else {
            return false;
        };
        let mut ahead = BTreeSet::from([high]);
        while let Some(position) = ahead.pop_last() {
            if position <= low {
                return position == low;
            }
            ahead.extend(self.deps(position).iter().map(|dep| *dep as usize));
        }
        false
    }

    /// The stored changes that `known` neither are nor build on, by position, ascending. Hashes
    /// that are not there are skipped.
    pub fn changes_after(&self, known: &[ChangeHash]) -> Vec<usize> {
        self.changes_between(known, &self.heads)
    }

    /// Those of [`changes_after`](Self::changes_after) from the position `start` on. Costs what
    /// that part of the log is long, whatever is known.
    pub fn changes_after_from(&self, known: &[ChangeHash], start: usize) -> Vec<usize> {
        ascending(self.uncovered(known, &self.heads, start))
    }

    /// The changes that `later` are or build on and `earlier` neither are nor build on, by
    /// position, ascending. Hashes that are not there are skipped.
    pub fn changes_between(&self, earlier: &[ChangeHash], later: &[ChangeHash]) -> Vec<usize> {
        ascending(self.uncovered(earlier, later, 0))
    }

    /// Whether `known` include or build on all of `heads`.
    pub fn covers(&self, known: &[ChangeHash], heads: &[ChangeHash]) -> bool {
        self.uncovered(known, heads, 0).next().is_none()
    }

    fn uncovered(
        &self,
        earlier: &[ChangeHash],
        later: &[ChangeHash],
        start: usize,
    ) -> Uncovered<'_> {
        let mut ahead: BTreeMap<usize, bool> = BTreeMap::new();
        ahead.extend(later.iter().filter_map(|hash| Some((self.position(hash)?, false))));
        ahead.extend(earlier.iter().filter_map(|hash| Some((self.position(hash)?, true))));
        let open = ahead.values().filter(|covered| !**covered).count();
        Uncovered { graph: self, start, ahead, open }
    }

    /// The stored changes that a peer lacks, by position, ascending.
    ///
    /// A peer has what its `heads` build on, what its last syncs build on, and what any of
    /// its filters contains; a change that builds on one that it lacks is sent too, and so is what it
    /// asks for by name. A filter may claim too much: the peer then finds something missing and
    /// asks for it. Without a `have` it gets only what it asks for.
    pub fn lacked_by(
        &self,
        heads: &[ChangeHash],
        have: &[Have],
        need: &[ChangeHash],
    ) -> Vec<usize> {
        let mut lacked = BTreeSet::new();
        if !have.is_empty() {
            let last_syncs = have.iter().flat_map(|have| &have.last_sync);
            let known: Vec<ChangeHash> = heads.iter().chain(last_syncs).copied().collect();
            for position in self.changes_after(&known) {
                let is_lacked = |dep: &Position| lacked.contains(&(*dep as usize));
                let claimed = self
                    .hash(position)
                    .is_some_and(|hash| have.iter().any(|have| have.since.contains(&hash)));
                if !claimed || self.deps(position).iter().any(is_lacked) {
                    lacked.insert(position);
                }
            }
        }
        lacked.extend(self.stored_positions(need));
        lacked.into_iter().collect()
    }

    /// The positions of those changes that are stored.
    pub fn stored_positions(&self, hashes: &[ChangeHash]) -> Vec<usize> {
        let positions = hashes.iter().filter_map(|hash| self.position(hash));
        positions.filter(|position| *position < self.stored).collect()
    }

    /// The positions of those that the change at a position directly builds on.
    pub(crate) fn deps(&self, position: usize) -> &[Position] {
        let end = self.nodes.get(position).map_or(0, |node| node.edges_end);
        let before = position.checked_sub(1).and_then(|before| self.nodes.get(before));
        let start = before.map_or(0, |node| node.edges_end);
        self.edges.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// Walks down the log over the changes that one set of heads covers and another does not.
struct Uncovered<'a> {
    graph: &'a ChangeGraph,
    /// Where the walk ends.
    start: usize,
    /// The positions reached but not passed, and whether the earlier heads cover them. A position
    /// is passed after all that build on it, so by then it is settled.
    ahead: BTreeMap<usize, bool>,
    /// How many of them are not covered. Without any the walk ends.
    open: usize,
}

impl Iterator for Uncovered<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.open > 0 {
            let (position, covered) = self.ahead.pop_last()?;
            if position < self.start {
                return None;
            }
            self.open -= usize::from(!covered);
            for dep in self.graph.deps(position) {
                let reached = self.ahead.entry(*dep as usize).or_insert_with(|| {
                    self.open += 1;
                    false
                });
                if covered && !*reached {
                    *reached = true;
                    self.open -= 1;
                }
            }
            if !covered {
                return Some(position);
            }
        }
        None
    }
}

fn ascending(walk: Uncovered<'_>) -> Vec<usize> {
    let mut positions: Vec<usize> = walk.collect();
    positions.reverse();
    positions
}
