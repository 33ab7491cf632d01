//! What a client tells the person in front of it.

use std::time::Duration;

/// How things stand with the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Whether there is a connection.
    pub connection: Connection,
    /// How many changes of the document no relay has said it has stored: 0 is "saved". A relay that
    /// does not [promise](Self::is_durable) to keep them takes them and this stays.
    pub pending: usize,
    /// Whether the relay has the document.
    pub document: Availability,
    /// The relay ignores our changes, as it says.
    pub is_read_only: bool,
    /// There is a connection, and its relay has promised that what it acknowledges survives a power
    /// cut. Others than this project's make no such promise.
    pub is_durable: bool,
    /// What went wrong last, in one sentence; `None` once the relay has answered again.
    pub problem: Option<String>,
}

/// Whether there is a connection to the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Connection {
    /// There is none.
    Offline {
        /// When the next attempt begins; `None` until the first one is asked for.
        retry_at: Option<Duration>,
    },
    /// One is being made.
    Connecting,
    /// There is one.
    Online,
    /// The relay does not want us.
    Refused {
        /// What it says.
        reason: String,
        /// When the next attempt begins.
        retry_at: Duration,
    },
    /// There will be none.
    Stopped,
}

/// Whether the relay has the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It has not said.
    Unknown,
    /// It has at least one change of it.
    Available,
    /// It has none; that changes when somebody who has the document connects.
    Unavailable,
}
