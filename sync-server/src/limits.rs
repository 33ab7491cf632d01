//! What one socket may cost before the relay knows whose it is, and how it finds out that nobody is
//! there any more.

use std::net::IpAddr;
use std::time::Duration;

/// Limits of sockets. `docs/operations.md` in the repository says why each is what it is.
///
/// ```
/// use std::time::Duration;
/// use sync_server::{Limits, Server};
/// let mut limits = Limits::default();
/// limits.connections_max = 500;
/// limits.idle_timeout = Duration::from_secs(120);
/// let builder = Server::builder().limits(limits);
/// # let _ = builder;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How long a request's head may take. Only [`Server`](crate::Server) has a hand in that.
    pub header_timeout: Duration,
    /// How long a client may take to introduce itself, once its WebSocket is open.
    pub handshake_timeout: Duration,
    /// How many bytes its first frame may have.
    pub first_frame_bytes_max: usize,
    /// How many WebSockets may be open.
    pub connections_max: usize,
    /// How many of them may come from one address; from loopback any number. Addresses of IPv6
    /// count by their first 64 bits, which is what one customer has.
    ///
    /// An application that serves [`Relay::router`](crate::Relay::router) itself has to do so with
    /// axum's `ConnectInfo<SocketAddr>`: else there are no addresses to count by.
    pub connections_per_address_max: usize,
    /// How many of them one user may have open, where the relay knows users.
    pub connections_per_user_max: usize,
    /// Reverse proxies: whom they speak for is the last entry of `X-Forwarded-For`.
    pub proxies: Vec<IpAddr>,
    /// After so much silence, answers to pings included, a client is gone.
    pub idle_timeout: Duration,
    /// How often it is asked whether it is there.
    pub ping_every: Duration,
    /// How many ephemeral messages a connection may send in a second, in the long run; two seconds'
    /// worth at once. What is beyond goes to nobody.
    pub ephemeral_per_second: u32,
    /// How many bytes of content one may have. A longer one goes to nobody.
    pub ephemeral_bytes_max: usize,
    /// How many changes a connection may send in a minute, in the long run; a minute's worth at once.
    /// Who sends more is read from more slowly.
    pub changes_per_minute: u32,
    /// How long the relay may work on a connection's changes and questions in a minute, in the long run;
    /// a minute's worth at once. Who asks for more is read from more slowly.
    pub work_per_minute: Duration,
    /// The same for the bytes that it is sent.
    pub sent_bytes_per_minute: usize,
    /// How often a connection may be sent again what it was sent of a document already.
    pub full_replies_max: u32,
    /// How many changes a document may have. Then its members may read it and not change it.
    pub changes_per_document_max: usize,
    /// The same for its bytes, as they are stored.
    pub bytes_per_document_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(5),
            handshake_timeout: Duration::from_secs(5),
            first_frame_bytes_max: 64 * 1024,
            connections_max: 10_000,
            connections_per_address_max: 256,
            connections_per_user_max: 64,
            proxies: Vec::new(),
            idle_timeout: Duration::from_secs(65),
            ping_every: Duration::from_secs(25),
            ephemeral_per_second: 20,
            ephemeral_bytes_max: 16 * 1024,
            changes_per_minute: 600_000,
            work_per_minute: Duration::from_secs(30),
            sent_bytes_per_minute: 1024 * 1024 * 1024,
            full_replies_max: sync_protocol::RESENDS_MAX,
            changes_per_document_max: 1_000_000,
            bytes_per_document_max: 512 * 1024 * 1024,
        }
    }
}
