//! What the relay answers over HTTP: WebSockets, its health, and a web page if it was given one.

use crate::api::{self, Api};
use crate::auth::{Origins, PROTOCOL};
use crate::connection::Terms;
use crate::entrance;
use crate::gate::Gate;
use crate::hub::Hub;
use crate::metrics::Metrics;
use crate::page::Page;
use crate::stop::Stop;
use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::{any, get};
use std::sync::Arc;
use sync_protocol::{FRAME_BYTES_MAX, Handshake};

/// Bytes that a socket reads into, at once and at most: most frames are a few hundred bytes, a long
/// one gets space of its own, and this is the most of what an idle connection costs. The default is
/// 128 KiB.
const READ_BUFFER_BYTES: usize = 1536;
const WRITE_BUFFER_BYTES: usize = 16 * 1024;

/// What every request may need.
#[derive(Clone)]
pub struct Context {
    pub hub: Hub,
    pub handshake: Handshake,
    pub terms: Arc<Terms>,
    /// What accounts and rights are asked about, if anybody is known.
    pub api: Option<Api>,
    pub origins: Arc<Origins>,
    pub stop: Stop,
    pub gate: Gate,
}

impl Context {
    /// What is counted.
    pub fn metrics(&self) -> &Arc<Metrics> {
        self.hub.metrics()
    }
}

/// The relay's routes; `page` is served where nothing else is.
pub fn routes(context: Context, page: Page) -> Router {
    let router = Router::new().route("/sync", get(sync)).route("/health", get(|| async { "ok\n" }));
    let router = match &context.api {
        None => router.route("/api/{*rest}", any(api::nobody_known)),
        Some(_) => router,
    };
    let api = context.api.clone().map(|api| api::routes(api, &context));
    // automerge-repo clients dial the bare address, browsers open it.
    let router = router.route("/", get(sync));
    // Only then: an application whose routes are merged with these has a fallback of its own.
    let router = if page.is_there() { router.fallback(show) } else { router };
    let router = router.with_state((context, page));
    match api {
        None => router,
        Some(api) => router.nest("/api", api),
    }
}

type Shared = (Context, Page);

async fn sync(
    State((context, page)): State<Shared>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    match upgrade {
        Ok(upgrade) => upgrade
            .protocols([PROTOCOL])
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(WRITE_BUFFER_BYTES)
            .max_message_size(FRAME_BYTES_MAX)
            .max_frame_size(FRAME_BYTES_MAX)
            .on_upgrade(async move |socket| {
                let (request, _) = request.into_parts();
                entrance::admit(socket, request, context).await;
            }),
        Err(_) => page.serve(request).await,
    }
}

async fn show(State((_, page)): State<Shared>, request: Request) -> Response {
    page.serve(request).await
}
