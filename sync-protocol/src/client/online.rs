//! A client that is connected: what it takes from the relay, what it says, how long it waits.

use crate::client_sync::{ClientSync, Document, ReceiveError};
use crate::codec::{FRAME_BYTES_MAX, decode, encode};
use crate::handshake::Introduced;
use crate::ids::{DocumentId, PeerId};
use crate::message::{DocumentSync, Ephemeral, Message, PeerMetadata};
use crate::sentence::sentence;
use automerge::ChangeHash;
use std::borrow::Cow;
use std::time::Duration;

/// How long the relay may take to answer what it must answer. It answers once its disk has the
/// changes, which takes milliseconds.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// The slowest upload that is waited for, in addition to [`ANSWER_TIMEOUT`]: an old mobile network.
pub const UPLOAD_BYTES_PER_SECOND_MIN: usize = 16 * 1024;

#[derive(Debug)]
pub(super) struct Online {
    relay: PeerId,
    is_durable: bool,
    sync: ClientSync,
    has_spoken: bool,
    /// The relay has answered, so that it passes on what is said to the others.
    has_entered: bool,
    is_pinged: bool,
    answers_pings: bool,
    /// Until when the relay must have answered, if it must.
    answer_by: Option<Duration>,
    heard_at: Duration,
    pinged_at: Option<Duration>,
}

/// What a frame was about.
pub(super) enum Heard<'a> {
    /// Nothing that concerns the document.
    Nothing,
    /// The relay does not have the document.
    Unavailable,
    /// The relay said what it has.
    Synced,
    /// Somebody said something to all who have the document open; it may have been heard before.
    Said(Ephemeral<'a>),
}

/// Why to hang up.
pub(super) enum Trouble {
    /// The relay refuses, and says why.
    Refused(String),
    /// The relay cannot be spoken with.
    Problem(String),
    /// The document does not take what the relay has.
    Delivery(String),
}

impl Online {
    pub fn new<D: Document>(
        relay: Introduced,
        shared_heads: &[ChangeHash],
        was_refused: bool,
        document: &D,
        now: Duration,
    ) -> Self {
        let sync = ClientSync::resuming(shared_heads, document.automerge());
        let sync = if was_refused { sync.without_filter() } else { sync };
        let Introduced { peer: relay, metadata } = relay;
        let PeerMetadata { is_durable, answers_pings, .. } = metadata;
        Self {
            relay,
            is_durable,
            sync,
            has_spoken: false,
            has_entered: false,
            is_pinged: true,
            answers_pings,
            answer_by: None,
            heard_at: now,
            pinged_at: None,
        }
    }

    /// If pings are messages, only a relay that answers those gets them.
    pub fn pinged_by_message(self, by_message: bool) -> Self {
        Self { is_pinged: !by_message || self.answers_pings, ..self }
    }

    /// The relay has answered. Whether that is news.
    pub fn enter(&mut self) -> bool {
        !std::mem::replace(&mut self.has_entered, true)
    }

    pub fn has_entered(&self) -> bool {
        self.has_entered
    }

    pub fn relay(&self) -> &PeerId {
        &self.relay
    }

    pub fn is_durable(&self) -> bool {
        self.is_durable
    }

    pub fn sync(&self) -> &ClientSync {
        &self.sync
    }

    /// Notes a sign of life.
    pub fn heard(&mut self, now: Duration) {
        self.heard_at = now;
        self.pinged_at = None;
    }

    pub fn take<'a, D: Document>(
        &mut self,
        frame: &'a [u8],
        own: &PeerId,
        id: DocumentId,
        document: &mut D,
        now: Duration,
    ) -> Result<Heard<'a>, Trouble> {
        let unreadable = |error| Trouble::Problem(sentence(&error));
        let (target, about, sync) = match decode(frame).map_err(unreadable)? {
            Message::Error(refusal) => return Err(Trouble::Refused(refusal.reason)),
            Message::Sync(sync) | Message::Request(sync) => {
                (sync.target, sync.document, Some(sync.data))
            }
            Message::DocumentUnavailable(message) => (message.target, message.document, None),
            Message::Ephemeral(said) if said.target == *own && said.document == id => {
                return Ok(Heard::Said(said));
            }
            _ => return Ok(Heard::Nothing),
        };
        if target != *own {
            let problem = format!("the relay sent us what is meant for {target}");
            return Err(Trouble::Problem(problem));
        }
        if about != id {
            // automerge-repo announces whatever it has to everybody.
            return Ok(Heard::Nothing);
        }
        let Some(data) = sync else {
            self.answer_by = None;
            return Ok(Heard::Unavailable);
        };
        let received = self.sync.receive(document, &data);
        received.map_err(|error| match error {
            ReceiveError::Refused(_) => Trouble::Delivery(sentence(&error)),
            _ => Trouble::Problem(sentence(&error)),
        })?;
        let expects = self.sync.expects_answer(document.automerge());
        self.answer_by = expects.then_some(now + ANSWER_TIMEOUT);
        Ok(Heard::Synced)
    }

    /// What to tell the relay now.
    ///
    /// # Errors
    /// [`Trouble::Problem`] if there is more to tell than fits a frame.
    pub fn next_frame<D: Document>(
        &mut self,
        own: &PeerId,
        id: DocumentId,
        document: &D,
        now: Duration,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(data) = self.sync.next_message(document) else {
            return Ok(None);
        };
        let asks = !self.has_spoken && document.automerge().get_heads().is_empty();
        self.has_spoken = true;
        let sync = DocumentSync {
            sender: own.clone(),
            target: self.relay.clone(),
            document: id,
            data: Cow::Owned(data),
        };
        let frame = encode(&if asks { Message::Request(sync) } else { Message::Sync(sync) });
        let bytes = frame.len();
        if bytes > FRAME_BYTES_MAX {
            return Err(Trouble::Problem(format!(
                "the changes for the relay take {bytes} bytes, at most {FRAME_BYTES_MAX} can be sent"
            )));
        }
        if self.sync.expects_answer(document.automerge()) {
            // Not put off by later changes, or one that is typed every second would hide that the
            // relay is gone.
            let upload = Duration::from_secs((bytes / UPLOAD_BYTES_PER_SECOND_MIN) as u64);
            self.answer_by.get_or_insert(now + ANSWER_TIMEOUT + upload);
        }
        Ok(Some(frame))
    }

    /// When something is due.
    pub fn timeout(&self, ping_every: Option<Duration>) -> Option<Duration> {
        let ping_every = ping_every.filter(|_| self.is_pinged);
        let silence = |every| self.pinged_at.unwrap_or(self.heard_at) + every;
        [ping_every.map(silence), self.answer_by].into_iter().flatten().min()
    }

    /// Whether the relay has been silent for too long.
    pub fn is_overdue(&self, now: Duration, ping_every: Option<Duration>) -> bool {
        let ping_every = ping_every.filter(|_| self.is_pinged);
        let owes_answer = self.answer_by.is_some_and(|answer_by| answer_by <= now);
        let pong_by = self.pinged_at.zip(ping_every).map(|(pinged_at, every)| pinged_at + every);
        owes_answer || pong_by.is_some_and(|pong_by| pong_by <= now)
    }

    /// Whether to ping now. Says so once for each silence.
    pub fn ping_is_due(&mut self, now: Duration, ping_every: Option<Duration>) -> bool {
        let ping_every = ping_every.filter(|_| self.is_pinged);
        let silent = ping_every.is_some_and(|every| self.heard_at + every <= now);
        let due = silent && self.pinged_at.is_none();
        if due {
            self.pinged_at = Some(now);
        }
        due
    }
}
