//! One WebSocket, once its client is let in: frames to rooms and back.

mod documents;
mod review;

use crate::access::{Authorize, Denied, Grant, UNKNOWN};
use crate::entrance::Counted;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::outbox::Outbox;
use crate::quarantine::QUARANTINED;
use crate::rate::{Rate, Shares};
use crate::relay::{AckShape, ConnectionId, FrameError, Incoming, Received, read, read_at_once};
use crate::room_task::{LOST, RoomInput, Step, Visitor};
use crate::stop::Stop;
use crate::writer::{LAST_PING, Writing, start_writing};
use axum::body::Bytes;
use axum::extract::ws::{Message as Frame, WebSocket};
use documents::OpenDocument;
use futures_util::FutureExt;
use futures_util::StreamExt;
use futures_util::future::OptionFuture;
use futures_util::stream::{SplitSink, SplitStream};
use review::Alarm;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{
    DocumentId, Message, PeerId, Pong, Refusal, RemoteSubscriptionChange, STORAGES_MAX, StorageId,
    encode, sentence,
};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{debug, info};

/// How long a client that was sent a close frame may take to answer it. Hanging up at once could
/// take back what was written last.
const LINGER: Duration = Duration::from_secs(2);
/// How long a client that sends too many changes is not listened to at a time: it must still be heard
/// that it is there, and that the relay stops.
const REST_MAX: Duration = Duration::from_secs(5);

/// What a client is told whose token has ended.
const EXPIRED: &str = "what you were let in with has expired; sign in again and connect";

/// The codes that the relay closes with: of RFC 6455 and its registry, and its own.
pub mod code {
    pub const PROTOCOL: u16 = 1002;
    pub const POLICY: u16 = 1008;
    pub const TOO_BIG: u16 = 1009;
    pub const FAILED: u16 = 1011;
    /// "Service restart": come back, soon.
    pub const RESTART: u16 = 1012;
    /// Its own, after the status of HTTP.
    pub const TIMEOUT: u16 = 4408;
}

/// What holds for every connection.
pub struct Terms {
    /// Who says what it may do: asked again when it shows something newer.
    pub authorize: Authorize,
    /// What it may cost.
    pub limits: Limits,
}

/// Who has been let in.
pub struct Guest {
    /// What it calls itself.
    pub peer: PeerId,
    /// What it keeps its documents in, if that outlives the connection.
    pub storage: Option<StorageId>,
    /// What it may do.
    pub grant: Grant,
    /// What holds for it.
    pub terms: Arc<Terms>,
}

/// Reads and writes from now on, in tasks of their own, until it is over and `counted` is dropped.
pub fn start(
    guest: Guest,
    (sink, mut stream): (SplitSink<WebSocket, Frame>, SplitStream<WebSocket>),
    writing: Writing,
    hub: Hub,
    stop: Stop,
    counted: Counted,
) {
    let Guest { peer, storage, grant, terms } = guest;
    let connection = hub.next_connection();
    debug!(connection = connection.0, %peer, "joined");
    let outbox = Arc::new(Outbox::new(connection));
    let writer = start_writing(sink, outbox.clone(), writing);
    let visitor = Visitor { peer, storage, subscribed: Arc::default(), outbox };
    let (open, rate) = (HashMap::new(), Rate::new(terms.limits.ephemeral_per_second));
    let (shape, shares, alarm, _counted) = (None, None, None, counted);
    let mut reader =
        Reader { hub, grant, visitor, open, shape, rate, shares, alarm, terms, _counted };
    let task = async move {
        // However reading ends, the rooms must hear of it, and so must the client.
        let run = AssertUnwindSafe(reader.run(&mut stream, &stop)).catch_unwind().await;
        let failed = || Ended::Refused { code: code::FAILED, reason: LOST.to_owned() };
        let ended = run.unwrap_or_else(|_panic| failed());
        Box::pin(reader.end(ended, stream, writer)).await;
    };
    // As in the writer.
    debug_assert!(size_of_val(&task) <= 792, "{}", size_of_val(&task));
    tokio::spawn(task);
}

/// Tells a client why it is closed. Its own library logs it and dials again later.
pub fn farewell(hub: &Hub, target: Option<PeerId>, reason: &str) -> Vec<u8> {
    let sender = Some(hub.own().clone());
    encode(&Message::Error(Refusal { sender, target, reason: reason.to_owned() }))
}

/// Reads on until the client has answered the last ping, or is gone. What it sends meanwhile is not
/// acknowledged, so it sends it again.
async fn hear_out(stream: &mut SplitStream<WebSocket>, outbox: &Outbox) {
    while let Some(Ok(frame)) = stream.next().await {
        if is_last_answer(&frame) {
            break;
        }
    }
    outbox.answer();
}

fn is_last_answer(frame: &Frame) -> bool {
    matches!(frame, Frame::Pong(answer) if answer == LAST_PING)
}

/// Lets a client that was sent a close frame answer it.
pub async fn linger(stream: &mut SplitStream<WebSocket>) {
    _ = timeout(LINGER, async { while let Some(Ok(_)) = stream.next().await {} }).await;
}

