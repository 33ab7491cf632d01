//! What the relay answers over HTTP: WebSockets, its health, and a web page if it was given one.

use crate::api::{self, Api};
use crate::auth::{Origins, PROTOCOL};
use crate::connection::Terms;
use crate::entrance;
use crate::gate::Gate;
use crate::hub::Hub;
use crate::metrics::Metrics;
use crate::page;
use crate::stop::Stop;
use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State, WebSocketUpgrade};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use std::path::Path;
use std::sync::Arc;
use sync_protocol::{FRAME_BYTES_MAX, Handshake};
use tower_http::services::ServeDir;

/// Bytes that a socket reads into, at once and at most: most frames are a few hundred bytes, a long
/// one gets space of its own, and this is the most of what an idle connection costs. The default is
/// 128 KiB.
const READ_BUFFER_BYTES: usize = 1536;
const WRITE_BUFFER_BYTES: usize = 16 * 1024;

const NO_PAGE: &str = "This is a relay for Automerge documents. Clients connect to it by WebSocket, \
at /sync. To serve a web page here, start it with --web-dir.\n";

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

/// The relay's routes; `web_dir`, or the page in the program, is served where nothing else is.
pub fn routes(context: Context, web_dir: Option<&Path>) -> Router {
    let router = Router::new().route("/sync", get(sync)).route("/health", get(|| async { "ok\n" }));
    let router = match &context.api {
        None => router.route("/api/{*rest}", any(api::nobody_known)),
        Some(_) => router,
    };
    let api = context.api.clone().map(|api| api::routes(api, &context));
    let router = match web_dir {
        Some(directory) => {
            let files = ServeDir::new(directory);
            // automerge-repo clients dial the bare address, browsers open it.
            router.route("/", get(sync)).fallback_service(files)
        }
        // Only then: an application whose routes are merged with these has a fallback of its own.
        None if page::index().is_some() => router.route("/", get(sync)).fallback(page::serve),
        None => router.route("/", get(sync)),
    };
    let router = router.with_state((context, web_dir.map(|path| path.join("index.html"))));
    match api {
        None => router,
        Some(api) => router.nest("/api", api),
    }
}

type Shared = (Context, Option<std::path::PathBuf>);

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
        Err(_) => index(page).await,
    }
}

async fn index(page: Option<std::path::PathBuf>) -> Response {
    let Some(path) = page else {
        return page::index().unwrap_or_else(|| NO_PAGE.into_response());
    };
    match tokio::fs::read(&path).await {
        Ok(html) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => {
            let text = format!("the page {} cannot be read: {error}\n", path.display());
            (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
        }
    }
}
