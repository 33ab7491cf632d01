//! What a relay has of one document, on a client that keeps the document.
//!
//! Messages are made by Automerge. Incoming ones are taken here: Automerge would apply their
//! changes past the document's own checks, and walks the whole history for each acknowledgement.

use crate::admission::{self, Inadmissible};
use crate::chunk::{ChunkError, ChunkKind, chunks};
use crate::sync_message::{SyncFlags, SyncMessage, SyncMessageError};
use automerge::sync::{self, Capability, SyncDoc};
use automerge::{Automerge, AutomergeError, Change, ChangeHash, LoadChangeError, ReadDoc};
use std::collections::BTreeSet;

/// A document that a client keeps in sync: Automerge's own, or one that checks what it takes.
pub trait Document {
    /// Why it refuses changes, in one sentence.
    type Error: std::error::Error + Send + Sync + 'static;

    /// What it consists of.
    fn automerge(&self) -> &Automerge;

    /// Takes a whole delivery, in whatever order, or nothing of it. What is known already is no
    /// error.
    ///
    /// # Errors
    /// Why it takes nothing; the document is as before.
    fn receive(&mut self, changes: Vec<Change>) -> Result<(), Self::Error>;

    /// What must arrive before changes can be applied that it keeps outside of
    /// [`automerge`](Self::automerge).
    fn missing(&self) -> Vec<ChangeHash> {
        Vec::new()
    }
}

/// Takes every change, and queues without bound those that build on others: for relays that are
/// trusted.
impl Document for Automerge {
    type Error = AutomergeError;

    fn automerge(&self) -> &Automerge {
        self
    }

    fn receive(&mut self, changes: Vec<Change>) -> Result<(), AutomergeError> {
        self.apply_changes(changes)
    }
}

/// A client's sync of one document with one relay. Lives as long as the connection.
///
/// The document stays the caller's; it is borrowed for each call.
///
/// A change made while the relay owes an answer is sent at once, not after the answer: one that
/// commits to its disk before it answers would delay every second change by a round trip. Nothing
/// is sent twice, and TCP keeps the order.
///
/// ```
/// use automerge::{Automerge, ROOT, transaction::Transactable};
/// use sync_protocol::ClientSync;
/// let mut document = Automerge::new();
/// document.transact(|transaction| transaction.put(ROOT, "title", "Write")).map_err(|f| f.error)?;
/// let mut sync = ClientSync::new();
/// assert!(sync.next_message(&document).is_some());
/// assert!(sync.next_message(&document).is_none(), "waits for the relay's answer");
/// assert_ne!(sync.shared_heads(), document.get_heads());
/// # Ok::<(), automerge::AutomergeError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ClientSync {
    state: sync::State,
    /// The next message goes without a filter.
    unfiltered: bool,
}

