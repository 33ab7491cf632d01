//! The client of one document on one relay: when to dial, what to say, what is saved.
//!
//! ```
//! use automerge::{Automerge, ROOT, transaction::Transactable};
//! use std::time::Duration;
//! use sync_protocol::client::{Client, ClientOptions, Input, Output, Resume};
//! use sync_protocol::{DocumentId, PeerId};
//! let mut document = Automerge::new();
//! document.transact(|transaction| transaction.put(ROOT, "title", "Write")).map_err(|f| f.error)?;
//!
//! let options = ClientOptions::new(PeerId::parse("alice")?, 7);
//! let id = DocumentId::from_bytes([1; 16]);
//! let mut client = Client::new(id, &document, options, Resume::default());
//! assert_eq!(client.status().pending, 1);
//! let mut clock = Duration::ZERO;
//! client.handle(Input::Reconnect, &mut document, clock);
//! while let Some(output) = client.poll_output() {
//!     if output == Output::Dial {
//!         clock += Duration::from_millis(20);
//!         client.handle(Input::Opened, &mut document, clock);
//!     } else if let Output::Send(frame) = output {
//!         assert!(sync_protocol::decode(&frame)?.kind() == "join");
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backoff;
mod online;
mod options;
mod outbox;
mod presence;
mod resume;
mod signals;
mod status;
mod steps;
mod talk;

pub use crate::client_sync::Document;
pub use backoff::{BACK_OFF_MAX, BACK_OFF_MIN};
pub use online::{ANSWER_TIMEOUT, UPLOAD_BYTES_PER_SECOND_MIN};
pub use options::ClientOptions;
pub use presence::{
    HEARTBEAT_EVERY, PEER_EXPIRES_AFTER, PEERS_MAX, PRESENCE_BYTES_MAX, PeerPresence, SHOWN_EVERY,
};
pub use resume::{Resume, ResumeError};
pub use signals::{Input, Output};
pub use status::{Availability, Connection, Status};

use crate::codec::encode;
use crate::handshake::Handshake;
use crate::ids::{DocumentId, PeerId};
use crate::message::{Message, PeerMetadata, ShownToken};
use crate::presence_message::PresenceState;
use automerge::ChangeHash;
use backoff::BackOff;
use online::Online;
use outbox::Outbox;
use presence::Presence;
use std::collections::VecDeque;
use std::time::Duration;
use talk::Talk;

/// How long the socket may take to open, and then the relay to introduce itself.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// A pure state machine: hand it what [happened](Self::handle), do what it
/// [asks for](Self::poll_output), come back at the [time](Self::poll_timeout) that it names. Times
/// are durations since a moment of the caller's choice, and never go back.
#[derive(Debug)]
pub struct Client {
    options: ClientOptions,
    id: DocumentId,
    handshake: Handshake,
    phase: Phase,
    back_off: BackOff,
    /// What a relay has promised to keep, as far as this client has it too.
    shared_heads: Vec<ChangeHash>,
    outbox: Outbox,
    /// The last delivery was refused; perhaps too much of it had been left out.
    was_refused: bool,
    talk: Talk,
    presence: Presence,
    availability: Availability,
    is_read_only: bool,
    problem: Option<String>,
    /// As it was told last.
    status: Status,
    /// At most a handful for each input, if it is emptied after each, as it must be.
    outputs: VecDeque<Output>,
}

#[derive(Debug)]
enum Phase {
    Offline { retry_at: Option<Duration>, refused: Option<String> },
    Dialling { until: Duration },
    Joining { until: Duration },
    Online(Box<Online>),
    Stopped,
}

impl Client {
    /// A client of `document`, called `id` on the relay, that is offline until
    /// [`Input::Reconnect`].
    pub fn new<D: Document>(
        id: DocumentId,
        document: &D,
        options: ClientOptions,
        resume: Resume,
    ) -> Self {
        let mut outbox = Outbox::default();
        let pending = outbox.count(document.automerge(), &resume.shared_heads);
        Self {
            handshake: Handshake::new(options.peer.clone(), PeerMetadata::default()),
            back_off: BackOff::new(options.seed),
            talk: Talk::new(options.seed),
            presence: Presence::new(options.seed),
            options,
            id,
            phase: Phase::Offline { retry_at: None, refused: None },
            shared_heads: resume.shared_heads,
            outbox,
            was_refused: false,
            availability: Availability::Unknown,
            is_read_only: false,
            problem: None,
            status: Status {
                connection: Connection::Offline { retry_at: None },
                pending,
                document: Availability::Unknown,
                is_read_only: false,
                is_durable: false,
                problem: None,
            },
            outputs: VecDeque::new(),
        }
    }

