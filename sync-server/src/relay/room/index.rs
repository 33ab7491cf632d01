//! What must be read from the store before a room can check changes.

use super::{Received, Room};
use crate::store::Snapshot;
use sync_protocol::{Access, Admission, BuildError};

impl Room {
    /// The same room without a check of changes. See [`Admission::unchecked`].
    #[must_use]
    pub fn unchecked(self) -> Self {
        Self { graph: Admission::unchecked(self.graph.graph().clone()), ..self }
    }

    /// Whether the index of operations must be [built](Self::build_index) before this can be taken.
    /// Rooms that are only read from never need it.
    pub fn needs_index(&self, received: &Received) -> bool {
        !received.changes.is_empty() && self.graph.needs_chunks()
    }

    /// Builds the index of operations from the document's snapshot, if there is one, and the
    /// changes since. Costs about a microsecond for each operation: call it where that keeps nobody
    /// waiting who need not.
    ///
    /// # Errors
    /// [`BuildError`]; the document can be read then, and takes no changes.
    pub fn build_index(&mut self, snapshot: Option<&Snapshot>) -> Result<(), BuildError> {
        let first = snapshot.map_or(0, |snapshot| snapshot.changes);
        let snapshot = snapshot.map(|snapshot| snapshot.bytes.clone());
        self.graph.build(snapshot.iter().chain(self.log.from(first)))
    }

    /// What a member may do now.
    pub(super) fn access(&self, granted: Access) -> Access {
        if self.is_read_only { Access::ReadOnly } else { granted }
    }
}
