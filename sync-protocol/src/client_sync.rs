//! What a relay has of one document, on a client that keeps the document.

use crate::sync_message::{SyncMessage, SyncMessageError};
use automerge::sync::{self, SyncDoc};
use automerge::{Automerge, AutomergeError, ChangeHash};

/// A client's sync of one document with one relay. Lives as long as the connection.
///
/// The document stays the caller's; it is borrowed for each call.
///
/// ```
/// use automerge::{Automerge, ROOT, transaction::Transactable};
/// use sync_protocol::ClientSync;
/// let mut document = Automerge::new();
/// document.transact(|transaction| transaction.put(ROOT, "title", "Write")).map_err(|f| f.error)?;
/// let mut sync = ClientSync::new();
/// assert!(sync.next_message(&document).is_some());
/// assert!(sync.next_message(&document).is_none(), "waits for the relay's answer");
/// assert!(!sync.is_saved(&document));
/// # Ok::<(), automerge::AutomergeError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ClientSync {
    state: sync::State,
}

/// Why a relay's message was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// It is no sync message, or exceeds a limit. The document is untouched.
    #[error("the relay's sync message cannot be read")]
    Message(#[from] SyncMessageError),
    /// Automerge reads it differently than we do. The document is untouched.
    #[error("Automerge cannot read the relay's sync message")]
    Foreign(#[source] sync::ReadMessageError),
    /// Its changes do not fit the document, of which some may have been applied.
    #[error("the relay's changes do not fit the document")]
    Changes(#[source] Box<AutomergeError>),
}

impl ClientSync {
    /// A sync that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// What to tell the relay now: `None` if it has everything, or owes an answer. Call it at the
    /// start, after every message received, and after every change of the document.
    pub fn next_message(&mut self, document: &Automerge) -> Option<Vec<u8>> {
        document.generate_sync_message(&mut self.state).map(sync::Message::encode)
    }

    /// Takes a sync message of the relay and applies its changes to the document.
    ///
    /// The message is checked against this crate's limits, its changes are not: a relay is trusted
    /// to have admitted them.
    ///
    /// # Errors
    /// [`ReceiveError`] if it cannot be read or applied.
    pub fn receive(&mut self, document: &mut Automerge, data: &[u8]) -> Result<(), ReceiveError> {
        SyncMessage::decode(data)?;
        let message = sync::Message::decode(data).map_err(ReceiveError::Foreign)?;
        let received = document.receive_sync_message(&mut self.state, message);
        received.map_err(|error| ReceiveError::Changes(Box::new(error)))
    }

    /// The heads that the relay last said it has stored; `None` until it has spoken.
    pub fn relay_heads(&self) -> Option<&[ChangeHash]> {
        self.state.their_heads.as_deref()
    }

    /// Whether the relay has stored every change of the document. Ours says so only once they
    /// survive a crash.
    pub fn is_saved(&self, document: &Automerge) -> bool {
        let Some(stored) = self.relay_heads() else {
            return false;
        };
        let ours = document.get_heads();
        if ours.iter().all(|head| stored.contains(head)) {
            return true;
        }
        // The relay may be ahead: what its heads build on is stored as well. Those of its heads
        // that are unknown here build on nothing that we could tell.
        let known = stored.iter().filter(|head| document.get_change_meta_by_hash(head).is_some());
        let known: Vec<ChangeHash> = known.copied().collect();
        document.get_changes_meta(&known).is_empty()
    }

    /// Whether the relay ignores our changes, as it says: we may read but not write.
    pub fn is_read_only(&self) -> bool {
        self.state.is_peer_read_only()
    }
}
