//! Who a client is and how it looks after its connection.

use crate::ids::PeerId;
use std::time::Duration;

/// How a client goes about it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClientOptions {
    /// The client's own name, which no other connection to the relay has.
    pub peer: PeerId,
    /// What waits are drawn from; clients with one seed come back at the same time. It also names
    /// this run in ephemeral messages: others drop what a peer says that comes back with the seed
    /// that it had before.
    pub seed: u64,
    /// Asks a silent relay for a sign of life after this long, and gives up after as long again.
    pub ping_every: Option<Duration>,
    /// Sockets cannot ping, as in browsers: it is asked by a message, if it
    /// [answers](crate::PeerMetadata::answers_pings) such.
    pub pings_by_message: bool,
}

impl ClientOptions {
    /// For a peer that draws its waits from `seed` and does not ping.
    pub fn new(peer: PeerId, seed: u64) -> Self {
        Self { peer, seed, ping_every: None, pings_by_message: false }
    }

    /// Pings a relay that is silent for this long.
    #[must_use]
    pub fn pinging_every(mut self, silence: Duration) -> Self {
        self.ping_every = Some(silence);
        self
    }

    /// Does so by a message, for sockets that cannot ping.
    #[must_use]
    pub fn by_message(self) -> Self {
        Self { pings_by_message: true, ..self }
    }
}
