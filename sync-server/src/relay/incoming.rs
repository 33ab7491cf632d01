//! From a client's frame to what a room is told.

use sync_protocol::{
    ChunkError, ChunkKind, DecodeError, DocumentId, Ephemeral, Message, PeerId, RawChange,
    RemoteHeadsChanged, RemoteSubscriptionChange, SyncMessage, SyncMessageError, chunks, decode,
};

/// A client's frame, read and checked as far as that needs no document.
#[derive(Debug)]
pub enum Incoming {
    /// A step of syncing a document.
    Sync {
        /// The document.
        document: DocumentId,
        /// The client wants to be told if the document is not there.
        is_request: bool,
        /// The message; its changes have been taken out.
        message: SyncMessage<'static>,
        /// The changes that it carried, whole documents expanded.
        changes: Vec<RawChange<'static>>,
    },
    /// From now on the client wants to hear of other storages.
    Subscription(RemoteSubscriptionChange),
    /// The client passes on how far storages have got.
    RemoteHeads(RemoteHeadsChanged),
    /// Something to pass on and forget.
    Ephemeral(Ephemeral<'static>),
    /// The client shows a newer token than it came with.
    Renewal(String),
    /// The client asks for a sign of life.
    Ping,
    /// Nothing that concerns the relay.
    Nothing,
}

/// Why a frame ends its connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// It is no message.
    #[error("a frame is not a message")]
    Frame(#[from] DecodeError),
    /// Its payload is no sync message.
    #[error("the sync message for document {document} cannot be read")]
    Sync {
        /// The document that it is about.
        document: DocumentId,
        /// What is wrong with it.
        source: SyncMessageError,
    },
    /// Its changes are none.
    #[error("the changes for document {document} cannot be read")]
    Changes {
        /// The document that they are for.
        document: DocumentId,
        /// What is wrong with them.
        source: ChunkError,
    },
}

/// A longer frame takes long enough to be read elsewhere, whatever is in it.
const AT_ONCE_BYTES_MAX: usize = 4096;

/// Reads a frame from the client that joined as `joined`, wherever that may take long and needs a
/// large stack: whole documents are expanded, which takes up to seconds.
///
/// Messages in another's name are nothing: every client of automerge-repo sends what it hears from
/// others back to its server.
///
/// # Errors
/// [`FrameError`]: close the connection.
///
/// # Panics
/// Crafted bytes may find a fault of Automerge: be ready to catch it.
pub fn read(frame: &[u8], joined: &PeerId) -> Result<Incoming, FrameError> {
    // Nothing is left for later if nothing may be.
    Ok(read_if(frame, joined, |_| true)?.unwrap_or(Incoming::Nothing))
}

/// Does the same if it takes no longer than other work of the relay; `None` if it might: the frame
/// is long, or holds a whole document, of which a hundred bytes may hold a hundred thousand
/// operations.
///
/// # Errors
/// [`FrameError`]: close the connection.
///
/// # Panics
/// As [`read`] does.
pub fn read_at_once(frame: &[u8], joined: &PeerId) -> Result<Option<Incoming>, FrameError> {
    if frame.len() > AT_ONCE_BYTES_MAX {
        return Ok(None);
    }
    read_if(frame, joined, |message| !holds_document(message))
}

/// Reads a frame; `None` if it is a step of syncing whose changes `may_expand` does not allow to be
/// taken out here.
fn read_if(
    frame: &[u8],
    joined: &PeerId,
    may_expand: impl Fn(&SyncMessage<'_>) -> bool,
) -> Result<Option<Incoming>, FrameError> {
    #[cfg(test)]
    crate::faults::in_frame(joined);
    let message = decode(frame)?;
    if message.sender() != Some(joined) {
        return Ok(Some(Incoming::Nothing));
    }
    let (sync, is_request) = match message {
        Message::Request(sync) => (sync, true),
        Message::Sync(sync) => (sync, false),
        Message::RemoteSubscriptionChange(change) => {
            return Ok(Some(Incoming::Subscription(change)));
        }
        Message::Token(token) => return Ok(Some(Incoming::Renewal(token.token))),
        Message::Ping(_) => return Ok(Some(Incoming::Ping)),
        Message::RemoteHeadsChanged(heads) => return Ok(Some(Incoming::RemoteHeads(heads))),
        Message::Ephemeral(ephemeral) => return Ok(Some(Incoming::Ephemeral(owned(ephemeral)))),
        // A client that lacks a document says so; who has it will sync. The rest is not for us.
        _ => return Ok(Some(Incoming::Nothing)),
    };
    let document = sync.document;
    let message =
        SyncMessage::decode(&sync.data).map_err(|source| FrameError::Sync { document, source })?;
    if !may_expand(&message) {
        return Ok(None);
    }
    #[cfg(test)]
    if holds_document(&message) {
        crate::faults::in_document(joined);
    }
    let changes = expand(&message).map_err(|source| FrameError::Changes { document, source })?;
    let SyncMessage { format, heads, need, have, flags, .. } = message;
    let message = SyncMessage { format, heads, need, have, changes: Vec::new(), flags };
    Ok(Some(Incoming::Sync { document, is_request, message, changes }))
}

/// Whether a whole document is among the changes; looks at the beginning of each only.
fn holds_document(message: &SyncMessage<'_>) -> bool {
    let mut chunks = message.changes.iter().flat_map(|part| chunks(part));
    chunks.any(|chunk| chunk.is_ok_and(|chunk| chunk.kind() == ChunkKind::Document))
}

fn expand(message: &SyncMessage<'_>) -> Result<Vec<RawChange<'static>>, ChunkError> {
    let mut changes = Vec::new();
    for chunk in message.changes.iter().flat_map(|part| chunks(part)) {
        let chunk = chunk?;
        match chunk.kind() {
            ChunkKind::Document => {
                for change in chunk.document_changes()? {
                    for chunk in chunks(change.raw_bytes()) {
                        changes.push(chunk?.change()?.into_owned());
                    }
                }
            }
            _ => changes.push(chunk.change()?.into_owned()),
        }
    }
    Ok(changes)
}

fn owned(ephemeral: Ephemeral<'_>) -> Ephemeral<'static> {
    let Ephemeral { author, target, document, session, count, data } = ephemeral;
    Ephemeral { author, target, document, session, count, data: data.into_owned().into() }
}