    /// Takes note of what happened at `now`, and decides what to do about it.
    ///
    /// A delivery of changes is given to the document. If the document refuses it, nothing is
    /// lost: the relay still has it, the status says why, and a later connection tries again.
    pub fn handle<D: Document>(&mut self, input: Input<'_>, document: &mut D, now: Duration) {
        match input {
            Input::Opened => self.opened(now),
            Input::Frame(frame) => self.take(frame, document, now),
            Input::Heard => {
                if let Phase::Online(online) = &mut self.phase {
                    online.heard(now);
                }
            }
            Input::Closed => {
                if self.has_socket() {
                    let wait = self.back_off.next();
                    self.go_offline(now + wait, None);
                }
            }
            Input::Reconnect => {
                if matches!(self.phase, Phase::Offline { .. }) {
                    self.dial(now);
                }
            }
            Input::Tick => self.tick(now),
            Input::Stop => {
                if self.has_socket() {
                    self.drop_socket();
                }
                self.phase = Phase::Stopped;
            }
            Input::Changed => {}
        }
        self.speak(document, now);
        self.attend(now);
        self.report(document);
    }

    /// Says something to everybody who has the document open, kept nowhere: a cursor, a greeting.
    /// It arrives once, or not at all. Whoever uses automerge-repo hears it if it is CBOR.
    ///
    /// Does nothing and returns `false` if there is no connection, or if `data` has more than
    /// [`EPHEMERAL_BYTES_MAX`](crate::EPHEMERAL_BYTES_MAX) bytes.
    ///
    /// ```
    /// # use automerge::Automerge;
    /// # use sync_protocol::client::{Client, ClientOptions, Resume};
    /// # use sync_protocol::{DocumentId, PeerId};
    /// # let options = ClientOptions::new(PeerId::parse("alice")?, 7);
    /// # let id = DocumentId::from_bytes([1; 16]);
    /// let mut client = Client::new(id, &Automerge::new(), options, Resume::default());
    /// let is_sent = client.say(b"\x65hello");
    /// assert!(!is_sent, "nobody is connected");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn say(&mut self, data: &[u8]) -> bool {
        let Phase::Online(online) = &self.phase else { return false };
        let frame = self.talk.frame(&self.options.peer, online.relay(), self.id, data);
        let is_sent = frame.is_some();
        self.outputs.extend(frame.map(Output::Send));
        is_sent
    }

    /// Shows the relay a newer token than the one that the socket was opened with, so that the
    /// connection goes on when that ends. A relay that knows nobody pays no attention; one that does
    /// not take the token closes the connection and says why.
    ///
    /// Does nothing and returns `false` if there is no connection: dial with it.
    ///
    /// ```
    /// # use automerge::Automerge;
    /// # use sync_protocol::client::{Client, ClientOptions, Resume};
    /// # use sync_protocol::{DocumentId, PeerId};
    /// # let options = ClientOptions::new(PeerId::parse("alice")?, 7);
    /// # let id = DocumentId::from_bytes([1; 16]);
    /// let mut client = Client::new(id, &Automerge::new(), options, Resume::default());
    /// assert!(!client.show_token("newer"), "nobody is connected");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn show_token(&mut self, token: &str) -> bool {
        let is_online = matches!(self.phase, Phase::Online(_));
        if is_online {
            let (sender, token) = (self.options.peer.clone(), token.to_owned());
            let frame = encode(&Message::Token(ShownToken { sender, token }));
            self.outputs.push_back(Output::Send(frame));
        }
        is_online
    }

    /// Shows this to everybody who has the document open, from now on and as long as there is a
    /// connection; `None` shows nothing any more. Clients of automerge-repo that use its `Presence`
    /// see it, and are seen.
    ///
    /// Returns `false`, and goes on with what was shown, if it is more than [`PRESENCE_BYTES_MAX`].
    ///
    /// ```
    /// # use automerge::Automerge;
    /// # use sync_protocol::client::{Client, ClientOptions, Resume};
    /// # use sync_protocol::{DocumentId, PeerId};
    /// # use std::time::Duration;
    /// # let options = ClientOptions::new(PeerId::parse("alice")?, 7);
    /// # let id = DocumentId::from_bytes([1; 16]);
    /// let mut client = Client::new(id, &Automerge::new(), options, Resume::default());
    /// client.show(Some([("name".to_owned(), b"\x63Ana".to_vec())].into()), Duration::ZERO);
    /// assert_eq!(client.others().count(), 0, "nobody is connected");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn show(&mut self, state: Option<PresenceState>, now: Duration) -> bool {
        let is_shown = self.presence.show(state, now);
        if matches!(&self.phase, Phase::Online(_)) {
            self.attend(now);
        }
        is_shown
    }

    /// Who else has the document open and shows it. Names of peers are names, not proofs.
    pub fn others(&self) -> impl Iterator<Item = (&PeerId, &PeerPresence)> {
        self.presence.others()
    }

    /// The next thing to do. Call it after every [`handle`](Self::handle), [`say`](Self::say),
    /// [`show`](Self::show) and [`show_token`](Self::show_token) until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in [`Input::Tick`], by the clock of `now`.
    pub fn poll_timeout(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Offline { retry_at, .. } => *retry_at,
            Phase::Dialling { until } | Phase::Joining { until } => Some(*until),
            Phase::Online(online) => {
                let presence = self.presence.timeout().filter(|_| online.has_entered());
                let due = online.timeout(self.options.ping_every);
                [presence, due].into_iter().flatten().min()
            }
            Phase::Stopped => None,
        }
    }

    /// How things stand.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What to keep beside the document, once the document is stored.
    pub fn resume(&self) -> Resume {
        Resume { shared_heads: self.shared_heads.clone() }
    }
}
