//! The gateway's life: open what is kept, listen, serve, end.

use super::boards::Boards;
use super::config::Config;
use super::disk::{self, DiskError};
use super::gatekeeper::Gatekeeper;
use super::hooks::Hooks;
use super::relay::Relay;
use super::routes::{self, Desk};
use super::sender::Shared;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tracing::{debug, info, warn};

/// How long the head of a request may take.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How often idle boards are looked for, at most.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// How long to wait when the system has no more sockets.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);
/// How long answers that are on their way may take when the program ends.
const DRAIN: Duration = Duration::from_secs(5);

/// Why the gateway does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Its data directory cannot be used.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// It is no relay.
    #[error("--relay: {0}")]
    Relay(String),
    /// It cannot listen there.
    #[error("cannot listen on {address}; choose another address with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// A gateway that listens.
pub struct Gateway {
    listener: TcpListener,
    address: SocketAddr,
    desk: Arc<Desk>,
    sockets: Arc<Semaphore>,
    sweep_every: Duration,
    /// Keeps others out of the directory.
    _lock: File,
}

impl Gateway {
    /// Opens what is kept, and listens.
    pub async fn open(config: &Config) -> Result<Self, ServeError> {
        let relay = Relay::parse(&config.relay).map_err(ServeError::Relay)?;
        let (boards_in, hooks_in) = (config.data.join("boards"), config.data.join("webhooks"));
        for directory in [&config.data, &boards_in, &hooks_in] {
            disk::make_directory(directory)?;
        }
        let lock = disk::lock(&config.data)?;
        let failed = |source| ServeError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let is_local = address.ip().is_loopback();
        if !is_local {
            info!("other machines may come: put TLS before {address}, since tokens pass");
        }
        let remembered = config.data.join("passes.json");
        let gatekeeper = Arc::new(Gatekeeper::new(relay.clone(), is_local, remembered)?);
        let boards = Boards::new(relay.clone(), boards_in, config.boards_max, config.idle_timeout);
        let boards = Arc::new(boards);
        let shared = Shared {
            boards: boards.clone(),
            gatekeeper: gatekeeper.clone(),
            retry: config.retry,
            allow_private: config.allow_private,
        };
        let hooks = Hooks::start(hooks_in, config.hooks_max, shared)?;
        let allow_private = config.allow_private;
        let desk = Arc::new(Desk { relay, gatekeeper, boards, hooks, allow_private });
        let sockets = Arc::new(Semaphore::new(config.connections_max));
        let sweep_every = SWEEP_EVERY.min(config.idle_timeout);
        Ok(Self { listener, address, desk, sockets, sweep_every, _lock: lock })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stopped` ends, then until answers that are on their way are sent.
    pub async fn run(self, stopped: impl Future<Output = ()>) {
        let router = routes::routes(self.desk.clone());
        let (stop, stopping) = watch::channel(false);
        let mut stopped = std::pin::pin!(stopped);
        let mut sweep = tokio::time::interval(self.sweep_every);
        let mut answers = JoinSet::new();
        loop {
            tokio::select! {
                accepted = accept(&self.listener, &self.sockets) => {
                    if let Some((socket, permit)) = accepted {
                        answers.spawn(answer(socket, permit, router.clone(), stopping.clone()));
                    }
                }
                Some(_) = answers.join_next() => {}
                _ = sweep.tick() => self.desk.boards.sweep().await,
                () = &mut stopped => break,
            }
        }
        drop(self.listener);
        stop.send_replace(true);
        let drained = async { while answers.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, drained).await.is_err() {
            // Whoever watches a board does so for ever.
            answers.shutdown().await;
        }
        self.desk.hooks.stop().await;
        self.desk.boards.close().await;
    }
}

async fn accept(
    listener: &TcpListener,
    sockets: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    // Further sockets wait in the system.
    let permit = sockets.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((socket, _)) => Some((socket, permit)),
        Err(error) => {
            use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
            if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
                warn!("cannot accept connections: {error}");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
            None
        }
    }
}

async fn answer(
    socket: TcpStream,
    _permit: OwnedSemaphorePermit,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    // An event is a small frame that somebody waits for.
    _ = socket.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(HEAD_BYTES_MAX);
    let connection = http.serve_connection(TokioIo::new(socket), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = asked_to_stop(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!("a socket ended: {error}");
    }
}

async fn asked_to_stop(stopping: &mut watch::Receiver<bool>) {
    // Whoever would ask being gone is as good.
    _ = stopping.wait_for(|stopping| *stopping).await;
}
