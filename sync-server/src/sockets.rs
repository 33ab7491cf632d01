//! From a listener to HTTP: accepting sockets, and what one may do before it is known.
//!
//! `axum::serve` has no time limit for the head of a request, and hands out no socket that stops
//! reading.

use crate::gate::{BESIDE, Full, Gate, Pass};
use crate::http::Context;
use crate::limits::Limits;
use crate::metrics::Reason;
use crate::tls::{Stream, Tls};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{self, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{debug, warn};

/// The longest head of a request.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How long to wait when the system has no more sockets.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Sockets to accept, and what is made of them before anything is read.
pub struct Listener {
    pub listener: TcpListener,
    pub tls: Option<Tls>,
}

/// Accepts sockets and answers their requests until the relay stops, and then until each has the
/// answer that it waits for.
pub async fn serve(listener: Listener, router: Router, context: Context) {
    let Listener { listener, tls } = listener;
    let limits = &context.terms.limits;
    // Nobody knows yet whose they are.
    let sockets = Limits {
        connections_max: limits.connections_max.saturating_add(BESIDE),
        connections_per_address_max: limits.connections_per_address_max.saturating_add(BESIDE),
        ..limits.clone()
    };
    let gate = Gate::new(&sockets);
    let mut requests = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = requests.join_next() => continue,
            () = context.stop.asked() => break,
        };
        match accepted {
            Ok((socket, address)) => {
                // A proxy stands for everybody, and is counted once it says for whom.
                let ip = address.ip();
                let is_proxy =
                    limits.proxies.iter().any(|proxy| proxy.to_canonical() == ip.to_canonical());
                match gate.enter((!is_proxy).then_some(ip)) {
                    Ok(pass) => {
                        // A change is a small frame that somebody waits for.
                        _ = socket.set_nodelay(true);
                        let (tls, router, context) = (tls.clone(), router.clone(), context.clone());
                        requests.spawn(async move {
                            if let Some(socket) = begin(socket, tls, &context).await {
                                let allowance = Allowance::default();
                                let socket = Socket { socket, allowance, _pass: pass };
                                answer(socket, address, router, context).await;
                            }
                        });
                    }
                    // There is no word for it before HTTP, and these words would cost a socket.
                    Err(full) => context.metrics().refused(Reason::from(full)),
                }
            }
            Err(error) if is_the_client_s(&error) => {}
            Err(error) => {
                context.metrics().accept_failures.inc();
                warn!("cannot accept connections: {error}");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    drop(listener);
    while requests.join_next().await.is_some() {}
}

fn is_the_client_s(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Makes TLS of a socket if it should be. A client that takes too long with it is gone.
async fn begin(socket: TcpStream, tls: Option<Tls>, context: &Context) -> Option<Stream> {
    let Some(tls) = tls else { return Some(Stream::Plain(socket)) };
    let begun = tokio::select! {
        begun = timeout(context.terms.limits.header_timeout, tls.accept(socket)) => begun,
        () = context.stop.asked() => return None,
    };
    match begun {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            debug!("a socket brought no TLS: {error}");
            None
        }
        Err(_) => {
            context.metrics().refused(Reason::Header);
            None
        }
    }
}

/// Answers the requests of a socket, until it has become a WebSocket or is closed.
async fn answer(socket: Socket, address: SocketAddr, router: Router, context: Context) {
    let allowance = socket.allowance.clone();
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        request.extensions_mut().insert(allowance.clone());
        let answer = router.call(request);
        async move { answer.await as Result<Response, _> }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(context.terms.limits.header_timeout)
        .max_buf_size(HEAD_BYTES_MAX);
    let mut connection =
        std::pin::pin!(http.serve_connection(TokioIo::new(socket), service).with_upgrades());
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = context.stop.asked() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        if error.is_timeout() {
            context.metrics().refused(Reason::Header);
        }
        debug!("a socket ended: {error}");
    }
}

impl From<Full> for Reason {
    fn from(full: Full) -> Self {
        match full {
            Full::All => Self::Full,
            Full::Address => Self::Address,
            Full::User => Self::User,
        }
    }
}

/// How much may still be read from a socket before its client is known.
///
/// A socket that has spent it is not read any more. By the length that its frame claims one could
/// tell sooner, but only after the bytes were set aside.
#[derive(Debug, Clone, Default)]
pub struct Allowance {
    shared: Arc<AllowanceShared>,
}

#[derive(Debug)]
struct AllowanceShared {
    bytes: AtomicU64,
    spent: Notify,
}

const UNLIMITED: u64 = u64::MAX;

impl Default for AllowanceShared {
    fn default() -> Self {
        Self { bytes: AtomicU64::new(UNLIMITED), spent: Notify::new() }
    }
}

impl Allowance {
    /// From now on so many bytes may be read.
    pub fn limit(&self, bytes: usize) {
        self.shared.bytes.store(bytes as u64, Ordering::Relaxed);
    }

    /// The client is known.
    pub fn lift(&self) {
        self.shared.bytes.store(UNLIMITED, Ordering::Relaxed);
    }

    /// Waits until more was to be read than may be.
    pub async fn spent(&self) {
        self.shared.spent.notified().await;
    }

    fn may_read(&self) -> bool {
        let may_read = self.shared.bytes.load(Ordering::Relaxed) > 0;
        if !may_read {
            self.shared.spent.notify_one();
        }
        may_read
    }

    fn read(&self, bytes: usize) {
        let left = self.shared.bytes.load(Ordering::Relaxed);
        if left != UNLIMITED {
            self.shared.bytes.store(left.saturating_sub(bytes as u64), Ordering::Relaxed);
        }
    }
}

/// A client's socket, counted for as long as it is open.
struct Socket {
    socket: Stream,
    allowance: Allowance,
    _pass: Pass,
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.allowance.may_read() {
            // Nobody is woken: who reads is told through the allowance, and hangs up.
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.socket).poll_read(context, buffer);
        self.allowance.read(buffer.filled().len() - before);
        polled
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}
