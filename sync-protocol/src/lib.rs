//! The wire protocol of automerge-repo as pure state machines.
//!
//! Unmodified clients of automerge-repo (JavaScript) and samod (Rust) sync with whatever is built
//! on it. The crate is pure: no clock, no randomness, no input or output. The caller carries
//! frames, and passes times and ids in.
//!
//! From the outside in: a frame is [decoded](decode) into a [`Message`]; the payload of
//! [`Message::Sync`] is a [`SyncMessage`]; its changes are [`chunks`]. None of it trusts a byte:
//! whatever comes in, the result is a value or an error, within the limits that constants name.
//!
//! A relay keeps a [`ChangeGraph`] for each document and a [`PeerSync`] for each peer that has it
//! open; it never builds the document. A client keeps the document and a [`client::Client`], which
//! also knows when to dial and what is saved; whoever brings a connection of their own uses its
//! parts, [`Handshake`] and [`ClientSync`].

mod admission;
mod bloom;
mod bytes;
mod change;
mod chunk;
pub mod client;
mod client_sync;
mod codec;
mod doc_sync;
mod document_url;
mod ephemeral;
mod graph;
mod handshake;
mod ids;
mod inflate;
mod message;
mod pen;
mod presence_message;
mod sentence;
mod sync_message;

pub use admission::{
    ACTOR_BYTES_MAX, Admission, AdmitError, BuildError, COUNTER_MAX, DEPS_MAX, DEPTH_MAX,
    DOCUMENT_OPERATIONS_MAX, EXPANDED_BYTES_MAX, EXTRA_BYTES_MAX, Inadmissible, JUMP_MAX,
    MESSAGE_BYTES_MAX, NUMBER_MAX, OPERATIONS_MAX, OperationRule, PREDECESSORS_MAX, check_change,
};
pub use automerge::{ActorId, Change, ChangeHash};
pub use bloom::{BLOOM_BITS_PER_ENTRY_MAX, BLOOM_ENTRIES_MAX, BLOOM_PROBES_MAX, BloomFilter};
pub use bytes::BytesError;
pub use change::ChangeHeader;
pub use chunk::{
    CHANGE_BYTES_MAX, Chunk, ChunkError, ChunkKind, Chunks, DOCUMENT_BYTES_MAX, RawChange, chunks,
};
pub use client_sync::{ClientSync, Document, ReceiveError};
pub use codec::{
    DecodeError, FRAME_BYTES_MAX, KEYS_MAX, NESTING_MAX, REASON_CHARS_MAX, STORAGES_MAX,
    SharedFrame, VERSIONS_MAX, decode, encode,
};
pub use doc_sync::{Access, Outgoing, PeerSync, RESENDS_MAX, TooManyResends};
pub use document_url::{DocumentUrl, URL_BYTES_MAX, UrlError};
pub use ephemeral::{Dropped, EPHEMERAL_BYTES_MAX, EphemeralSessions, SESSIONS_PER_CONNECTION};
pub use graph::{ChangeGraph, GraphBuilder, InsertError, Inserted, RebuildError};
pub use handshake::{Handshake, HandshakeError, Introduced, Rejected};
pub use ids::{DocumentId, DocumentIdError, ID_BYTES_MAX, IdError, PeerId, SessionId, StorageId};
pub use message::{
    DocumentSync, DocumentUnavailable, Ephemeral, Join, Leave, Message, PROTOCOL_VERSION, Peer,
    PeerMetadata, Ping, Pong, Refusal, RemoteHeads, RemoteHeadsChanged, RemoteSubscriptionChange,
    ShownToken,
};
pub use pen::{AddError, Added, Pen, WAITING_BYTES_MAX, WAITING_CHANGES_MAX, WAITING_TIME_MAX};
pub use presence_message::{PresenceMessage, PresenceState};
pub use sentence::sentence;
pub use sync_message::{
    CHUNKS_MAX, HASHES_MAX, HAVES_MAX, Have, SyncFlags, SyncFormat, SyncMessage, SyncMessageError,
    acknowledgement,
};
