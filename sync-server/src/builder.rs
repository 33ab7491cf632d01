//! The relay inside somebody's own program.

use crate::access::{Authorize, Denied, Grant, everybody};
use crate::api::Api;
use crate::auth::Origins;
use crate::committer::Committer;
use crate::connection::Terms;
use crate::full_check::{self, Pace};
use crate::gate::Gate;
use crate::http::{Context, routes};
use crate::hub::{Checks, DocumentLimits, Hub};
use crate::limits::Limits;
use crate::operations;
use crate::page::Page;
use crate::relay::COMPACT_BYTES_MIN;
use crate::server::{ServeError, Server};
use crate::stop::Stop;
use crate::store::{MemoryStore, Store};
use axum::Router;
use axum::http::request::Parts;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{Handshake, PeerId, PeerMetadata};
use tokio::net::TcpListener;

/// How long clients may take to hear the last of it when the relay stops.
pub(crate) const DRAIN_MAX: Duration = Duration::from_secs(10);

/// Puts a [`Relay`] together.
///
/// ```
/// use axum::{Router, routing::get};
/// use sync_server::{Access, Denied, Grant, Server, store::MemoryStore};
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let relay = Server::builder()
///     .store(MemoryStore::default())
///     .authorize(|request| async move {
///         match request.uri.query() {
///             Some("token=secret") => Ok(Grant::all(Access::ReadWrite)),
///             _ => Err(Denied::Unknown("sign in first".to_owned())),
///         }
///     })
///     .build();
/// let app: Router = Router::new().route("/about", get(|| async { "our own" })).merge(relay.router());
/// # let _ = app;
/// // axum::serve(listener, app).await?; then:
/// relay.drain().await;
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Builder {
    store: Arc<dyn Store>,
    authorize: Authorize,
    api: Option<Api>,
    origins: Origins,
    web_dir: Option<PathBuf>,
    compact_bytes_min: usize,
    pace: Pace,
    admits: bool,
    limits: Limits,
}

impl Default for Builder {
    fn default() -> Self {
        let store = Arc::new(MemoryStore::default());
        let (compact_bytes_min, pace, limits) =
            (COMPACT_BYTES_MIN, Pace::default(), Limits::default());
        let (authorize, origins) = (everybody(), Origins::default());
        let (web_dir, admits, api) = (None, true, None);
        Self { store, authorize, api, origins, web_dir, compact_bytes_min, pace, admits, limits }
    }
}

impl Builder {
    /// Where documents are kept; in memory if nothing is said.
    #[must_use]
    pub fn store(self, store: impl Store + 'static) -> Self {
        Self { store: Arc::new(store), ..self }
    }

    /// Decides about each connection, given the request that opens it: its address, headers and
    /// cookies. Unmodified automerge-repo clients can carry a token in the address only.
    ///
    /// Without this everybody may do everything with every document whose id they know.
    #[must_use]
    pub fn authorize<F, Answer>(self, authorize: F) -> Self
    where
        F: Fn(Parts) -> Answer + Send + Sync + 'static,
        Answer: Future<Output = Result<Grant, Denied>> + Send + 'static,
    {
        Self { authorize: Arc::new(move |request| Box::pin(authorize(request))), ..self }
    }

    /// Lets those in whom the program knows, and answers them over HTTP.
    pub(crate) fn knowing(self, api: Api) -> Self {
        let authorize = api.authorize();
        Self { authorize, api: Some(api), ..self }
    }

    /// From which pages browsers may connect; without this, from those of the relay's own host. Who
    /// sends no `Origin` is no browser.
    #[must_use]
    pub fn origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    /// Files that [`Relay::router`] serves where nothing else is, `index.html` first.
    #[must_use]
    pub fn web_dir(self, directory: impl Into<PathBuf>) -> Self {
        Self { web_dir: Some(directory.into()), ..self }
    }

    /// Makes a snapshot of a document after so many bytes of changes, at least.
    #[must_use]
    pub fn compacting_at(self, compact_bytes_min: usize) -> Self {
        Self { compact_bytes_min, ..self }
    }

