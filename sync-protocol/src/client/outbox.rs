//! Which changes wait for the relay.

use automerge::{Automerge, ChangeHash};

/// How many changes of the document the relay has not said it has. They are in the document; this
/// only counts them.
#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    pending: usize,
    /// Between what and what was counted; `None` before the first count.
    counted: Option<(Vec<ChangeHash>, Vec<ChangeHash>)>,
}

impl Outbox {
    /// The changes in `document` that `shared_heads` neither are nor build on. Heads that are not
    /// there are skipped.
    ///
    /// Costs what the answer is long, not what the history is, except for the first answer of a
    /// relay that has nothing.
    pub fn count(&mut self, document: &Automerge, shared_heads: &[ChangeHash]) -> usize {
        let heads = document.get_heads();
        self.pending = match &self.counted {
            _ if heads == shared_heads => 0,
            Some((before, shared)) if shared == shared_heads && *before == heads => self.pending,
            // What is new is not shared, or the shared heads would be others.
            Some((before, shared)) if shared == shared_heads => {
                self.pending + document.get_changes_meta(before).len()
            }
            _ => document.get_changes_meta(shared_heads).len(),
        };
        self.counted = Some((heads, shared_heads.to_vec()));
        self.pending
    }
}
