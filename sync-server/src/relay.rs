//! What the relay decides, without a socket, a disk or a clock.

mod acknowledged;
mod frame;
mod incoming;
mod log;
mod remote_heads;
mod restore;
mod room;

pub use acknowledged::{AckShape, Acknowledged};
pub use frame::RoomFrame;
pub use incoming::{FrameError, Incoming, read, read_at_once};
pub use log::{
    COMPACT_BYTES_MIN, COMPACT_CHANGES, HISTORY_KEPT, History, HistoryForm, OVERLONG_TIMES,
};
pub use restore::{RestoreError, restore};
pub use room::{ConnectionId, MESSAGE_BYTES_MAX, Received, Room, UNAVAILABLE_AFTER};
