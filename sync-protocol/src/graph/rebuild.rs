//! A graph from what a store wrote down of it: nothing is hashed or parsed again.

use super::{ChangeGraph, Node, Position};
use automerge::{ActorId, ChangeHash};
use std::collections::BTreeMap;

/// Builds a [`ChangeGraph`] of stored changes, in the order of their positions.
///
/// For an index that was written after the changes were [inserted](ChangeGraph::insert) once, and
/// whose bytes are known to be what was written: it trusts the hashes. What it does check keeps a
/// damaged index from becoming a graph that contradicts itself.
///
/// ```
/// use sync_protocol::{ActorId, ChangeHash, GraphBuilder};
/// let (actor, first, second) = (ActorId::from([1]), ChangeHash([1; 32]), ChangeHash([2; 32]));
/// let mut builder = GraphBuilder::new();
/// builder.push(first, &[], &actor, 1, 3)?;
/// builder.push(second, &[0], &actor, 2, 4)?;
/// let graph = builder.finish()?;
/// assert_eq!(graph.heads(), [second]);
/// assert_eq!((graph.stored_len(), graph.max_op()), (2, 4));
/// # Ok::<(), sync_protocol::RebuildError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct GraphBuilder {
    graph: ChangeGraph,
    /// Whether another change builds on the one at this position.
    is_built_on: Vec<bool>,
}

/// Why an index is none of a document's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// A change builds on one that comes no earlier.
    #[error("the change at position {position} builds on one that does not come before it")]
    DependsOnLater {
        /// Its position.
        position: usize,
    },
    /// A change is not its actor's next.
    #[error("the change at position {position} is not its actor's next")]
    NotNext {
        /// Its position.
        position: usize,
    },
    /// A change is there twice.
    #[error("a change is there twice")]
    Twice,
    /// More changes than positions can count.
    #[error("a document has at most {} changes", Position::MAX)]
    Full,
}

impl GraphBuilder {
    /// A builder without changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many changes there are so far.
    pub fn len(&self) -> usize {
        self.graph.nodes.len()
    }

    /// Whether there is no change yet.
    pub fn is_empty(&self) -> bool {
        self.graph.nodes.is_empty()
    }

    /// Adds the next change: the positions that it builds on, whose it is, and its last operation.
    ///
    /// # Errors
    /// [`RebuildError`] if it cannot be the next one.
    pub fn push(
        &mut self,
        hash: ChangeHash,
        deps: &[u32],
        actor: &ActorId,
        seq: u64,
        last_op: u64,
    ) -> Result<(), RebuildError> {
        let graph = &mut self.graph;
        let position = graph.nodes.len();
        for dep in deps {
            let known = self.is_built_on.get_mut(*dep as usize);
            *known.ok_or(RebuildError::DependsOnLater { position })? = true;
        }
        match graph.actors.get_mut(actor) {
            Some(known) if known.checked_add(1) == Some(seq) => *known = seq,
            None if seq == 1 => _ = graph.actors.insert(actor.clone(), seq),
            _ => return Err(RebuildError::NotNext { position }),
        }
        graph.edges.extend_from_slice(deps);
        let edges_end = u32::try_from(graph.edges.len()).map_err(|_| RebuildError::Full)?;
        graph.nodes.push(Node { hash, edges_end });
        graph.max_op = graph.max_op.max(last_op);
        self.is_built_on.push(false);
        Ok(())
    }

    /// The graph, with every change in it stored.
    ///
    /// # Errors
    /// [`RebuildError`] if a change is there twice.
    pub fn finish(self) -> Result<ChangeGraph, RebuildError> {
        let Self { mut graph, is_built_on } = self;
        Position::try_from(graph.nodes.len()).map_err(|_| RebuildError::Full)?;
        let hashes = || graph.nodes.iter().map(|node| node.hash);
        // From sorted pairs the map is built in one go.
        let positions: BTreeMap<ChangeHash, Position> = hashes().zip(0..).collect();
        if positions.len() != graph.nodes.len() {
            return Err(RebuildError::Twice);
        }
        let heads = hashes().zip(&is_built_on).filter(|(_, is_built_on)| !**is_built_on);
        let mut heads: Vec<ChangeHash> = heads.map(|(hash, _)| hash).collect();
        heads.sort_unstable();
        graph.stored = graph.nodes.len();
        graph.heads = heads.into();
        graph.positions = positions;
        Ok(graph)
    }
}
