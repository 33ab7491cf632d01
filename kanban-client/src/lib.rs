//! A board that works offline and syncs with a relay.
//!
//! [`BoardClient`] is pure: what happens goes in, what to do comes out, so it runs in a browser as
//! well. The feature `native` adds [`LiveBoard`], which gives it a WebSocket, a clock and a
//! [`BoardFile`].

mod board_client;
mod held;
#[cfg(feature = "native")]
mod native;

pub use board_client::{ApplyError, BoardClient, BoardOutput};
pub use held::{ARRIVING_BYTES_MAX, DeliveryError};
#[cfg(feature = "native")]
pub use native::{
    BoardFile, ConnectError, FileError, Kept, LiveBoard, LiveError, entropy, options,
};
