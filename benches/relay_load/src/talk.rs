//! What a client says in each protocol.

pub mod automerge;
pub mod plain;
pub mod yjs;

use crate::Outcome;
use crate::crowd::Frames;
use std::ops::Range;

/// Who a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Brings the document as it is at a position, and changes it from there on.
    Writer {
        /// The position.
        from: usize,
    },
    /// Comes back with what it had, and wants what is new.
    Reader {
        /// The position that it has.
        from: usize,
    },
    /// Has nothing and opens the document.
    Opener,
}

impl Role {
    /// What the client has before it connects.
    pub fn position(self) -> usize {
        match self {
            Self::Writer { from } | Self::Reader { from } => from,
            Self::Opener => 0,
        }
    }
}

/// One client's part of the protocol. Frames to be sent are appended to `out`.
pub trait Talk {
    /// What is said once the socket is open.
    fn open(&mut self, out: &mut Vec<u8>);

    /// Asks for the document, where that is not part of opening.
    fn ask(&mut self, out: &mut Vec<u8>);

    /// Takes one frame.
    fn take(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Outcome<()>;

    /// Acknowledges what one read has brought, as a client of this protocol does.
    fn after_read(&mut self, _out: &mut Vec<u8>) {}

    /// A writer's frames, one a change: what somebody sends who does one thing after another.
    fn frames(&self, changes: Range<usize>) -> Outcome<Frames>;

    /// Several changes as one frame, in protocols that can.
    fn batch(&self, changes: Range<usize>) -> Outcome<Vec<u8>>;

    /// Whether the client may [ask](Self::ask).
    fn has_joined(&self) -> bool;

    /// Whether server and client have agreed on what both have.
    fn is_ready(&self) -> bool;

    /// What a reader or opener has; what the server has told a writer that it has.
    fn position(&self) -> usize;
}