/// Why reading ended.
enum Ended {
    /// The client closed, or its socket broke.
    Gone,
    /// It fell silent.
    Silent,
    /// It sent what cannot be taken.
    Refused { code: u16, reason: String },
    /// The relay stops.
    Stopping,
    /// What it was let in with holds no longer.
    Expired,
    /// Nobody lets it in any more.
    Denied(Denied),
}

struct Reader {
    hub: Hub,
    grant: Grant,
    visitor: Visitor,
    /// Hashed: the first entry of a tree would set aside space for eleven.
    open: HashMap<DocumentId, OpenDocument>,
    /// How the client acknowledges, for the document that it did so last.
    shape: Option<AckShape>,
    /// That of its ephemeral messages.
    rate: Rate,
    /// What its changes and questions may cost, once there are any.
    shares: Option<Box<Shares>>,
    /// When to look at what it may do again.
    alarm: Option<Alarm>,
    terms: Arc<Terms>,
    /// Here, and not in the task, which would keep space for it twice.
    _counted: Counted,
}

impl Reader {
    /// Reads until the client goes, or must, or the relay stops.
    async fn run(&mut self, stream: &mut SplitStream<WebSocket>, stop: &Stop) -> Ended {
        let mut stops = std::pin::pin!(stop.asked());
        if let Err(ended) = Box::pin(self.watch()).await {
            return ended;
        }
        let mut silent_at = Instant::now() + self.terms.limits.idle_timeout;
        loop {
            let next = tokio::select! {
                next = timeout_at(silent_at, stream.next()) => next,
                () = &mut stops => return Ended::Stopping,
                Some(()) = OptionFuture::from(self.alarm.as_mut()) => {
                    if let Err(ended) = Box::pin(self.watch()).await {
                        return ended;
                    }
                    // Who is silent stays so, however often others' rights change.
                    continue;
                }
            };
            silent_at = Instant::now() + self.terms.limits.idle_timeout;
            let frame = match next {
                Ok(Some(Ok(Frame::Binary(frame)))) => frame,
                Ok(Some(Ok(frame @ (Frame::Ping(_) | Frame::Pong(_))))) => {
                    if is_last_answer(&frame) {
                        self.visitor.outbox.answer();
                    }
                    continue;
                }
                Ok(Some(Ok(Frame::Text(_)))) => {
                    let reason = "a frame is text; the protocol's are binary".to_owned();
                    return Ended::Refused { code: code::PROTOCOL, reason };
                }
                Ok(Some(Err(error))) => {
                    debug!(peer = %self.visitor.peer, "the socket failed: {error}");
                    return Ended::Gone;
                }
                Ok(None | Some(Ok(Frame::Close(_)))) => return Ended::Gone,
                Err(_) => return Ended::Silent,
            };
            self.hub.metrics().received.add(1, frame.len());
            if self.may_skip(&frame) {
                continue;
            }
            // Boxed, as an idle connection would keep space for it.
            if let Err(ended) = Box::pin(self.take(frame)).await {
                return ended;
            }
        }
    }

    async fn take(&mut self, frame: Bytes) -> Result<(), Ended> {
        let refused = |reason| Ended::Refused { code: code::PROTOCOL, reason };
        match self.parse(frame.clone()).await? {
            Ok(Incoming::Renewal(token)) => {
                self.renew(&token).await?;
            }
            Ok(Incoming::Sync { document, is_request, message, changes }) => {
                if changes.is_empty() && !is_request {
                    self.shape = AckShape::learn(&frame, document, &message.heads);
                }
                let received = Received { is_request, message, changes };
                let count = received.changes.len();
                let step = Step { connection: self.connection(), received, frame };
                self.take_step(document, Box::new(step)).await?;
                self.rest_after(count).await;
            }
            Ok(Incoming::Subscription(change)) => {
                self.subscribe(change).await;
            }
            Ok(Incoming::RemoteHeads(heard)) => {
                let document = heard.document;
                let input = RoomInput::Heard(Box::new((self.connection(), heard)));
                self.tell_if_open(document, input).await?;
            }
            Ok(Incoming::Ephemeral(ephemeral)) => {
                if ephemeral.data.len() > self.terms.limits.ephemeral_bytes_max
                    || !self.rate.admits(self.hub.now())
                {
                    self.hub.metrics().ephemeral_refused.inc();
                    return Ok(());
                }
                let document = ephemeral.document;
                let input = RoomInput::Said(Box::new((self.connection(), ephemeral)));
                self.tell_if_open(document, input).await?;
            }
            Ok(Incoming::Ping) => self.pong(),
            Ok(Incoming::Nothing) => {}
            Err(error) => return Err(refused(sentence(&error))),
        }
        Ok(())
    }

    /// A sign of life. Whoever asks more often than people speak gets none.
    fn pong(&mut self) {
        if self.rate.admits(self.hub.now()) {
            let (sender, target) = (self.hub.own().clone(), self.visitor.peer.clone());
            let pong = encode(&Message::Pong(Pong { sender, target }));
            self.visitor.outbox.push_ephemeral(pong);
        }
    }

