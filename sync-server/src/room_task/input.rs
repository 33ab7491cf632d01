//! What a room is told.

use crate::outbox::Outbox;
use crate::relay::{ConnectionId, History, Received};
use crate::store::SnapshotInfo;
use axum::body::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use sync_protocol::{Access, Ephemeral, PeerId, RemoteHeadsChanged, StorageId};
use tokio::sync::oneshot;

/// Who enters a room.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Its name.
    pub peer: PeerId,
    /// What it keeps its documents in, if that outlives the connection.
    pub storage: Option<StorageId>,
    /// The storages that it wants to hear of.
    pub subscribed: Arc<BTreeSet<StorageId>>,
    /// Where its frames go.
    pub outbox: Arc<Outbox>,
}

/// What a connection may do with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct May {
    /// Whether it may write.
    pub access: Access,
    /// In whose names it may not.
    pub others: Option<Arc<BTreeSet<Vec<u8>>>>,
}

/// A connection opens a document.
#[derive(Debug)]
pub struct Entering {
    /// Who it is.
    pub visitor: Visitor,
    /// What it may do.
    pub may: May,
    /// Where it reads whether its acknowledgements matter.
    pub follows: Arc<AtomicBool>,
}

/// A step of syncing, and the frame that it came in.
#[derive(Debug)]
pub struct Step {
    /// Whose it is.
    pub connection: ConnectionId,
    /// What was read.
    pub received: Received,
    /// What it was read from, in case it makes the room panic.
    pub frame: Bytes,
}

/// What a room is told.
#[derive(Debug)]
pub enum RoomInput {
    /// A connection opens the document.
    Enter(Box<Entering>),
    /// A connection may do something else from now on.
    May(Box<(ConnectionId, May)>),
    /// A step of syncing.
    Received(Box<Step>),
    /// The storages that a connection wants to hear of.
    Subscribed(Box<(ConnectionId, Arc<BTreeSet<StorageId>>)>),
    /// What a connection has heard of storages.
    Heard(Box<(ConnectionId, RemoteHeadsChanged)>),
    /// Something to pass on.
    Said(Box<(ConnectionId, Ephemeral<'static>)>),
    /// Somebody's outbox has room again.
    HasRoom,
    /// The connection is gone.
    Leave(ConnectionId),
    /// What was to be fetched, or why it cannot be.
    Fetched(Box<Result<History, String>>),
    /// A compaction has ended, with this snapshot; `None` if nothing came of it.
    Compacted(Option<Box<SnapshotInfo>>),
    /// The document was set aside.
    SetAside,
    /// The document is no longer set aside.
    PutBack,
    /// Answer once everything that came before is stored and told.
    Drain(oneshot::Sender<()>),
}

// A room's channel sets aside space for 32 of them at once, however few come: what is larger than
// a word is boxed.
const _: () = assert!(size_of::<RoomInput>() <= 16);