    /// Checks each document in full after every change, without a rest: for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn checking_at_once(self) -> Self {
        Self { pace: Pace::AtOnce, ..self }
    }

    /// Stores and passes on whatever fits a document's history, without a check: where every client
    /// is one's own, or to measure what the check costs. One crafted change then crashes everybody
    /// who has the document open, and everybody who opens it.
    #[must_use]
    pub fn without_admission(self) -> Self {
        Self { admits: false, ..self }
    }

    /// What sockets may cost.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The relay with a socket of its own. What arrives before [`Server::run`] waits.
    ///
    /// # Errors
    /// [`ServeError`] says in a sentence what is in the way.
    pub async fn bind(self, address: SocketAddr) -> Result<Server, ServeError> {
        if let Some(path) = &self.web_dir
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
        Ok(Server {
            listener,
            address,
            relay: self.build(),
            control: None,
            operations: None,
            tls: None,
        })
    }

    /// The relay. Call it inside a tokio runtime; the relay works from now on, until it is
    /// [drained](Relay::drain).
    pub fn build(self) -> Relay {
        let Self {
            store,
            authorize,
            api,
            origins,
            web_dir,
            compact_bytes_min,
            pace,
            admits,
            limits,
        } = self;
        let own = PeerId::parse(&format!("sync-server-{}", store.id()))
            .expect("a store's id is short enough to be part of a name");
        let metadata = PeerMetadata {
            storage: Some(store.id().clone()),
            is_ephemeral: !store.is_durable(),
            is_durable: store.is_durable(),
            answers_pings: true,
        };
        let handshake = Handshake::new(own.clone(), metadata);
        let committer = Committer::start(store.clone(), compact_bytes_min);
        let most = DocumentLimits::of(&limits);
        let hub = Hub::new(own, store, committer.clone(), Checks { admits, pace, most });
        tokio::spawn(full_check::run(hub.downgrade()));
        let gate = Gate::new(&limits);
        let (stop, origins) = (Stop::default(), Arc::new(origins));
        let terms = Arc::new(Terms { authorize, limits });
        let context = Context { hub, handshake, terms, api, origins, stop, gate };
        Relay { shared: Arc::new(Shared { context, committer, web_dir }) }
    }
}

/// A relay without a socket of its own: [its routes](Self::router) go into an axum application.
#[derive(Clone)]
pub struct Relay {
    shared: Arc<Shared>,
}

struct Shared {
    context: Context,
    committer: Committer,
    web_dir: Option<PathBuf>,
}

impl Relay {
    /// `/sync` and `/` for WebSockets, `/health`, and the files of
    /// [`web_dir`](Builder::web_dir). Merge or nest it; under another path clients dial that.
    ///
    /// Sockets should have `TCP_NODELAY`: `axum::serve(listener.tap_io(…), app)`.
    pub fn router(&self) -> Router {
        routes(self.shared.context.clone(), Page::new(self.shared.web_dir.clone()))
    }

    /// `/metrics`, `/health` and `/ready`, for those who look after the relay: serve them where nobody
    /// else gets to, or behind rules of your own. `docs/operations.md` in the repository lists what
    /// is counted.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let relay = sync_server::Server::builder().build();
    /// let inside = axum::Router::new().nest("/internal/relay", relay.operations());
    /// # let _ = inside;
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn operations(&self) -> Router {
        operations::routes(self.shared.context.clone(), self.shared.committer.clone())
    }

    pub(crate) fn context(&self) -> &Context {
        &self.shared.context
    }

    /// Waits until the store fails; says how. Nothing is acknowledged any more then: drain the
    /// relay and end.
    pub async fn failed(&self) -> String {
        self.shared.committer.failed().await
    }

    /// Waits until everything has let go of the store: once this relay, and the application with its
    /// routes, are dropped.
    pub(crate) fn ended(&self) -> impl Future<Output = ()> + use<> {
        self.shared.committer.ended()
    }

    /// Stores and acknowledges what has arrived, says goodbye to everybody, and returns when they
    /// have gone, after ten seconds at most. Connections that come later are closed at once.
    pub async fn drain(&self) {
        self.shared.context.stop.begin();
        _ = tokio::time::timeout(DRAIN_MAX, self.shared.context.stop.all_gone()).await;
    }
}
