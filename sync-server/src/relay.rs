//! What the relay decides, without a socket, a disk or a clock.

mod acknowledged;
mod frame;
mod incoming;
mod remote_heads;
mod restore;
mod room;

pub use acknowledged::{AckShape, Acknowledged};
pub use frame::RoomFrame;
pub use incoming::{FrameError, Incoming, may_take_long, read};
pub use restore::RestoreError;
pub use room::{ConnectionId, MESSAGE_BYTES_MAX, Received, Room, UNAVAILABLE_AFTER};
