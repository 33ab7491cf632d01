//! The relay's life: open the store, listen, serve, drain.

use crate::api::Api;
use crate::builder::{Builder, DRAIN_MAX, Relay};
use crate::config::{AuthError, AuthMode, Config, MetricsAt, StoreKind};
use crate::control::Control;
use crate::http::Context;
use crate::people::People;
use crate::sockets::{self, Listener};
use crate::stop::Stop;
use crate::store::{MemoryStore, SledStore, Store, StoreError};
use crate::tls::{Tls, TlsError};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tracing::{info, warn};

/// A relay that listens, and serves once it is [run](Server::run).
///
/// ```
/// use sync_server::{Server, store::MemoryStore};
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let server = Server::builder().store(MemoryStore::default()).bind("127.0.0.1:0".parse()?).await?;
/// println!("ws://{}/sync", server.address());
/// server.run(async { /* until this ends */ }).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Server {
    pub(crate) listener: TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) relay: Relay,
    pub(crate) control: Option<Control>,
    pub(crate) operations: Option<TcpListener>,
    pub(crate) tls: Option<Tls>,
}

/// Why the relay does not serve, or no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody could be told apart.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// There is no TLS with the certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
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
    /// The system does not let the program answer those who look after it there.
    #[error("cannot listen on {address} for --metrics; choose another address, or off")]
    Metrics {
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
        let builder = Self::builder().compacting_at(config.compact_bytes_min);
        let builder = builder.limits(config.limits.clone()).origins(config.origins.clone());
        let builder = if config.admits { builder } else { builder.without_admission() };
        let builder = match &config.web_dir {
            Some(directory) => builder.web_dir(directory),
            None => builder,
        };
        warn_of(config);
        let verifier = config.auth.verifier()?;
        let tls = config.tls.clone().map(Tls::open).transpose()?;
        let on_disk = match config.store {
            StoreKind::Memory => None,
            StoreKind::Durable => Some(open_store(config).await?),
        };
        let store: Arc<dyn Store> = match &on_disk {
            None => Arc::new(MemoryStore::default()),
            Some(store) => store.clone(),
        };
        let people = match config.auth.mode {
            AuthMode::Open => None,
            AuthMode::Accounts | AuthMode::Jwt => {
                let (store, bounds) = (store.clone(), config.auth.bounds());
                let people = blocking(move || People::open(store, bounds)).await??;
                tokio::spawn(People::sweep(people.downgrade()));
                Some(people)
            }
        };
        let builder = match people.clone() {
            None => builder,
            Some(people) => builder.knowing(Api::new(people, verifier, config)),
        };
        let server = builder.store(store).bind(config.listen).await?;
        let control = on_disk.and_then(|store| {
            let hub = server.relay.context().hub.downgrade();
            let control =
                Control::listen(&config.data, store, hub, people.map(|people| people.downgrade()));
            control
                .inspect_err(|error| {
                    warn!("commands such as backup will not reach this relay: {error}");
                })
                .ok()
        });
        Self { control, tls, ..server }.with_operations(config.metrics).await
    }

    async fn with_operations(self, at: MetricsAt) -> Result<Self, ServeError> {
        let operations = match at {
            MetricsAt::Off => None,
            MetricsAt::Address(address) => {
                let bound = TcpListener::bind(address).await;
                Some(bound.map_err(|source| ServeError::Metrics { address, source })?)
            }
            MetricsAt::IfFree(address) => match TcpListener::bind(address).await {
                Ok(listener) => Some(listener),
                Err(error) => {
                    warn!("no metrics: cannot listen on {address} ({error}); --metrics chooses");
                    None
                }
            },
        };
        let server = Self { operations, ..self };
        if let Some(address) = server.metrics_address() {
            info!("metrics are at http://{address}/metrics");
        }
        Ok(server)
    }

    /// Puts a relay together, for this or for an application of one's own.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens, with the port that it really has.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How clients' addresses begin: `http`, or `https` if it speaks TLS itself.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Where it answers those who look after it, if it does.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.operations.as_ref().and_then(|operations| operations.local_addr().ok())
    }

    /// Serves until `stop` ends; then stores and acknowledges what has arrived, says goodbye to
    /// everybody and returns.
    ///
    /// # Errors
    /// [`ServeError::StoreFailed`] if the store fails meanwhile.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { listener, relay, control: _control, operations, tls, .. } = self;
        let context = relay.context().clone();
        // It tells that the relay stops, so it does not stop with it.
        let watched = Context { stop: Stop::default(), ..context.clone() };
        let listener = Listener { listener, tls };
        let serving = tokio::spawn(sockets::serve(listener, relay.router(), context));
        let operations = operations.map(|listener| {
            let listener = Listener { listener, tls: None };
            tokio::spawn(sockets::serve(listener, relay.operations(), watched))
        });
        let result = tokio::select! {
            () = stop => Ok(()),
            details = relay.failed() => Err(ServeError::StoreFailed { details }),
        };
        // Nobody else is let in, from here on.
        relay.drain().await;
        let ended = relay.ended();
        drop(relay);
        for serving in [Some(serving), operations].into_iter().flatten() {
            serving.abort();
            // Ended by being aborted.
            _ = serving.await;
        }
        // Whoever opens the store again, in this program, finds it free.
        _ = tokio::time::timeout(DRAIN_MAX, ended).await;
        result
    }
}

/// Says what is dangerous about what was chosen.
fn warn_of(config: &Config) {
    if config.auth.is_public && config.auth.mode == AuthMode::Open {
        warn!(
            "--public: EVERYBODY WHO REACHES {} CAN READ AND CHANGE every document whose id they know",
            config.listen
        );
    }
    if !config.admits {
        warn!("--admission off: ONE CRAFTED CHANGE CRASHES EVERY CLIENT of its document");
    }
    if config.store == StoreKind::Memory {
        warn!("documents are kept in memory only: ALL OF THEM ARE LOST when this program ends");
    }
}

async fn open_store(config: &Config) -> Result<Arc<SledStore>, ServeError> {
    let (data, min_free) = (config.data.clone(), config.min_free);
    let opened = blocking(move || SledStore::open(&data));
    Ok(Arc::new(opened.await??.keeping_free(min_free)))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ServeError> {
    let failed = |error| ServeError::StoreFailed { details: format!("it did not open: {error}") };
    tokio::task::spawn_blocking(work).await.map_err(failed)
}
