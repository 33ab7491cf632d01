//! One WebSocket: the handshake, then frames to rooms and back.

use crate::access::{Denied, Grant};
use crate::http::Context;
use crate::hub::{Door, Hub};
use crate::outbox::Outbox;
use crate::quarantine::QUARANTINED;
use crate::relay::{AckShape, ConnectionId, FrameError, Incoming, Received, read, read_at_once};
use crate::room_task::{LOST, RoomInput, Step, Visitor};
use crate::stop::Stop;
use crate::writer::{LAST_PING, WRITE_TIMEOUT, close, start_writing};
use axum::body::Bytes;
use axum::extract::ws::{Message as Frame, WebSocket};
use axum::http::request::Parts;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{
    DocumentId, DocumentUnavailable, Handshake, Introduced, Message, PeerId, Refusal,
    RemoteSubscriptionChange, STORAGES_MAX, encode, sentence,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{debug, info};

/// How long a client may take to introduce itself.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// After this much silence, answers to pings included, a client is gone.
const SILENCE_MAX: Duration = Duration::from_secs(65);
/// How long a client that was sent a close frame may take to answer it. Hanging up at once could
/// take back what was written last.
const LINGER: Duration = Duration::from_secs(2);
/// How many documents one connection may have open. An automerge-repo client opens thousands.
const DOCUMENTS_MAX: usize = 16 * 1024;

/// The codes of RFC 6455 that the relay closes with.
mod code {
    pub const GOING_AWAY: u16 = 1001;
    pub const PROTOCOL: u16 = 1002;
    pub const POLICY: u16 = 1008;
    pub const FAILED: u16 = 1011;
}

/// Lets a client in, or turns it away.
///
/// Returns as soon as that is done: what follows is a task of its own, so that an idle connection
/// does not keep what only its beginning needed, which is several times as much.
pub async fn admit(socket: WebSocket, request: Parts, context: Context) {
    let open = context.stop.opened();
    let Context { hub, handshake, authorize, stop } = context;
    let grant = authorize(request).await;
    let (mut sink, mut stream) = socket.split();
    let Some(Introduced { peer, metadata }) = introduce(&mut sink, &mut stream, &handshake).await
    else {
        return;
    };
    let grant = match grant {
        Ok(grant) => grant,
        Err(denied) => return turn_away(sink, stream, &hub, peer, &denied).await,
    };
    let connection = hub.next_connection();
    debug!(connection = connection.0, %peer, "joined");
    let outbox = Arc::new(Outbox::new(connection));
    let writer = start_writing(sink, outbox.clone(), hub.large());
    let storage = metadata.storage.filter(|_| !metadata.is_ephemeral);
    let visitor = Visitor { peer, storage, subscribed: Arc::default(), outbox };
    let mut reader = Reader { hub, grant, visitor, rooms: BTreeMap::new(), shape: None };
    tokio::spawn(async move {
        let _open = open;
        // However reading ends, the rooms must hear of it, and so must the client.
        let run = AssertUnwindSafe(reader.run(&mut stream, &stop)).catch_unwind().await;
        let failed = || Ended::Refused { code: code::FAILED, reason: LOST.to_owned() };
        let ended = run.unwrap_or_else(|_panic| failed());
        Box::pin(reader.end(ended, stream, writer)).await;
    });
}

async fn introduce(
    sink: &mut SplitSink<WebSocket, Frame>,
    stream: &mut SplitStream<WebSocket>,
    handshake: &Handshake,
) -> Option<Introduced> {
    let first = timeout(HANDSHAKE_TIMEOUT, first_frame(stream)).await.ok()??;
    match handshake.accept(&first) {
        Ok((introduced, answer)) => {
            sink.send(Frame::Binary(answer.into())).await.ok()?;
            Some(introduced)
        }
        Err(rejected) => {
            let reason = sentence(&rejected.error);
            info!("refused a client: {reason}");
            // A client that cannot be told is gone: nothing more to do for it.
            if let Some(farewell) = rejected.farewell {
                _ = sink.send(Frame::Binary(farewell.into())).await;
            }
            _ = timeout(WRITE_TIMEOUT, close(sink, code::PROTOCOL, &reason)).await;
            linger(stream).await;
            None
        }
    }
}

/// Tells a client that may not connect why.
async fn turn_away(
    mut sink: SplitSink<WebSocket, Frame>,
    mut stream: SplitStream<WebSocket>,
    hub: &Hub,
    peer: PeerId,
    denied: &Denied,
) {
    let reason = denied.to_string();
    info!("refused a client: {reason}");
    // A client that cannot be told is gone: nothing more to do for it.
    _ = timeout(WRITE_TIMEOUT, async {
        _ = sink.send(Frame::Binary(farewell(hub, peer, &reason).into())).await;
        _ = close(&mut sink, denied.code(), &reason).await;
    })
    .await;
    linger(&mut stream).await;
}

/// Tells a client why it is closed. Its own library logs it and dials again later.
fn farewell(hub: &Hub, peer: PeerId, reason: &str) -> Vec<u8> {
    let (sender, target) = (Some(hub.own().clone()), Some(peer));
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
async fn linger(stream: &mut SplitStream<WebSocket>) {
    _ = timeout(LINGER, async { while let Some(Ok(_)) = stream.next().await {} }).await;
}

async fn first_frame(stream: &mut SplitStream<WebSocket>) -> Option<Bytes> {
    loop {
        match stream.next().await?.ok()? {
            Frame::Binary(frame) => return Some(frame),
            // No frame of the protocol, so the handshake refuses it as such.
            Frame::Text(text) => return Some(text.into()),
            Frame::Close(_) => return None,
            Frame::Ping(_) | Frame::Pong(_) => {}
        }
    }
}

/// Why reading ended.
enum Ended {
    /// The client closed, or its socket broke, or it fell silent.
    Gone,
    /// It sent what cannot be taken.
    Refused { code: u16, reason: String },
    /// The relay stops.
    Stopping,
}

struct Reader {
    hub: Hub,
    grant: Grant,
    visitor: Visitor,
    rooms: BTreeMap<DocumentId, Door>,
    /// How the client acknowledges, for the document that it did so last.
    shape: Option<AckShape>,
}

impl Reader {
    /// Reads until the client goes, or must, or the relay stops.
    async fn run(&mut self, stream: &mut SplitStream<WebSocket>, stop: &Stop) -> Ended {
        let mut stops = std::pin::pin!(stop.asked());
        loop {
            let next = tokio::select! {
                next = timeout(SILENCE_MAX, stream.next()) => next,
                () = &mut stops => return Ended::Stopping,
            };
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
                Ok(None | Some(Ok(Frame::Close(_)))) | Err(_) => return Ended::Gone,
            };
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
            Ok(Incoming::Sync { document, is_request, message, changes }) => {
                if changes.is_empty() && !is_request {
                    self.shape = AckShape::learn(&frame, document, &message.heads);
                }
                let received = Received { is_request, message, changes };
                let step = Box::new(Step { received, frame });
                let input = RoomInput::Received(self.connection(), step);
                self.tell(document, input).await
            }
            Ok(Incoming::Subscription(change)) => {
                self.subscribe(change).await;
                Ok(())
            }
            Ok(Incoming::RemoteHeads(heard)) => {
                let document = heard.document;
                let input = RoomInput::Heard(self.connection(), Box::new(heard));
                self.tell_if_open(document, input).await;
                Ok(())
            }
            Ok(Incoming::Ephemeral(ephemeral)) => {
                let document = ephemeral.document;
                self.tell_if_open(
                    document,
                    RoomInput::Said(self.connection(), Box::new(ephemeral)),
                )
                .await;
                Ok(())
            }
            Ok(Incoming::Nothing) => Ok(()),
            Err(error) => Err(refused(sentence(&error))),
        }
    }

    /// Whether a frame is an acknowledgement that changes nothing. Most frames are.
    fn may_skip(&self, frame: &[u8]) -> bool {
        let shape = self.shape.as_ref();
        let payload = shape.and_then(|shape| Some((shape.document(), shape.payload(frame)?)));
        payload.is_some_and(|(document, payload)| {
            self.rooms.get(&document).is_some_and(|door| door.may_skip(payload))
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
                let frame = frame.clone();
                tokio::task::spawn_blocking(move || read(&frame, &peer)).await.ok()
            }
            Err(_panic) => None,
        };
        parsed.ok_or_else(|| {
            self.hub.quarantine().add(&frame, "reading a frame");
            refused()
        })
    }

    async fn tell(&mut self, document: DocumentId, input: RoomInput) -> Result<(), Ended> {
        if !self.rooms.contains_key(&document) {
            if self.rooms.len() == DOCUMENTS_MAX {
                let reason = format!("a connection may open {DOCUMENTS_MAX} documents");
                return Err(Ended::Refused { code: code::POLICY, reason });
            }
            let Some(access) = self.grant.access(document) else {
                self.deny(document, &input);
                return Ok(());
            };
            let door = self.hub.enter(document, self.visitor.clone(), access).await;
            self.rooms.insert(document, door);
        }
        let failed = || Ended::Refused { code: code::FAILED, reason: LOST.to_owned() };
        let door = self.rooms.get(&document).ok_or_else(failed)?;
        if door.tell(input).await { Ok(()) } else { Err(failed()) }
    }

    /// A document that the client may not even read is none, as far as it can see.
    fn deny(&self, document: DocumentId, input: &RoomInput) {
        if matches!(input, RoomInput::Received(_, step) if step.received.is_request) {
            let (sender, target) = (self.hub.own().clone(), self.visitor.peer.clone());
            let answer = DocumentUnavailable { sender, target, document };
            self.visitor.outbox.push(encode(&Message::DocumentUnavailable(answer)));
        }
    }

    /// Tells the room of a document that the client has open.
    async fn tell_if_open(&self, document: DocumentId, input: RoomInput) {
        match self.rooms.get(&document) {
            // A room that is gone is noticed at the next step of syncing.
            Some(door) => _ = door.tell(input).await,
            None => debug!(peer = %self.visitor.peer, "a message for no open document"),
        }
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
        for door in self.rooms.values() {
            let storages = self.visitor.subscribed.clone();
            // As above.
            _ = door.tell(RoomInput::Subscribed(self.connection(), storages)).await;
        }
    }

    /// Waits until everything that the client sent is stored, and told.
    async fn drain(&self) {
        for room in self.rooms.values() {
            let (done, drained) = oneshot::channel();
            if room.tell(RoomInput::Drain(done)).await {
                // A room that ends meanwhile has drained, or cannot.
                _ = drained.await;
            }
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
            Ended::Refused { code, reason } => {
                info!(connection = connection.0, peer = %self.visitor.peer, "closed: {reason}");
                outbox.push(farewell(&self.hub, self.visitor.peer.clone(), &reason));
                outbox.end(code, reason);
            }
            Ended::Stopping => {
                self.drain().await;
                outbox.end(code::GOING_AWAY, "the relay is shutting down");
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

    async fn leave(&mut self) {
        for room in std::mem::take(&mut self.rooms).into_values() {
            _ = room.tell(RoomInput::Leave(self.connection())).await;
        }
    }

    fn connection(&self) -> ConnectionId {
        self.visitor.outbox.connection()
    }
}
