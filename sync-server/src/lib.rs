//! The relay: keeps documents and passes changes on between those who have them open.
//!
//! It knows documents, not boards, and speaks the protocol of automerge-repo, so any Automerge
//! document of any client is welcome. What it keeps of a document is the graph of its changes and
//! their bytes; the document itself is never built.
//!
//! Nobody hears of a change before the disk has it: the heads that the relay tells a client are the
//! acknowledgement.
//!
//! From the inside out: [`relay`] decides, without a socket, a disk or a clock; [`store`] keeps;
//! [`Server`] joins both to the network.

mod access;
mod api;
mod auth;
mod build_info;
mod builder;
pub mod commands;
mod committer;
pub mod compaction;
pub mod config;
mod connection;
mod control;
mod directory;
mod entrance;
#[cfg(test)]
mod faults;
mod full_check;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod http;
mod hub;
mod large;
mod limits;
mod metrics;
mod operations;
mod outbox;
mod page;
mod people;
mod quarantine;
mod rate;
pub mod relay;
mod room_task;
mod server;
mod sockets;
pub mod space;
mod stop;
pub mod store;
mod switch;
mod tls;
pub mod verify;
mod writer;

pub use access::{Denied, Grant};
pub use auth::Origins;
pub use build_info::{REVISION, VERSION};
pub use builder::{Builder, Relay};
pub use limits::Limits;
pub use server::{ServeError, Server};
pub use sync_protocol::{Access, DocumentId};
