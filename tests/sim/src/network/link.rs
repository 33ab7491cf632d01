//! One connection, seen from both ends: frames in flight, and what may happen to them.

use std::time::Duration;
use sync_protocol::PeerId;
use sync_server::relay::ConnectionId;

/// Which way a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    ToRelay,
    ToMachine,
}

/// What a link does to what is sent over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Everything arrives, in order, after a while.
    Good,
    /// Nothing arrives any more, and neither end is told.
    Silent,
}

#[derive(Debug)]
pub struct Link {
    pub id: ConnectionId,
    pub machine: usize,
    /// Who joined, once it has.
    pub peer: Option<PeerId>,
    pub has_entered: bool,
    pub health: Health,
    /// The relay's outbox for it is full until then: it is sent nothing new.
    pub full_until: Duration,
    /// When the last frame of each way arrives: the next one is no earlier.
    arrives: [Duration; 2],
}

impl Link {
    pub fn new(id: ConnectionId, machine: usize) -> Self {
        Self {
            id,
            machine,
            peer: None,
            has_entered: false,
            health: Health::Good,
            full_until: Duration::ZERO,
            arrives: [Duration::ZERO; 2],
        }
    }

    /// When a frame arrives that would take until `at`: never before those sent earlier.
    pub fn in_order(&mut self, way: Way, at: Duration) -> Duration {
        let last = match way {
            Way::ToRelay => &mut self.arrives[0],
            Way::ToMachine => &mut self.arrives[1],
        };
        *last = at.max(*last + Duration::from_nanos(1));
        *last
    }
}
