//! What the gateway answers over HTTP.

mod boards;
mod body;
mod cards;
mod enter;
mod events;
mod webhooks;

use super::boards::Boards;
use super::gatekeeper::Gatekeeper;
use super::hooks::Hooks;
use super::relay::Relay;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use body::{BODY_BYTES_MAX, no_method, no_route};
use kanban_gateway::openapi;
use std::sync::Arc;

/// What every request may need.
pub struct Desk {
    pub relay: Relay,
    pub gatekeeper: Arc<Gatekeeper>,
    pub boards: Arc<Boards>,
    pub hooks: Hooks,
    pub allow_private: bool,
}

/// The routes. `openapi.rs` describes them.
pub fn routes(desk: Arc<Desk>) -> Router {
    let description = Json(openapi::describe(env!("CARGO_PKG_VERSION")));
    Router::new()
        .route("/openapi.json", get(async || description))
        .route("/health", get(async || "ok\n"))
        .route("/boards", get(boards::list))
        .route("/boards/{board}", get(boards::show))
        .route("/boards/{board}/cards", get(cards::list).post(cards::add))
        .route("/boards/{board}/cards/{card}", get(cards::show).patch(cards::edit))
        .route("/boards/{board}/cards/{card}/move", post(cards::move_card))
        .route("/boards/{board}/cards/{card}/comments", post(cards::comment))
        .route("/boards/{board}/commands", post(boards::command))
        .route("/boards/{board}/events", get(events::watch))
        .route("/boards/{board}/webhooks", get(webhooks::list).post(webhooks::add))
        .route(
            "/boards/{board}/webhooks/{webhook}",
            patch(webhooks::enable).delete(webhooks::remove),
        )
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(map_response(unkept))
        .with_state(desk)
}

/// What is about boards is kept by nobody on the way, and no page guesses what it is.
async fn unkept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
