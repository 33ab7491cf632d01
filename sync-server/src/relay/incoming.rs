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

/// Reads a frame from the client that joined as `joined`.
///
/// Messages in another's name are nothing: every client of automerge-repo sends what it hears from
/// others back to its server. Whole documents are expanded here, which takes milliseconds to
/// seconds and, for crafted bytes, can panic: call it where both are harmless.
///
/// # Errors
/// [`FrameError`]: close the connection.
pub fn read(frame: &[u8], joined: &PeerId) -> Result<Incoming, FrameError> {
    let message = decode(frame)?;
    if message.sender() != Some(joined) {
        return Ok(Incoming::Nothing);
    }
    let (sync, is_request) = match message {
        Message::Request(sync) => (sync, true),
        Message::Sync(sync) => (sync, false),
        Message::RemoteSubscriptionChange(change) => return Ok(Incoming::Subscription(change)),
        Message::RemoteHeadsChanged(heads) => return Ok(Incoming::RemoteHeads(heads)),
        Message::Ephemeral(ephemeral) => return Ok(Incoming::Ephemeral(owned(ephemeral))),
        // A client that lacks a document says so; who has it will sync. The rest is not for us.
        _ => return Ok(Incoming::Nothing),
    };
    let document = sync.document;
    let message =
        SyncMessage::decode(&sync.data).map_err(|source| FrameError::Sync { document, source })?;
    let changes = expand(&message).map_err(|source| FrameError::Changes { document, source })?;
    let SyncMessage { format, heads, need, have, flags, .. } = message;
    let message = SyncMessage { format, heads, need, have, changes: Vec::new(), flags };
    Ok(Incoming::Sync { document, is_request, message, changes })
}

/// Whether [`read`] may take long for this frame, because it holds more than a few changes.
pub fn may_take_long(frame: &[u8]) -> bool {
    frame.len() > 4096
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