    /// Lets a client that sends or asks for more than it may wait for those that do not. What it sends
    /// meanwhile waits in its socket.
    async fn rest_after(&mut self, changes: usize) {
        let spent = self.visitor.outbox.take_spent();
        let limits = &self.terms.limits;
        let now = self.hub.now();
        let shares = self.shares.get_or_insert_with(|| Box::new(Shares::of(limits, now)));
        let wait = shares.wait_after(changes, spent, now);
        if !wait.is_zero() {
            self.hub.metrics().clients_slowed.inc();
            tokio::time::sleep(wait.min(REST_MAX)).await;
        }
    }

    /// Whether a frame is an acknowledgement that changes nothing. Most frames are.
    fn may_skip(&self, frame: &[u8]) -> bool {
        let shape = self.shape.as_ref();
        let payload = shape.and_then(|shape| Some((shape.document(), shape.payload(frame)?)));
        payload.is_some_and(|(document, payload)| {
            self.open.get(&document).is_some_and(|open| open.door.may_skip(payload))
        })
    }

    /// Reads a frame; one that may take long where it keeps nobody else waiting. The next is not
    /// looked at before.
    async fn parse(&self, frame: Bytes) -> Result<Result<Incoming, FrameError>, Ended> {
        let refused = || Ended::Refused { code: code::POLICY, reason: QUARANTINED.to_owned() };
        if self.hub.quarantine().holds(&frame) {
            return Err(refused());
        }
        let peer = self.visitor.peer.clone();
        // What it panics over is local to the call and thrown away.
        let parsed = match catch_unwind(AssertUnwindSafe(|| read_at_once(&frame, &peer))) {
            Ok(Ok(Some(incoming))) => Some(Ok(incoming)),
            Ok(Err(error)) => Some(Err(error)),
            Ok(Ok(None)) => {
                let (frame, outbox) = (frame.clone(), self.visitor.outbox.clone());
                let reads = tokio::task::spawn_blocking(move || {
                    let started = std::time::Instant::now();
                    let incoming = read(&frame, &peer);
                    outbox.worked(started.elapsed());
                    incoming
                });
                reads.await.ok()
            }
            Err(_panic) => None,
        };
        parsed.ok_or_else(|| {
            self.hub.quarantine().add(&frame, "reading a frame");
            refused()
        })
    }

    /// Keeps at most [`STORAGES_MAX`] subscriptions: of more the client does not hear.
    async fn subscribe(&mut self, change: RemoteSubscriptionChange) {
        let mut storages = BTreeSet::clone(&self.visitor.subscribed);
        change.remove.iter().for_each(|storage| _ = storages.remove(storage));
        for storage in change.add {
            if storages.len() < STORAGES_MAX {
                storages.insert(storage);
            }
        }
        self.visitor.subscribed = Arc::new(storages);
        for open in self.open.values() {
            let storages = self.visitor.subscribed.clone();
            // A room that is gone is noticed at the next step of syncing.
            let subscribed = Box::new((self.connection(), storages));
            _ = open.door.tell(RoomInput::Subscribed(subscribed)).await;
        }
    }

    /// Says goodbye, or finds that nobody is there any more.
    async fn end(
        &mut self,
        ended: Ended,
        mut stream: SplitStream<WebSocket>,
        mut writer: JoinHandle<()>,
    ) {
        let connection = self.connection();
        let outbox = self.visitor.outbox.clone();
        match ended {
            Ended::Gone => outbox.abandon(),
            Ended::Silent => {
                outbox.give_up(code::TIMEOUT, "nothing was heard of you; connect again")
            }
            Ended::Refused { code, reason } => {
                info!(connection = connection.0, peer = %self.visitor.peer, "closed: {reason}");
                outbox.push(farewell(&self.hub, Some(self.visitor.peer.clone()), &reason));
                outbox.end(code, reason);
            }
            Ended::Stopping => {
                self.drain().await;
                outbox.end(code::RESTART, "the relay is shutting down");
            }
            Ended::Expired => {
                self.drain().await;
                outbox.push(farewell(&self.hub, Some(self.visitor.peer.clone()), EXPIRED));
                outbox.end(UNKNOWN, EXPIRED);
            }
            // Nothing more of what it sends is taken, and nothing more is told.
            Ended::Denied(denied) => {
                let words = denied.to_string();
                outbox.push(farewell(&self.hub, Some(self.visitor.peer.clone()), &words));
                outbox.end(denied.code(), words);
            }
        }
        self.leave().await;
        // The writer ends on its own: what it waits for has a time limit and nothing is added any
        // more.
        tokio::select! {
            _ = &mut writer => {}
            () = hear_out(&mut stream, &outbox) => { _ = (&mut writer).await; }
        }
        linger(&mut stream).await;
        debug!(connection = connection.0, "gone");
    }

    fn connection(&self) -> ConnectionId {
        self.visitor.outbox.connection()
    }
}
