//! Ephemeral messages: cursors, presence. Never stored, forwarded once.
//!
//! Every automerge-repo client sends each ephemeral message that it receives back to its server,
//! so without these rules two clients would keep one message going round for ever. What is
//! forwarded keeps its author, session, count and data; only the target changes, which
//! [`SharedFrame`](crate::SharedFrame) does.

use crate::ids::{PeerId, SessionId};
use crate::message::Ephemeral;
use std::collections::BTreeMap;

/// The largest ephemeral message in bytes. It is sent to everybody, many times a second.
pub const EPHEMERAL_BYTES_MAX: usize = 64 * 1024;

/// How many sessions a relay remembers for one connection: a client has one, and a new one after
/// each restart.
pub const SESSIONS_PER_CONNECTION: usize = 8;

/// Why an ephemeral message goes no further. No reason to close the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Dropped {
    /// Its author is somebody else than who sent it: an echo.
    #[error("an ephemeral message is accepted from its author only")]
    Echo,
    /// It, or a later one of its session, has been seen.
    #[error("the ephemeral message has been seen before")]
    Seen,
    /// More than [`EPHEMERAL_BYTES_MAX`] bytes.
    #[error("an ephemeral message has at most {EPHEMERAL_BYTES_MAX} bytes")]
    TooLarge,
}

/// The sessions that ephemeral messages were seen of lately, each with its latest count.
///
/// When full, it forgets the session that was silent longest: of that one a message may be seen
/// twice.
#[derive(Debug, Clone)]
pub struct EphemeralSessions {
    capacity: usize,
    /// Counts messages, to know which session was silent longest.
    seen: u64,
    sessions: BTreeMap<(PeerId, SessionId), Session>,
}

#[derive(Debug, Clone, Copy)]
struct Session {
    count: u64,
    seen_at: u64,
}

impl EphemeralSessions {
    /// Remembers up to `capacity` sessions, at least one.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), seen: 0, sessions: BTreeMap::new() }
    }

    /// For a relay: whether to forward a message that came over the connection of `joined`.
    ///
    /// # Errors
    /// [`Dropped`] if not.
    pub fn from_author(&mut self, joined: &PeerId, message: &Ephemeral<'_>) -> Result<(), Dropped> {
        if message.author == *joined { self.forwarded(message) } else { Err(Dropped::Echo) }
    }

    /// For a client: whether to show a message that came from its relay.
    ///
    /// # Errors
    /// [`Dropped`] if not.
    pub fn forwarded(&mut self, message: &Ephemeral<'_>) -> Result<(), Dropped> {
        if message.data.len() > EPHEMERAL_BYTES_MAX {
            return Err(Dropped::TooLarge);
        }
        let key = (message.author.clone(), message.session.clone());
        let known = self.sessions.get(&key);
        if known.is_some_and(|session| message.count <= session.count) {
            return Err(Dropped::Seen);
        }
        if known.is_none() && self.sessions.len() >= self.capacity {
            self.forget_the_quietest();
        }
        self.seen += 1;
        self.sessions.insert(key, Session { count: message.count, seen_at: self.seen });
        Ok(())
    }

    /// Looks at every session: capacities are small, and it happens when a new one appears.
    fn forget_the_quietest(&mut self) {
        let quietest = self.sessions.iter().min_by_key(|(_, session)| session.seen_at);
        if let Some(key) = quietest.map(|(key, _)| key.clone()) {
            self.sessions.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::DocumentId;

    fn said(author: &str, session: &str, count: u64) -> Ephemeral<'static> {
        Ephemeral {
            author: PeerId::parse(author).unwrap(),
            target: PeerId::parse("relay").unwrap(),
            document: DocumentId::from_bytes([1; 16]),
            session: SessionId::parse(session).unwrap(),
            count,
            data: b"here".as_slice().into(),
        }
    }

    #[test]
    fn a_message_is_forwarded_once_and_late_ones_not_at_all() {
        let mut sessions = EphemeralSessions::new(4);
        assert_eq!(sessions.forwarded(&said("ana", "s1", 5)), Ok(()));
        assert_eq!(sessions.forwarded(&said("ana", "s1", 5)), Err(Dropped::Seen));
        assert_eq!(sessions.forwarded(&said("ana", "s1", 4)), Err(Dropped::Seen));
        assert_eq!(sessions.forwarded(&said("ana", "s1", 6)), Ok(()));
    }

    #[test]
    fn counts_start_anew_with_each_session_and_each_author() {
        let mut sessions = EphemeralSessions::new(4);
        assert_eq!(sessions.forwarded(&said("ana", "s1", 5)), Ok(()));
        assert_eq!(sessions.forwarded(&said("ana", "s2", 1)), Ok(()));
        assert_eq!(sessions.forwarded(&said("ben", "s1", 1)), Ok(()));
    }

    #[test]
    fn what_a_client_repeats_of_others_is_dropped() {
        let mut sessions = EphemeralSessions::new(4);
        let ben = PeerId::parse("ben").unwrap();
        assert_eq!(sessions.from_author(&ben, &said("ana", "s1", 1)), Err(Dropped::Echo));
        assert_eq!(sessions.from_author(&ben, &said("ben", "s1", 1)), Ok(()));
        // The echo was not taken for the author's own.
        assert_eq!(sessions.forwarded(&said("ana", "s1", 1)), Ok(()));
    }

    #[test]
    fn a_flood_of_sessions_takes_no_more_than_its_share_and_forgets_the_quietest() {
        let mut sessions = EphemeralSessions::new(3);
        for session in 0..1000 {
            assert_eq!(sessions.forwarded(&said("ana", "talks", session + 1)), Ok(()));
            assert_eq!(sessions.forwarded(&said("eve", &session.to_string(), 1)), Ok(()));
            assert!(sessions.sessions.len() <= 3);
        }
        assert_eq!(sessions.forwarded(&said("ana", "talks", 1000)), Err(Dropped::Seen));
    }

    #[test]
    fn a_large_message_is_dropped() {
        let mut message = said("ana", "s1", 1);
        message.data = vec![0; EPHEMERAL_BYTES_MAX + 1].into();
        assert_eq!(EphemeralSessions::new(1).forwarded(&message), Err(Dropped::TooLarge));
    }
}
