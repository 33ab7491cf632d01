//! What the relay tells those who look after it: how it is, and what it has counted.

use crate::committer::Committer;
use crate::http::Context;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// What Prometheus asks for, and `prometheus_client` writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone)]
struct Watched {
    context: Context,
    committer: Committer,
}

/// `/metrics`, `/health` and `/ready`.
pub fn routes(context: Context, committer: Committer) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/health", get(|| async { "ok\n" }))
        .route("/ready", get(ready))
        .with_state(Watched { context, committer })
}

async fn metrics(State(watched): State<Watched>) -> Response {
    let metrics = watched.context.metrics();
    let rooms = watched.context.hub.rooms_open();
    metrics.rooms_open.set(i64::try_from(rooms).unwrap_or(i64::MAX));
    match metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// Whether new clients should be sent here. On a full disk they should: it serves what it has.
async fn ready(State(watched): State<Watched>) -> (StatusCode, &'static str) {
    if watched.context.stop.is_asked() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    if watched.committer.has_failed() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the store has failed\n");
    }
    (StatusCode::OK, if watched.committer.is_low().is_on() { "read-only\n" } else { "ready\n" })
}
