//! The relay as a process, and a client that speaks to it frame by frame.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod history;
mod http;
mod knowing;
mod own_client;
mod peer;
mod provider;
mod relay;
mod samod_repo;
mod traffic;
mod wire;

pub use history::{grown, noise, stored_bytes, stored_changes};
pub use http::get;
pub use knowing::{Answer, Knowing, PATIENCE, joins, now, writes};
pub use own_client::OwnClient;
pub use peer::Peer;
pub use provider::{claiming, claims_of, key_file, signed, signed_with, unsigned};
pub use relay::{Relay, run};
pub use samod_repo::{Network, repository};
pub use traffic::Traffic;
pub use wire::{Side, Wire};
