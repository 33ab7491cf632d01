//! A frame for one connection, of which most bytes are every member's.

use std::sync::Arc;
use sync_protocol::{Message, PeerId, SharedFrame, encode};

/// A frame that has not been copied together yet: while it waits, it costs its own few bytes and
/// not those that all members are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomFrame {
    own: Vec<u8>,
    shared: Option<Arc<[u8]>>,
}

impl RoomFrame {
    /// A frame that nobody else is sent.
    pub fn of(message: &Message<'_>) -> Self {
        Self { own: encode(message), shared: None }
    }

    /// One peer's copy of a frame.
    pub fn copy(frame: &SharedFrame, target: &PeerId) -> Self {
        Self { own: frame.prefix_for(target), shared: Some(frame.suffix().clone()) }
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.own.len() + self.shared.as_ref().map_or(0, |shared| shared.len())
    }

    /// Whether it has no bytes. No frame of a room has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All its bytes, copied together.
    pub fn into_bytes(self) -> Vec<u8> {
        let Some(shared) = self.shared else { return self.own };
        let mut bytes = Vec::with_capacity(self.own.len() + shared.len());
        bytes.extend_from_slice(&self.own);
        bytes.extend_from_slice(&shared);
        bytes
    }
}

impl From<Vec<u8>> for RoomFrame {
    fn from(own: Vec<u8>) -> Self {
        Self { own, shared: None }
    }
}
