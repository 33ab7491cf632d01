//! What a client is told, and what it asks for.

use crate::ids::PeerId;

/// What happened. After [`Output::HangUp`] nothing is told of the old socket any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input<'a> {
    /// The socket that [`Output::Dial`] asked for is open.
    Opened,
    /// A binary frame came.
    Frame(&'a [u8]),
    /// A sign of life that is no frame: a pong.
    Heard,
    /// The socket closed, or could not be opened.
    Closed,
    /// The document has new changes, which are stored locally.
    Changed,
    /// The network is back, or a person asks: dial at once if there is no connection.
    Reconnect,
    /// The time of [`Client::poll_timeout`](super::Client::poll_timeout) has come.
    Tick,
    /// No more of this.
    Stop,
}

/// What to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a socket; the one before is gone.
    Dial,
    /// Send a binary frame.
    Send(Vec<u8>),
    /// Send a ping, whose pong is [`Input::Heard`].
    Ping,
    /// Close the socket, or stop opening it.
    HangUp,
    /// [`Client::status`](super::Client::status) is another.
    StatusChanged,
    /// Show, or ignore, what somebody [said](super::Client::say). It is told once, and kept nowhere.
    Said {
        /// Who says so: a name, not a proof.
        author: PeerId,
        /// What is said; what it means is up to applications.
        data: Vec<u8>,
    },
    /// [`Client::others`](super::Client::others) are others, or show something else.
    PresenceChanged,
}
