//! The program around the library: sockets, a clock, a disk.

pub mod config;

mod boards;
mod dial;
mod disk;
mod gatekeeper;
mod hooks;
mod open_board;
mod relay;
mod routes;
mod sender;
mod serve;
mod watcher;

pub use serve::Gateway;

use std::time::{Duration, SystemTime};

/// Since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// Seconds since 1970.
fn seconds() -> u64 {
    now().as_secs()
}

/// Milliseconds since 1970.
fn millis() -> u64 {
    u64::try_from(now().as_millis()).unwrap_or(u64::MAX)
}
