//! A board that works offline and syncs with a relay.
//!
//! [`BoardClient`] is pure: what happens goes in, what to do comes out, so it runs in a browser as
//! well as in a native program.

mod board_client;
mod held;

pub use board_client::{ApplyError, BoardClient, BoardOutput};
pub use held::{ARRIVING_BYTES_MAX, DeliveryError};
