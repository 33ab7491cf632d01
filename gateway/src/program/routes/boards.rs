//! A board as a whole, and commands for all that has no route of its own.

use super::Desk;
use super::body::{Asked, Body, Refusal};
use super::cards::done;
use super::enter::{Visit, Waits, token};
use crate::program::open_board::expected;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use kanban_core::{CardId, Command};
use kanban_gateway::plan::Plan;
use kanban_gateway::show;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /boards`
pub async fn list(
    State(desk): State<Arc<Desk>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let token = token(&headers, &uri)?;
    Ok(Json(desk.relay.documents(token.as_deref()).await?))
}

/// `GET /boards/{board}`
pub async fn show(visit: Visit) -> Result<Json<Value>, Refusal> {
    let (id, role) = (visit.id.to_string(), visit.pass.role);
    let is_saved = !visit.board.is_pending();
    let mut shown = visit.board.look(show::board).await?;
    if let Value::Object(shown) = &mut shown {
        shown.insert("id".to_owned(), json!(id));
        shown.insert("role".to_owned(), json!(role));
        shown.insert("saved".to_owned(), json!(is_saved));
    }
    Ok(Json(shown))
}

/// `POST /boards/{board}/commands`
pub async fn command(
    visit: Visit,
    Asked(waits): Asked<Waits>,
    Body(command): Body<Command>,
) -> Result<Response, Refusal> {
    visit.pass.may_write()?;
    let wait = waits.wait()?;
    let expected = expected(visit.if_match.as_deref())?;
    // Whatever it is about is in the command.
    let nobody = CardId::from_entropy([0; 16]);
    let plan = visit
        .board
        .carry_out(expected, move |_| Ok(Plan { commands: vec![command], card: nobody }));
    plan.await?;
    done(&visit, wait, StatusCode::OK, None, None).await
}
