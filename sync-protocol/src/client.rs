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
mod outbox;
mod presence;
mod resume;
mod status;
mod talk;

pub use crate::client_sync::Document;
pub use backoff::{BACK_OFF_MAX, BACK_OFF_MIN};
pub use online::{ANSWER_TIMEOUT, UPLOAD_BYTES_PER_SECOND_MIN};
pub use presence::{
    HEARTBEAT_EVERY, PEER_EXPIRES_AFTER, PEERS_MAX, PRESENCE_BYTES_MAX, PeerPresence, SHOWN_EVERY,
};
pub use resume::{Resume, ResumeError};
pub use status::{Availability, Connection, Status};

use crate::codec::encode;
use crate::handshake::{Handshake, HandshakeError};
use crate::ids::{DocumentId, PeerId};
use crate::message::{Ephemeral, Message, PeerMetadata, Ping, ShownToken};
use crate::presence_message::{PresenceMessage, PresenceState};
use crate::sentence::sentence;
use automerge::ChangeHash;
use backoff::BackOff;
use online::{Heard, Online, Trouble};
use outbox::Outbox;
use presence::Presence;
use std::collections::VecDeque;
use std::time::Duration;
use talk::Talk;

/// How long the socket may take to open, and then the relay to introduce itself.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

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
    /// The time of [`Client::poll_timeout`] has come.
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
    /// [`Client::status`] is another.
    StatusChanged,
    /// Show, or ignore, what somebody [said](Client::say). It is told once, and kept nowhere.
    Said {
        /// Who says so: a name, not a proof.
        author: PeerId,
        /// What is said; what it means is up to applications.
        data: Vec<u8>,
    },
    /// [`Client::others`] are others, or show something else.
    PresenceChanged,
}

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

    fn dial(&mut self, now: Duration) {
        self.phase = Phase::Dialling { until: now + HANDSHAKE_TIMEOUT };
        self.outputs.push_back(Output::Dial);
    }

    fn opened(&mut self, now: Duration) {
        if let Phase::Dialling { .. } = self.phase {
            self.phase = Phase::Joining { until: now + HANDSHAKE_TIMEOUT };
            self.outputs.push_back(Output::Send(self.handshake.join()));
        }
    }

    fn take<D: Document>(&mut self, frame: &[u8], document: &mut D, now: Duration) {
        let heard = match &mut self.phase {
            Phase::Joining { .. } => match self.handshake.finish(frame) {
                Ok(introduced) => {
                    let shared = &self.shared_heads;
                    let online = Online::new(introduced, shared, self.was_refused, document, now);
                    let online = online.pinged_by_message(self.options.pings_by_message);
                    self.phase = Phase::Online(Box::new(online));
                    return;
                }
                Err(HandshakeError::Refused { reason }) => Err(Trouble::Refused(reason)),
                Err(error) => Err(Trouble::Problem(sentence(&error))),
            },
            Phase::Online(online) => {
                online.heard(now);
                online.take(frame, &self.options.peer, self.id, document, now)
            }
            Phase::Offline { .. } | Phase::Dialling { .. } | Phase::Stopped => return,
        };
        match heard {
            Ok(Heard::Nothing) => {}
            Ok(Heard::Unavailable) => self.availability = Availability::Unavailable,
            Ok(Heard::Synced) => self.synced(now),
            Ok(Heard::Said(said)) => {
                if self.talk.is_news(&self.options.peer, &said) {
                    self.hear(said, now);
                }
            }
            Err(trouble) => self.give_up(trouble, now),
        }
    }

    fn hear(&mut self, said: Ephemeral<'_>, now: Duration) {
        match PresenceMessage::decode(&said.data) {
            Some(message) => {
                if self.presence.hear(&said.author, message, now) {
                    self.outputs.push_back(Output::PresenceChanged);
                }
            }
            None => {
                let (author, data) = (said.author, said.data.into_owned());
                self.outputs.push_back(Output::Said { author, data });
            }
        }
    }

    fn synced(&mut self, now: Duration) {
        let Phase::Online(online) = &mut self.phase else { return };
        if online.enter() {
            self.presence.arrive(now);
        }
        if online.is_durable() {
            self.shared_heads = online.sync().shared_heads().to_vec();
        }
        self.is_read_only = online.sync().is_read_only();
        let has_changes = online.sync().relay_heads().is_some_and(|heads| !heads.is_empty());
        self.availability = match self.availability {
            _ if has_changes => Availability::Available,
            // It has lost them, and will have ours in a moment.
            Availability::Available => Availability::Unknown,
            before => before,
        };
        self.problem = None;
        self.was_refused = false;
        // Not before: a relay that takes connections and then fails would be dialled without end.
        self.back_off.reset();
    }

    fn tick(&mut self, now: Duration) {
        match &mut self.phase {
            Phase::Offline { retry_at: Some(retry_at), .. } if *retry_at <= now => self.dial(now),
            Phase::Dialling { until } | Phase::Joining { until } if *until <= now => {
                self.lose("the relay cannot be reached: it did not answer in time", now);
            }
            Phase::Online(online) => {
                if online.is_overdue(now, self.options.ping_every) {
                    self.lose("the relay does not answer any more", now);
                } else if online.ping_is_due(now, self.options.ping_every) {
                    let sender = self.options.peer.clone();
                    self.outputs.push_back(match self.options.pings_by_message {
                        true => Output::Send(encode(&Message::Ping(Ping { sender }))),
                        false => Output::Ping,
                    });
                }
            }
            _ => {}
        }
    }

    fn speak<D: Document>(&mut self, document: &D, now: Duration) {
        let Phase::Online(online) = &mut self.phase else { return };
        match online.next_frame(&self.options.peer, self.id, document, now) {
            Ok(frame) => self.outputs.extend(frame.map(Output::Send)),
            Err(trouble) => self.give_up(trouble, now),
        }
    }

    /// Says who is here, and notices who is not any more.
    fn attend(&mut self, now: Duration) {
        let has_changed = match &self.phase {
            Phase::Online(online) if online.has_entered() => {
                while let Some(message) = self.presence.due(now) {
                    self.say(&message.encode());
                }
                self.presence.expire(now)
            }
            _ => self.presence.leave(),
        };
        if has_changed {
            self.outputs.push_back(Output::PresenceChanged);
        }
    }

    /// Tries again soon: the network does such things.
    fn lose(&mut self, problem: &str, now: Duration) {
        let retry_at = now + self.back_off.next();
        self.problem = Some(problem.to_owned());
        self.drop_socket();
        self.go_offline(retry_at, None);
    }

    /// Tries again late: it will probably happen again.
    fn give_up(&mut self, trouble: Trouble, now: Duration) {
        let retry_at = now + self.back_off.longest();
        self.was_refused |= matches!(trouble, Trouble::Delivery(_));
        let refused = match trouble {
            Trouble::Refused(reason) => Some(reason),
            Trouble::Problem(problem) | Trouble::Delivery(problem) => {
                self.problem = Some(problem);
                None
            }
        };
        self.drop_socket();
        self.go_offline(retry_at, refused);
    }

    fn has_socket(&self) -> bool {
        !matches!(self.phase, Phase::Offline { .. } | Phase::Stopped)
    }

    fn drop_socket(&mut self) {
        self.outputs.retain(|output| !matches!(output, Output::Send(_) | Output::Ping));
        self.outputs.push_back(Output::HangUp);
    }

    fn go_offline(&mut self, retry_at: Duration, refused: Option<String>) {
        self.phase = Phase::Offline { retry_at: Some(retry_at), refused };
    }

    /// Works out the status anew, and says so if it differs.
    fn report<D: Document>(&mut self, document: &D) {
        let connection = match &self.phase {
            Phase::Offline { retry_at: Some(retry_at), refused: Some(reason) } => {
                Connection::Refused { reason: reason.clone(), retry_at: *retry_at }
            }
            Phase::Offline { retry_at, .. } => Connection::Offline { retry_at: *retry_at },
            Phase::Dialling { .. } | Phase::Joining { .. } => Connection::Connecting,
            Phase::Online(_) => Connection::Online,
            Phase::Stopped => Connection::Stopped,
        };
        let status = Status {
            connection,
            pending: self.outbox.count(document.automerge(), &self.shared_heads),
            document: self.availability,
            is_read_only: self.is_read_only,
            is_durable: matches!(&self.phase, Phase::Online(online) if online.is_durable()),
            problem: self.problem.clone(),
        };
        if status != self.status {
            self.status = status;
            self.outputs.push_back(Output::StatusChanged);
        }
    }
}
