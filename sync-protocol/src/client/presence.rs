//! Who else has the document open, and what they show of themselves. Never stored; it expires.
//!
//! The messages are automerge-repo's, so that its clients and ours see each other: what one shows is said
//! when it changes, and to who is new; whoever is not heard of for long is gone. Its clients answer only
//! to somebody they do not know, so who comes back soon, or missed an answer, would see nobody: ours say
//! goodbye before they greet, and say all that they show instead of a bare sign of life.

use super::backoff::SplitMix64;
use crate::ids::PeerId;
use crate::presence_message::{PresenceMessage, PresenceState, UNDEFINED};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a client that has nothing else to say says again what it shows.
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// How long somebody who is not heard of any more stays.
pub const PEER_EXPIRES_AFTER: Duration = Duration::from_secs(45);
/// What changes faster than this is said together: a pointer moves sixty times a second.
pub const SHOWN_EVERY: Duration = Duration::from_millis(100);
/// The most bytes that a peer may show of itself; more is ignored.
pub const PRESENCE_BYTES_MAX: usize = 8 * 1024;
/// Whom a client remembers. Of a larger crowd it shows these.
pub const PEERS_MAX: usize = 256;

/// Who is new is answered within this time, so that not everybody answers at once.
const ANSWERED_WITHIN: Duration = Duration::from_millis(500);

/// Somebody else who has the document open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerPresence {
    /// What they show; what it means is up to applications.
    pub state: PresenceState,
    /// When they last showed something else.
    pub active_at: Duration,
    seen_at: Duration,
}

/// What this client shows, and what others do.
#[derive(Debug)]
pub(super) struct Presence {
    /// Nothing is said or remembered before somebody wants to know.
    takes_part: bool,
    own: Option<PresenceState>,
    /// To be said before anything else.
    says_goodbye: bool,
    said_at: Option<Duration>,
    /// When what one shows is said again, to who is new or because it is another.
    show_at: Option<Duration>,
    others: BTreeMap<PeerId, PeerPresence>,
    random: SplitMix64,
}

impl Presence {
    pub fn new(seed: u64) -> Self {
        Self {
            takes_part: false,
            own: None,
            says_goodbye: false,
            said_at: None,
            show_at: None,
            others: BTreeMap::new(),
            random: SplitMix64::new(seed),
        }
    }

    pub fn others(&self) -> impl Iterator<Item = (&PeerId, &PeerPresence)> {
        self.others.iter()
    }

    /// Shows this from now on, or nothing; `false` if it is too much.
    pub fn show(&mut self, own: Option<PresenceState>, now: Duration) -> bool {
        if own.as_ref().is_some_and(|state| bytes_of(state) > PRESENCE_BYTES_MAX) {
            return false;
        }
        let own = own.map(|own| self.without_what_was(own));
        if own == self.own && self.takes_part {
            return true;
        }
        self.says_goodbye |= own.is_none() || !self.takes_part;
        self.takes_part = true;
        self.own = own;
        // There may be no later for a goodbye.
        let waits = self.said_at.filter(|_| self.own.is_some());
        self.show_at = Some(waits.map_or(now, |said_at| now.max(said_at + SHOWN_EVERY)));
        true
    }

    /// Says of channels that have no value any more that they have none: clients of automerge-repo
    /// would go on showing the last.
    fn without_what_was(&self, own: PresenceState) -> PresenceState {
        let mut all = own.clone();
        for channel in self.own.iter().flat_map(BTreeMap::keys) {
            all.entry(channel.clone()).or_insert_with(|| UNDEFINED.to_vec());
        }
        if bytes_of(&all) > PRESENCE_BYTES_MAX { own } else { all }
    }

    /// There is a connection on which the others can be reached: they are told.
    pub fn arrive(&mut self, now: Duration) {
        if self.takes_part {
            self.greet(now);
        }
    }

    /// Shows oneself to everybody as if for the first time, so that they answer.
    fn greet(&mut self, at: Duration) {
        self.says_goodbye = true;
        self.show_at = Some(at);
    }

    /// There is none any more. Whether anybody was there.
    pub fn leave(&mut self) -> bool {
        (self.said_at, self.show_at, self.says_goodbye) = (None, None, false);
        let was_somebody_there = !self.others.is_empty();
        self.others.clear();
        was_somebody_there
    }

    /// Takes note of what somebody says. Whether anything looks different.
    pub fn hear(&mut self, author: &PeerId, message: PresenceMessage, now: Duration) -> bool {
        if !self.takes_part {
            return false;
        }
        if !self.others.contains_key(author) {
            let soon = now + self.random.up_to(ANSWERED_WITHIN);
            self.show_at = Some(self.show_at.map_or(soon, |at| at.min(soon)));
            // They know us, and we have missed what they said.
            self.says_goodbye |= message == PresenceMessage::Heartbeat;
        }
        match message {
            PresenceMessage::Snapshot(state) => self.shows(author, state, now),
            PresenceMessage::Update { channel, value } => {
                let known = self.others.get(author).map(|other| other.state.clone());
                let mut state = known.unwrap_or_default();
                state.insert(channel, value);
                self.shows(author, state, now)
            }
            PresenceMessage::Goodbye => self.others.remove(author).is_some(),
            PresenceMessage::Heartbeat => {
                if let Some(other) = self.others.get_mut(author) {
                    other.seen_at = now;
                }
                false
            }
        }
    }

    fn shows(&mut self, author: &PeerId, mut state: PresenceState, now: Duration) -> bool {
        state.retain(|_, value| *value != UNDEFINED);
        if bytes_of(&state) > PRESENCE_BYTES_MAX {
            return false;
        }
        if let Some(other) = self.others.get_mut(author) {
            other.seen_at = now;
            let is_other = other.state != state;
            if is_other {
                *other = PeerPresence { state, active_at: now, seen_at: now };
            }
            return is_other;
        }
        let has_room = self.others.len() < PEERS_MAX;
        if has_room {
            let other = PeerPresence { state, active_at: now, seen_at: now };
            self.others.insert(author.clone(), other);
        }
        has_room
    }

    /// Forgets who has not been heard of for long. Whether there was somebody.
    pub fn expire(&mut self, now: Duration) -> bool {
        let before = self.others.len();
        self.others.retain(|_, other| now < other.seen_at + PEER_EXPIRES_AFTER);
        self.others.len() < before
    }

    /// What to say now. Ask until there is nothing more.
    pub fn due(&mut self, now: Duration) -> Option<PresenceMessage> {
        let shows = self.show_at.is_some_and(|at| at <= now);
        let repeats = self.repeat_at().is_some_and(|at| at <= now);
        if !shows && !repeats {
            return None;
        }
        self.said_at = Some(now);
        if std::mem::take(&mut self.says_goodbye) {
            return Some(PresenceMessage::Goodbye);
        }
        self.show_at = None;
        self.own.clone().map(PresenceMessage::Snapshot)
    }

    fn repeat_at(&self) -> Option<Duration> {
        self.said_at.filter(|_| self.own.is_some()).map(|said_at| said_at + HEARTBEAT_EVERY)
    }

    /// When to come back.
    pub fn timeout(&self) -> Option<Duration> {
        let expiry = self.others.values().map(|other| other.seen_at + PEER_EXPIRES_AFTER).min();
        [self.show_at, self.repeat_at(), expiry].into_iter().flatten().min()
    }
}

fn bytes_of(state: &PresenceState) -> usize {
    state.iter().map(|(channel, value)| channel.len() + value.len()).sum()
}
