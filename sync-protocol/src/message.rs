//! What two peers say to each other, as types.

use crate::ids::{DocumentId, PeerId, SessionId, StorageId};
use automerge::ChangeHash;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// The version of the protocol that this crate speaks; so far there is no other.
pub const PROTOCOL_VERSION: &str = "1";

/// One message. Payloads are borrowed from the frame that they came in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<'a> {
    /// A client's first message.
    Join(Join),
    /// A server's answer to [`Message::Join`].
    Peer(Peer),
    /// Why the sender is about to close the connection.
    Error(Refusal),
    /// [`Message::Sync`] that also asks to be told if the document is not there.
    Request(DocumentSync<'a>),
    /// A step of syncing one document.
    Sync(DocumentSync<'a>),
    /// The sender does not have the document.
    DocumentUnavailable(DocumentUnavailable),
    /// Something said to whoever has the document open; never stored.
    Ephemeral(Ephemeral<'a>),
    /// Which storages' progress the sender wants to hear of.
    RemoteSubscriptionChange(RemoteSubscriptionChange),
    /// How far storages have got with a document.
    RemoteHeadsChanged(RemoteHeadsChanged),
    /// The sender is about to go. Described by automerge-repo but not sent by it: skip it.
    Leave(Leave),
    /// A client shows a newer token than it came with.
    /// An addition of this project, which other implementations neither send nor read.
    Token(ShownToken),
    /// A client asks for a sign of life, where its sockets cannot.
    /// An addition of this project, as is the answer: ask peers that [say](PeerMetadata::answers_pings)
    /// that they answer.
    Ping(Ping),
    /// The sign of life.
    Pong(Pong),
    /// A message that this version does not know: skip it.
    Unknown {
        /// Its `type`, cut to 64 characters.
        kind: SmolStr,
    },
}

/// What a peer says about itself when it connects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerMetadata {
    /// The storage behind the peer, if it has one.
    pub storage: Option<StorageId>,
    /// The peer's storage does not outlive the connection.
    pub is_ephemeral: bool,
    /// The heads that the peer tells survive a power cut on its side, whatever it tells them for.
    /// An addition of this project, which other implementations neither set nor read.
    pub is_durable: bool,
    /// The peer answers [`Message::Ping`].
    /// An addition of this project, which other implementations neither set nor read.
    pub answers_pings: bool,
}

/// A client introduces itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The client.
    pub sender: PeerId,
    /// What it says about itself.
    pub metadata: PeerMetadata,
    /// The protocol versions that it speaks; a client that names none speaks "1".
    pub versions: Vec<SmolStr>,
}

/// A server introduces itself to a client that joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The server.
    pub sender: PeerId,
    /// The client.
    pub target: PeerId,
    /// What the server says about itself.
    pub metadata: PeerMetadata,
    /// The version that both will speak.
    pub version: SmolStr,
}

/// Why a connection ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Who refuses. automerge-repo names itself, samod does not.
    pub sender: Option<PeerId>,
    /// Who is refused.
    pub target: Option<PeerId>,
    /// The reason, for people. Cut to 1,024 characters on arrival.
    pub reason: String,
}

/// A step of syncing one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSync<'a> {
    /// Who says it.
    pub sender: PeerId,
    /// To whom.
    pub target: PeerId,
    /// About which document.
    pub document: DocumentId,
    /// The [sync message](crate::SyncMessage), encoded.
    pub data: Cow<'a, [u8]>,
}

/// A document that the sender does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentUnavailable {
    /// Who does not have it.
    pub sender: PeerId,
    /// Who asked.
    pub target: PeerId,
    /// Which document.
    pub document: DocumentId,
}

/// Something said to whoever has a document open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ephemeral<'a> {
    /// The author, which is not who forwarded it.
    pub author: PeerId,
    /// Whom this copy is for.
    pub target: PeerId,
    /// The document that it concerns.
    pub document: DocumentId,
    /// The author's session.
    pub session: SessionId,
    /// The author's number of it within the session, rising.
    pub count: u64,
    /// What is said: CBOR that only the application reads.
    pub data: Cow<'a, [u8]>,
}

/// Which storages' progress a peer wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteSubscriptionChange {
    /// Who asks.
    pub sender: PeerId,
    /// Whom.
    pub target: PeerId,
    /// From now on of these too.
    pub add: Vec<StorageId>,
    /// No longer of these.
    pub remove: Vec<StorageId>,
}

/// How far storages have got with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteHeadsChanged {
    /// Who says it.
    pub sender: PeerId,
    /// To whom.
    pub target: PeerId,
    /// About which document.
    pub document: DocumentId,
    /// What each storage has; of two reports about one storage the later one holds.
    pub heads: BTreeMap<StorageId, RemoteHeads>,
}

/// What one storage had at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteHeads {
    /// The heads that it had.
    pub heads: Vec<ChangeHash>,
    /// When, in milliseconds since 1970 by the clock of the storage's owner.
    pub timestamp_ms: u64,
}

/// A peer is about to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leave {
    /// Who goes.
    pub sender: PeerId,
}

/// What a client was let in with ends, and this is newer.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownToken {
    /// Who shows it.
    pub sender: PeerId,
    /// The token, as it would stand behind `Authorization: Bearer`.
    pub token: String,
}

/// A client asks whether there is still somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    /// Who asks.
    pub sender: PeerId,
}

/// There is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pong {
    /// Who answers.
    pub sender: PeerId,
    /// Who asked.
    pub target: PeerId,
}

/// Never shows the token.
impl fmt::Debug for ShownToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ShownToken").field("sender", &self.sender).finish_non_exhaustive()
    }
}

impl Message<'_> {
    /// The message's `type` on the wire.
    pub fn kind(&self) -> &str {
        match self {
            Self::Join(_) => "join",
            Self::Peer(_) => "peer",
            Self::Error(_) => "error",
            Self::Request(_) => "request",
            Self::Sync(_) => "sync",
            Self::DocumentUnavailable(_) => "doc-unavailable",
            Self::Ephemeral(_) => "ephemeral",
            Self::RemoteSubscriptionChange(_) => "remote-subscription-change",
            Self::RemoteHeadsChanged(_) => "remote-heads-changed",
            Self::Leave(_) => "leave",
            Self::Token(_) => "token",
            Self::Ping(_) => "ping",
            Self::Pong(_) => "pong",
            Self::Unknown { kind } => kind,
        }
    }

    /// Who says it; of an ephemeral message, who said it first.
    pub fn sender(&self) -> Option<&PeerId> {
        match self {
            Self::Join(Join { sender, .. })
            | Self::Peer(Peer { sender, .. })
            | Self::Request(DocumentSync { sender, .. })
            | Self::Sync(DocumentSync { sender, .. })
            | Self::DocumentUnavailable(DocumentUnavailable { sender, .. })
            | Self::RemoteSubscriptionChange(RemoteSubscriptionChange { sender, .. })
            | Self::RemoteHeadsChanged(RemoteHeadsChanged { sender, .. })
            | Self::Leave(Leave { sender })
            | Self::Token(ShownToken { sender, .. })
            | Self::Ping(Ping { sender })
            | Self::Pong(Pong { sender, .. })
            | Self::Ephemeral(Ephemeral { author: sender, .. }) => Some(sender),
            Self::Error(refusal) => refusal.sender.as_ref(),
            Self::Unknown { .. } => None,
        }
    }
}
