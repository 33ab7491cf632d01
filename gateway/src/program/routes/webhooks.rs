//! One's webhooks on a board.

use super::Desk;
use super::body::{Body, Refusal};
use super::enter::Visit;
use crate::program::seconds;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kanban_client::entropy;
use kanban_core::CardId;
use kanban_gateway::ask::{EditHook, NewHook};
use kanban_gateway::hook::{Hook, Secret, Target};
use kanban_gateway::news::EVENT_TYPES;
use kanban_gateway::{Problem, heads};
use serde_json::{Value, json};
use std::sync::Arc;

/// A path to a webhook.
type ToHook = Path<(String, String)>;

/// `GET /boards/{board}/webhooks`
pub async fn list(State(desk): State<Arc<Desk>>, visit: Visit) -> Json<Value> {
    Json(json!({ "webhooks": desk.hooks.of(visit.id, &visit.pass.who) }))
}

/// `POST /boards/{board}/webhooks`
pub async fn add(
    State(desk): State<Arc<Desk>>,
    visit: Visit,
    Body(ask): Body<NewHook>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let refused = |error: &dyn std::error::Error| Problem::invalid(error.to_string());
    Target::parse(&ask.url, desk.allow_private).map_err(|error| refused(&error))?;
    if let Some(unknown) = ask.events.iter().find(|kind| !EVENT_TYPES.contains(&kind.as_str())) {
        let known = EVENT_TYPES.join(", ");
        let start: String = unknown.chars().take(80).collect();
        return Err(
            Problem::invalid(format!("there is no event {start:?}; there are {known}")).into()
        );
    }
    let secret = match &ask.secret {
        Some(text) => Secret::parse(text).map_err(|error| refused(&error))?,
        None => Secret::from_entropy(drawn()),
    };
    let cursor = visit.board.look(|board| heads::to_word(&board.heads())).await?;
    // Drawn like a card's: short, and nobody guesses it.
    let id = CardId::from_entropy(entropy()).to_string();
    let told = secret.reveal();
    let (board, who) = (visit.id.to_string(), visit.pass.who.clone());
    let hook = Hook::new(id, board, who, (ask.url, ask.events), secret, cursor, seconds());
    let shown = desk.hooks.add(visit.id, hook, visit.token.as_deref())?;
    Ok((StatusCode::CREATED, Json(json!({ "webhook": shown, "secret": told }))))
}

/// `PATCH /boards/{board}/webhooks/{webhook}`
pub async fn enable(
    State(desk): State<Arc<Desk>>,
    visit: Visit,
    Path((_, id)): ToHook,
    Body(ask): Body<EditHook>,
) -> Result<Json<Value>, Refusal> {
    if !ask.enabled {
        return Err(Problem::invalid("a webhook that is not to work is removed: DELETE it").into());
    }
    Ok(Json(desk.hooks.enable(visit.id, &visit.pass.who, &id).await?))
}

/// `DELETE /boards/{board}/webhooks/{webhook}`
pub async fn remove(
    State(desk): State<Arc<Desk>>,
    visit: Visit,
    Path((_, id)): ToHook,
) -> Result<StatusCode, Refusal> {
    desk.hooks.remove(visit.id, &visit.pass.who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 32 random bytes.
fn drawn() -> [u8; 32] {
    let mut bytes = [0; 32];
    let halves = entropy().into_iter().chain(entropy());
    bytes.iter_mut().zip(halves).for_each(|(byte, drawn)| *byte = drawn);
    bytes
}
