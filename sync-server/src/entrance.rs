//! How a connection begins: who is let in, and how the others are told.

use crate::access::Denied;
use crate::connection::{self, Guest, code, farewell, linger};
use crate::gate::{Full, Pass, client};
use crate::http::Context;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::metrics::{Metrics, Reason};
use crate::sockets::Allowance;
use crate::stop::Open;
use crate::writer::{TRY_AGAIN, WRITE_TIMEOUT, Writing, close};
use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::extract::ws::{Message as Frame, WebSocket};
use axum::http::request::Parts;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use sync_protocol::{Introduced, PeerId, sentence};
use tokio::time::timeout;
use tracing::info;

/// One socket, counted while it is open.
pub struct Counted {
    metrics: Arc<Metrics>,
    _open: Open,
    _pass: Option<Pass>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.metrics.connections_open.dec();
    }
}

/// Why a client is not let in, and how it is told.
struct Refused {
    reason: Reason,
    code: u16,
    words: String,
}

impl Refused {
    fn new(reason: Reason, code: u16, words: impl Into<String>) -> Self {
        Self { reason, code, words: words.into() }
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        let reason = match denied {
            Denied::Unknown(_) => Reason::Unknown,
            Denied::Forbidden(_) => Reason::Forbidden,
        };
        Self::new(reason, denied.code(), denied.to_string())
    }
}

impl From<Full> for Refused {
    fn from(full: Full) -> Self {
        let words = match full {
            Full::All => "the relay has as many connections as it takes; try again later",
            Full::Address => "your network has as many connections as the relay takes from one",
        };
        Self::new(Reason::from(full), TRY_AGAIN, words)
    }
}

/// Lets a client in, or turns it away.
///
/// Returns as soon as that is done: what follows is a task of its own, so that an idle connection
/// does not keep what only its beginning needed, which is several times as much.
pub async fn admit(socket: WebSocket, request: Parts, context: Context) {
    let Context { hub, handshake, authorize, stop, limits, gate } = context;
    let allowance = request.extensions.get::<Allowance>().cloned().unwrap_or_default();
    allowance.limit(limits.first_frame_bytes_max);
    let (pass, full) = match gate.enter(address(&request, &limits)) {
        Ok(pass) => (Some(pass), None),
        Err(full) => (None, Some(full)),
    };
    let metrics = hub.metrics().clone();
    metrics.connections_open.inc();
    metrics.connections_opened.inc();
    let counted = Counted { metrics: metrics.clone(), _open: stop.opened(), _pass: pass };
    let grant = authorize(request).await;
    let (mut sink, mut stream) = socket.split();
    let first = tokio::select! {
        first = timeout(limits.handshake_timeout, first_frame(&mut stream)) => first,
        () = allowance.spent() => return too_long(sink, stream, &hub, &limits).await,
    };
    let first = match first {
        Ok(Some(first)) if first.len() > limits.first_frame_bytes_max => {
            return too_long(sink, stream, &hub, &limits).await;
        }
        Ok(Some(first)) => first,
        Ok(None) => return,
        Err(_) => {
            let words = "you did not introduce yourself in time";
            let refused = Refused::new(Reason::Late, code::TIMEOUT, words);
            return turn_away(sink, stream, &hub, None, refused).await;
        }
    };
    let (Introduced { peer, metadata }, answer) = match handshake.accept(&first) {
        Ok(accepted) => accepted,
        Err(rejected) => {
            // A client that cannot be told is gone: nothing more to do for it.
            if let Some(farewell) = rejected.farewell {
                _ = timeout(WRITE_TIMEOUT, sink.send(Frame::Binary(farewell.into()))).await;
            }
            let words = sentence(&rejected.error);
            let refused = Refused::new(Reason::Handshake, code::PROTOCOL, words);
            return hang_up(sink, stream, &hub, refused).await;
        }
    };
    if sink.send(Frame::Binary(answer.into())).await.is_err() {
        return;
    }
    let grant = match full.map(Refused::from).map_or(grant.map_err(Refused::from), Err) {
        Ok(grant) => grant,
        Err(refused) => return turn_away(sink, stream, &hub, Some(peer), refused).await,
    };
    allowance.lift();
    let storage = metadata.storage.filter(|_| !metadata.is_ephemeral);
    let ping_every = limits.ping_every;
    let writing = Writing { large: hub.large(), metrics, ping_every };
    let guest = Guest { peer, storage, grant, silence_max: limits.idle_timeout };
    connection::start(guest, (sink, stream), writing, hub, stop, counted);
}

/// Whose connection a request opens, if that can be known.
fn address(request: &Parts, limits: &Limits) -> Option<IpAddr> {
    let ConnectInfo(socket) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    client(socket.ip(), &request.headers, &limits.proxies)
}

async fn too_long(
    sink: SplitSink<WebSocket, Frame>,
    stream: SplitStream<WebSocket>,
    hub: &Hub,
    limits: &Limits,
) {
    let max = limits.first_frame_bytes_max;
    let words = format!("introduce yourself first, in at most {max} bytes");
    turn_away(sink, stream, hub, None, Refused::new(Reason::Long, code::TOO_BIG, words)).await;
}

/// Tells a client that may not connect why, by name if it has given one.
async fn turn_away(
    mut sink: SplitSink<WebSocket, Frame>,
    stream: SplitStream<WebSocket>,
    hub: &Hub,
    peer: Option<PeerId>,
    refused: Refused,
) {
    let farewell = farewell(hub, peer, &refused.words);
    // As above.
    _ = timeout(WRITE_TIMEOUT, sink.send(Frame::Binary(farewell.into()))).await;
    hang_up(sink, stream, hub, refused).await;
}

async fn hang_up(
    mut sink: SplitSink<WebSocket, Frame>,
    mut stream: SplitStream<WebSocket>,
    hub: &Hub,
    refused: Refused,
) {
    hub.metrics().refused(refused.reason);
    info!("refused a client: {}", refused.words);
    _ = timeout(WRITE_TIMEOUT, close(&mut sink, refused.code, &refused.words)).await;
    linger(&mut stream).await;
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