/// Why a relay's message was not taken. The document is untouched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError<E: std::error::Error + 'static> {
    /// It is no sync message, or exceeds a limit.
    #[error("the relay's sync message cannot be read")]
    Message(#[from] SyncMessageError),
    /// A chunk of it is damaged, or no change.
    #[error("the changes of the relay's sync message cannot be read")]
    Chunk(#[from] ChunkError),
    /// Automerge cannot read one of its changes.
    #[error("change {hash} from the relay cannot be read")]
    Change {
        /// The change.
        hash: ChangeHash,
        /// What Automerge found.
        source: Box<LoadChangeError>,
    },
    /// One of its changes breaks a rule of admission.
    #[error("change {hash} from the relay is not admitted")]
    NotAdmitted {
        /// The change.
        hash: ChangeHash,
        /// The rule.
        source: Inadmissible,
    },
    /// The document refuses its changes.
    #[error("the relay's changes were refused")]
    Refused(#[source] E),
}

impl ClientSync {
    /// A sync with a relay of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// A sync with a relay that had these changes before. Those that the document does not have,
    /// because it was restored from a backup, are forgotten: naming them would be to claim them.
    pub fn resuming(shared_heads: &[ChangeHash], document: &Automerge) -> Self {
        let shared: BTreeSet<ChangeHash> =
            shared_heads.iter().filter(|head| knows(document, head)).copied().collect();
        let shared_heads = shared.into_iter().collect();
        let state = sync::State { shared_heads, ..sync::State::default() };
        // What was sent and not acknowledged comes back at worst; a filter that claims one change
        // too much would keep the relay from sending it, and all that follow would have to wait.
        let unfiltered = !state.shared_heads.is_empty();
        Self { state, unfiltered }
    }

    /// Leaves the filter out of the first message: the relay then sends everything that it does
    /// not know to be here. For after a delivery that lacked too much.
    #[must_use]
    pub fn without_filter(mut self) -> Self {
        self.unfiltered = true;
        self
    }

    /// What to tell the relay now: `None` if it has everything, or owes an answer. Call it at the
    /// start, after every message received, and after every change of the document.
    pub fn next_message<D: Document>(&mut self, document: &D) -> Option<Vec<u8>> {
        let mut message = document.automerge().generate_sync_message(&mut self.state)?;
        if std::mem::take(&mut self.unfiltered) {
            message.have.iter_mut().for_each(|have| have.bloom = sync::BloomFilter::default());
        }
        let missing = document.missing();
        if !missing.is_empty() {
            // Automerge asks for the relay's heads, which may be waiting outside of it. As it does
            // while it asks for more than heads, ask for nothing else.
            message.need = missing;
            message.have.clear();
        }
        Some(message.encode())
    }

    /// Takes a sync message of the relay and gives its changes to the document. Says how many it
    /// did not have.
    ///
    /// The message and each change by itself are checked against this crate's limits
    /// ([`check_change`](crate::check_change)), which takes a microsecond. What a change refers to
    /// is not: an index would double what a client keeps, and a relay is trusted to have admitted
    /// what it sends.
    ///
    /// # Errors
    /// [`ReceiveError`] if it cannot be read or the document refuses it. Begin a new connection.
    pub fn receive<D: Document>(
        &mut self,
        document: &mut D,
        data: &[u8],
    ) -> Result<usize, ReceiveError<D::Error>> {
        let message = SyncMessage::decode(data)?;
        let changes = new_changes(document.automerge(), &message)?;
        let (before, new) = (document.automerge().get_heads(), changes.len());
        if new > 0 {
            document.receive(changes).map_err(ReceiveError::Refused)?;
        }
        self.note(document.automerge(), message, before);
        Ok(new)
    }

    /// What Automerge's `receive_sync_message` notes once the changes are applied.
    fn note(&mut self, document: &Automerge, message: SyncMessage<'_>, before: Vec<ChangeHash>) {
        let state = &mut self.state;
        state.in_flight = false;
        if let Some(flags) = message.flags {
            let mut capabilities = vec![Capability::MessageV2];
            if flags.contains(SyncFlags::SUPPORTS_SYNC_RESET) {
                capabilities.push(Capability::SyncReset);
            }
            state.their_capabilities = Some(capabilities);
            if flags.contains(SyncFlags::SYNC_RESET) {
                state.sent_hashes.clear();
            }
            state.peer_read_only = flags.contains(SyncFlags::READ_ONLY);
        }
        let heads = document.get_heads();
        if heads != before {
            let is_shared = |head: &&ChangeHash| {
                before.binary_search(head).is_err()
                    || state.shared_heads.binary_search(head).is_ok()
            };
            state.shared_heads = heads.iter().filter(is_shared).copied().collect();
        }
        let known: Vec<ChangeHash> =
            message.heads.iter().filter(|head| knows(document, head)).copied().collect();
        if !state.sent_hashes.is_empty() && !known.is_empty() {
            let lacked = document.get_changes_meta(&known);
            let lacked: BTreeSet<ChangeHash> = lacked.iter().map(|change| change.hash).collect();
            state.sent_hashes.retain(|hash| lacked.contains(hash));
        }
        if message.changes.is_empty() && message.heads == before {
            state.last_sent_heads.clone_from(&message.heads);
        }
        if known.len() == message.heads.len() {
            state.shared_heads = known;
            // A relay that has lost everything gets everything again.
            if message.heads.is_empty() {
                state.last_sent_heads.clear();
                state.sent_hashes.clear();
            }
        } else {
            state.shared_heads.extend(known);
            state.shared_heads.sort_unstable();
            state.shared_heads.dedup();
        }
        let have = message.have.into_iter().map(|have| sync::Have {
            // Our reader has taken it, so Automerge's does; an empty filter claims nothing.
            bloom: sync::BloomFilter::try_from(&*have.since.to_bytes()).unwrap_or_default(),
            last_sync: have.last_sync,
        });
        state.their_have = Some(have.collect());
        state.their_heads = Some(message.heads);
        state.their_need = Some(message.need);
    }

    /// The heads of what both are known to have, ascending. Ours says that it has a change only
    /// once the change survives a crash.
    pub fn shared_heads(&self) -> &[ChangeHash] {
        &self.state.shared_heads
    }

    /// The heads that the relay last named; `None` until it has spoken.
    pub fn relay_heads(&self) -> Option<&[ChangeHash]> {
        self.state.their_heads.as_deref()
    }

    /// Whether the relay, once it has everything that was sent, has something to say: it has other
    /// changes than the document. One that ignores our changes says nothing.
    pub fn expects_answer(&self, document: &Automerge) -> bool {
        !self.is_read_only() && self.relay_heads() != Some(&document.get_heads())
    }

    /// Whether the relay ignores our changes, as it says: we may read but not write.
    pub fn is_read_only(&self) -> bool {
        self.state.is_peer_read_only()
    }
}

/// The changes of a message that the document does not have.
fn new_changes<E: std::error::Error>(
    document: &Automerge,
    message: &SyncMessage<'_>,
) -> Result<Vec<Change>, ReceiveError<E>> {
    let mut new = Vec::new();
    for chunk in message.changes.iter().flat_map(|part| chunks(part)) {
        let chunk = chunk?;
        if chunk.kind() == ChunkKind::Document {
            let changes = chunk.document_changes()?.into_iter();
            for change in changes.filter(|change| !knows(document, &change.hash())) {
                let refused = |source| ReceiveError::NotAdmitted { hash: change.hash(), source };
                admission::check_bytes(change.raw_bytes()).map_err(refused)?;
                new.push(change);
            }
            continue;
        }
        let raw = chunk.change()?;
        if !knows(document, &raw.hash) {
            let refused = |source| ReceiveError::NotAdmitted { hash: raw.hash, source };
            admission::check_bytes(&raw.bytes).map_err(refused)?;
            let damaged =
                |source| ReceiveError::Change { hash: raw.hash, source: Box::new(source) };
            new.push(Change::from_bytes(raw.bytes.into_owned()).map_err(damaged)?);
        }
    }
    Ok(new)
}

/// Whether a change is part of the document.
fn knows(document: &Automerge, hash: &ChangeHash) -> bool {
    // The first is many times cheaper, but takes no notice of the hash while changes are queued.
    document.get_missing_deps(&[*hash]).is_empty()
        || document.get_change_meta_by_hash(hash).is_some()
}
