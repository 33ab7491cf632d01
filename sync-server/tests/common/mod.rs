//! The relay as a process, and a client that speaks to it frame by frame.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod history;
mod peer;
mod relay;

pub use history::stored_changes;
pub use peer::Peer;
pub use relay::{Relay, run};
