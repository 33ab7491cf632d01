//! What a client says and hears that is kept nowhere.

use crate::codec::encode;
use crate::ephemeral::{EPHEMERAL_BYTES_MAX, EphemeralSessions};
use crate::ids::{DocumentId, PeerId, SessionId};
use crate::message::{Ephemeral, Message};

/// How many others' sessions a client remembers: a guess at how many people look at one document.
const SESSIONS_REMEMBERED: usize = 256;

/// The session of a client, and those that it hears of.
#[derive(Debug)]
pub(super) struct Talk {
    session: SessionId,
    said: u64,
    heard: EphemeralSessions,
}

impl Talk {
    pub fn new(seed: u64) -> Self {
        let session = SessionId::parse(&format!("{seed:016x}"));
        Self {
            session: session.expect("16 digits are a name"),
            said: 0,
            heard: EphemeralSessions::new(SESSIONS_REMEMBERED),
        }
    }

    /// The frame that says it; `None` if it is too large for relays to forward.
    pub fn frame(
        &mut self,
        own: &PeerId,
        relay: &PeerId,
        document: DocumentId,
        data: &[u8],
    ) -> Option<Vec<u8>> {
        if data.len() > EPHEMERAL_BYTES_MAX {
            return None;
        }
        self.said += 1;
        Some(encode(&Message::Ephemeral(Ephemeral {
            author: own.clone(),
            target: relay.clone(),
            document,
            session: self.session.clone(),
            count: self.said,
            data: data.into(),
        })))
    }

    /// Whether a message that came is another's, and new.
    pub fn is_news(&mut self, own: &PeerId, message: &Ephemeral<'_>) -> bool {
        let is_echo = message.author == *own && message.session == self.session;
        !is_echo && self.heard.forwarded(message).is_ok()
    }
}
