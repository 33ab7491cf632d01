//! The relay's life: open the store, listen, serve, drain.

use crate::committer::Committer;
use crate::config::Config;
use crate::http::{Context, routes};
use crate::hub::Hub;
use crate::store::{SledStore, Store, StoreError};
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
        let data = config.data.clone();
        let opened = tokio::task::spawn_blocking(move || SledStore::open(&data)).await;
        let store =
            opened.map_err(|error| ServeError::StoreFailed { details: error.to_string() })?;
        Self::bind(config.listen, store?, config.web_dir.clone()).await
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
        Ok(Self { listener, address, store: Arc::new(store), web_dir })
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
        let Self { listener, store, web_dir, .. } = self;
        let own = PeerId::parse(&format!("sync-server-{}", store.id()))
            .expect("a store's id is short enough to be part of a name");
        let metadata = PeerMetadata {
            storage: Some(store.id().clone()),
            is_ephemeral: false,
            is_durable: true,
        };
        let handshake = Handshake::new(own.clone(), metadata);
        let committer = Committer::start(store.clone());
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
