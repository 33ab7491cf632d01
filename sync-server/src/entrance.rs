//! How a connection begins: who is let in, and how the others are told.

use crate::access::{Denied, FORBIDDEN};
use crate::connection::{self, Guest, code, linger};
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
use sync_protocol::{Handshake, Introduced, PeerId, sentence};
use tokio::time::timeout;
use tracing::info;

/// One socket, counted while it is open.
pub struct Counted {
    metrics: Arc<Metrics>,
    _open: Open,
    pass: Option<Pass>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        // Whoever sees that it is gone may come in its place.
        drop(self.pass.take());
        self.metrics.connections_open.dec();
    }
}

/// Why a client is not let in, and how it is told.
struct Refused {
    reason: Reason,
    code: u16,
    words: String,
    farewell: Farewell,
}

/// The last message before the close frame.
enum Farewell {
    /// An error with the same words.
    Words,
    /// What the handshake says, or nothing.
    Of(Option<Vec<u8>>),
}

impl Refused {
    fn new(reason: Reason, code: u16, words: impl Into<String>) -> Self {
        Self { reason, code, words: words.into(), farewell: Farewell::Words }
    }

    fn from_page(origin: &str) -> Self {
        let words = format!(
            "pages of {origin} may not connect; whoever runs the relay can allow them (--origins)"
        );
        Self::new(Reason::Origin, FORBIDDEN, words)
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
            Full::User => {
                "you have as many connections as the relay takes from one user; close some"
            }
        };
        Self::new(Reason::from(full), TRY_AGAIN, words)
    }
}

/// Lets a client in, or turns it away.
///
/// Returns as soon as that is done: what follows is a task of its own, so that an idle connection
/// does not keep what only its beginning needed, which is several times as much.
pub async fn admit(socket: WebSocket, request: Parts, context: Context) {
    let Context { hub, handshake, terms, origins, stop, gate, .. } = context;
    let limits = &terms.limits;
    let allowance = request.extensions.get::<Allowance>().cloned().unwrap_or_default();
    allowance.limit(limits.first_frame_bytes_max);
    let entered = gate.enter(address(&request, limits));
    let metrics = hub.metrics().clone();
    metrics.connections_open.inc();
    metrics.connections_opened.inc();
    let mut counted = Counted { metrics: metrics.clone(), _open: stop.opened(), pass: None };
    let grant = match origins.refused(&request.headers, &request.uri) {
        Some(origin) => Err(Refused::from_page(origin)),
        None => (terms.authorize)(request).await.map_err(Refused::from),
    };
    let user = grant.as_ref().ok().and_then(|grant| grant.rights().user());
    let entered = match (entered, user) {
        (Ok(pass), Some(user)) => pass.of_user(user),
        (entered, _) => entered,
    };
    let full = match entered {
        Ok(pass) => {
            counted.pass = Some(pass);
            None
        }
        Err(full) => Some(full),
    };
    let (mut sink, mut stream) = socket.split();
    let introduced = tokio::select! {
        introduced = introduce(&mut sink, &mut stream, &handshake, limits) => introduced,
        () = allowance.spent() => Err(Some(too_long(limits))),
    };
    let (peer, metadata) = match introduced {
        Ok(Introduced { peer, metadata }) => (peer, metadata),
        Err(None) => return,
        Err(Some(refused)) => return turn_away(sink, stream, &hub, None, refused).await,
    };
    let grant = match full.map(Refused::from).map_or(grant, Err) {
        Ok(grant) => grant,
        Err(refused) => return turn_away(sink, stream, &hub, Some(peer), refused).await,
    };
    allowance.lift();
    let storage = metadata.storage.filter(|_| !metadata.is_ephemeral);
    let ping_every = limits.ping_every;
    let writing = Writing { large: hub.large(), metrics, ping_every };
    let guest = Guest { peer, storage, grant, terms };
    connection::start(guest, (sink, stream), writing, hub, stop, counted);
}

/// Whose connection a request opens, if that can be known.
fn address(request: &Parts, limits: &Limits) -> Option<IpAddr> {
    let ConnectInfo(socket) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    client(socket.ip(), &request.headers, &limits.proxies)
}

/// Hears who a client is, and answers. Without a reason to refuse it, it is gone.
async fn introduce(
    sink: &mut SplitSink<WebSocket, Frame>,
    stream: &mut SplitStream<WebSocket>,
    handshake: &Handshake,
    limits: &Limits,
) -> Result<Introduced, Option<Refused>> {
    let late = |_| {
        let words = "you did not introduce yourself in time";
        Some(Refused::new(Reason::Late, code::TIMEOUT, words))
    };
    let first = timeout(limits.handshake_timeout, first_frame(stream)).await.map_err(late)?;
    let first = first.ok_or(None)?;
    if first.len() > limits.first_frame_bytes_max {
        return Err(Some(too_long(limits)));
    }
    let (introduced, answer) = handshake.accept(&first).map_err(|rejected| {
        let words = sentence(&rejected.error);
        let refused = Refused::new(Reason::Handshake, code::PROTOCOL, words);
        Some(Refused { farewell: Farewell::Of(rejected.farewell), ..refused })
    })?;
    sink.send(Frame::Binary(answer.into())).await.map_err(|_| None)?;
    Ok(introduced)
}

fn too_long(limits: &Limits) -> Refused {
    let max = limits.first_frame_bytes_max;
    let words = format!("introduce yourself first, in at most {max} bytes");
    Refused::new(Reason::Long, code::TOO_BIG, words)
}

/// Tells a client that may not connect why, by name if it has given one.
async fn turn_away(
    mut sink: SplitSink<WebSocket, Frame>,
    mut stream: SplitStream<WebSocket>,
    hub: &Hub,
    peer: Option<PeerId>,
    refused: Refused,
) {
    let Refused { reason, code, words, farewell } = refused;
    hub.metrics().refused(reason);
    info!("refused a client: {words}");
    let farewell = match farewell {
        Farewell::Words => Some(connection::farewell(hub, peer, &words)),
        Farewell::Of(farewell) => farewell,
    };
    // A client that cannot be told is gone: nothing more to do for it.
    _ = timeout(WRITE_TIMEOUT, async {
        if let Some(farewell) = farewell {
            _ = sink.send(Frame::Binary(farewell.into())).await;
        }
        _ = close(&mut sink, code, &words).await;
    })
    .await;
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
