//! The relay's life: open the store, listen, serve, drain.

use crate::committer::Committer;
use crate::config::{Config, StoreKind};
use crate::control::Control;
use crate::http::{Context, routes};
use crate::hub::Hub;
use crate::relay::COMPACT_BYTES_MIN;
use crate::store::{MemoryStore, SledStore, Store, StoreError};
use axum::serve::ListenerExt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{Handshake, PeerId, PeerMetadata};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::warn;

/// How long clients may take to hear the last of it when the relay stops.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// A relay that listens, and serves once it is [run](Server::run).
///
/// ```
/// use sync_server::{Server, store::MemoryStore};
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let server = Server::bind("127.0.0.1:0".parse()?, MemoryStore::default(), None).await?;
/// println!("ws://{}/sync", server.address());
/// server.run(async { /* until this ends */ }).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    store: Arc<dyn Store>,
    web_dir: Option<PathBuf>,
    compact_bytes_min: usize,
    control: Option<Control>,
}

/// Why the relay does not serve, or no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another program listens there.
    #[error(
        "cannot listen on {address}: another program does; stop it or choose another address with --listen"
    )]
    AddressInUse {
        /// The address.
        address: SocketAddr,
    },
    /// The system does not let the program listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// There is no such directory with a page in it.
    #[error("there is no index.html in {}, so --web-dir cannot serve it", path.display())]
    NoPage {
        /// The directory.
        path: PathBuf,
    },
    /// The store has failed while the relay served: everything acknowledged is safe, and nothing
    /// more is.
    #[error(
        "the store failed, so the relay has stopped ({details}); make room on the disk or replace it, and start again"
    )]
    StoreFailed {
        /// How.
        details: String,
    },
}

impl Server {
    /// Opens the store and listens, as the program does.
    ///
    /// # Errors
    /// [`ServeError`] says in a sentence what is in the way.
    pub async fn open(config: &Config) -> Result<Self, ServeError> {
        let compact_bytes_min = config.compact_bytes_min;
        let (listen, web_dir) = (config.listen, config.web_dir.clone());
        if config.store == StoreKind::Memory {
            warn!("documents are kept in memory only: ALL OF THEM ARE LOST when this program ends");
            let server = Self::bind(listen, MemoryStore::default(), web_dir).await?;
            return Ok(Self { compact_bytes_min, ..server });
        }
        let (data, min_free) = (config.data.clone(), config.min_free);
        let opened = tokio::task::spawn_blocking(move || {
            SledStore::open(&data).map(|store| Arc::new(store.keeping_free(min_free)))
        });
        let failed =
            |error| ServeError::StoreFailed { details: format!("it did not open: {error}") };
        let store = opened.await.map_err(failed)??;
        let server = Self::bind(listen, store.clone(), web_dir).await?;
        let control = Control::listen(&config.data, store);
        let control = control.inspect_err(|error| {
            warn!("commands such as backup will not reach this relay: {error}");
        });
        Ok(Self { compact_bytes_min, control: control.ok(), ..server })
    }

    /// Listens. What arrives before [`run`](Self::run) waits.
    ///
    /// # Errors
    /// [`ServeError`] says in a sentence what is in the way.
    pub async fn bind(
        address: SocketAddr,
        store: impl Store + 'static,
        web_dir: Option<PathBuf>,
    ) -> Result<Self, ServeError> {
        if let Some(path) = &web_dir
            && !path.join("index.html").is_file()
        {
            return Err(ServeError::NoPage { path: path.clone() });
        }
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => ServeError::AddressInUse { address },
            _ => ServeError::Listen { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (store, compact_bytes_min) = (Arc::new(store), COMPACT_BYTES_MIN);
        Ok(Self { listener, address, store, web_dir, compact_bytes_min, control: None })
    }

    /// Makes a snapshot of a document after so many bytes of changes, at least.
    #[must_use]
    pub fn compacting_at(self, compact_bytes_min: usize) -> Self {
        Self { compact_bytes_min, ..self }
    }

    /// Where it listens, with the port that it really has.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` ends; then stores and acknowledges what has arrived, says goodbye to
    /// everybody and returns.
    ///
    /// # Errors
    /// [`ServeError::StoreFailed`] if the store fails meanwhile.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { listener, store, web_dir, compact_bytes_min, control: _control, .. } = self;
        let own = PeerId::parse(&format!("sync-server-{}", store.id()))
            .expect("a store's id is short enough to be part of a name");
        let metadata = PeerMetadata { storage: Some(store.id().clone()), is_ephemeral: false };
        let handshake = Handshake::new(own.clone(), metadata);
        let committer = Committer::start(store.clone(), compact_bytes_min);
        let (stopping, stopped) = watch::channel(false);
        let context = Context {
            hub: Hub::new(own, store, committer.clone()),
            handshake,
            stop: stopped.clone(),
        };
        let routes = routes(context, web_dir.as_deref());
        // A change is a small frame that somebody waits for.
        let listener = listener.tap_io(|socket| _ = socket.set_nodelay(true));
        let mut until = stopped.clone();
        drop(stopped);
        let serving = axum::serve(listener, routes)
            .with_graceful_shutdown(async move { _ = until.wait_for(|stop| *stop).await });
        let serving = tokio::spawn(serving.into_future());
        let result = tokio::select! {
            () = stop => Ok(()),
            details = committer.failed() => Err(ServeError::StoreFailed { details }),
        };
        _ = stopping.send(true);
        // Every connection holds the other end, until it has said goodbye.
        _ = tokio::time::timeout(DRAIN_MAX, stopping.closed()).await;
        serving.abort();
        result
    }
}
