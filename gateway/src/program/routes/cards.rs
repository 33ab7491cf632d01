//! Cards: listed, added, changed, moved, commented on.

use super::body::{Asked, Body, Refusal};
use super::enter::{Visit, Waits};
use crate::program::open_board::{Wait, expected};
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kanban_client::entropy;
use kanban_core::{CardId, CommentId, Expected, MemberId};
use kanban_gateway::access::digest;
use kanban_gateway::ask::{Cards, EditCard, Move, NewCard, NewComment};
use kanban_gateway::plan::Plan;
use kanban_gateway::{Problem, heads, plan, show};
use serde_json::{Value, json};

/// A path to a card.
type ToCard = Path<(String, String)>;

/// `GET /boards/{board}/cards`
pub async fn list(visit: Visit, Asked(cards): Asked<Cards>) -> Result<Json<Value>, Refusal> {
    Ok(Json(visit.board.look(move |board| show::cards(board, &cards)).await??))
}

/// `GET /boards/{board}/cards/{card}`
pub async fn show(visit: Visit, Path((_, card)): ToCard) -> Result<Response, Refusal> {
    let card = named(&card)?;
    let shown = visit.board.look(move |board| {
        Ok::<_, Problem>((show::card(board, &card)?, heads::to_word(&board.heads())))
    });
    let (card, heads) = shown.await??;
    Ok(tagged(StatusCode::OK, &heads, &json!({ "card": card, "heads": heads })))
}

/// `POST /boards/{board}/cards`
pub async fn add(
    visit: Visit,
    Asked(waits): Asked<Waits>,
    Body(ask): Body<NewCard>,
) -> Result<Response, Refusal> {
    visit.pass.may_write()?;
    let wait = waits.wait()?;
    let id = ask.id.clone().unwrap_or_else(|| CardId::from_entropy(fresh(&visit, "card")));
    let plan = visit.board.carry_out(Expected::new(), move |board| plan::add(board, &ask, id));
    let plan = plan.await?;
    finish(&visit, wait, StatusCode::CREATED, plan, None).await
}

/// `PATCH /boards/{board}/cards/{card}`
pub async fn edit(
    visit: Visit,
    Path((_, card)): ToCard,
    Asked(waits): Asked<Waits>,
    Body(ask): Body<EditCard>,
) -> Result<Response, Refusal> {
    visit.pass.may_write()?;
    let (wait, card) = (waits.wait()?, named(&card)?);
    let expected = expected(visit.if_match.as_deref())?;
    let plan = visit.board.carry_out(expected, move |board| plan::edit(board, &card, &ask)).await?;
    finish(&visit, wait, StatusCode::OK, plan, None).await
}

/// `POST /boards/{board}/cards/{card}/move`
pub async fn move_card(
    visit: Visit,
    Path((_, card)): ToCard,
    Asked(waits): Asked<Waits>,
    Body(ask): Body<Move>,
) -> Result<Response, Refusal> {
    visit.pass.may_write()?;
    let (wait, card) = (waits.wait()?, named(&card)?);
    let expected = expected(visit.if_match.as_deref())?;
    let plan = visit.board.carry_out(expected, move |board| plan::move_card(board, &card, &ask));
    let plan = plan.await?;
    finish(&visit, wait, StatusCode::OK, plan, None).await
}

/// `POST /boards/{board}/cards/{card}/comments`
pub async fn comment(
    visit: Visit,
    Path((_, card)): ToCard,
    Asked(waits): Asked<Waits>,
    Body(ask): Body<NewComment>,
) -> Result<Response, Refusal> {
    visit.pass.may_write()?;
    let (wait, card) = (waits.wait()?, named(&card)?);
    let drawn = || CommentId::from_entropy(fresh(&visit, &format!("comment on {card}")));
    let id = ask.id.clone().unwrap_or_else(drawn);
    let (who, comment) = (visit.pass.who.clone(), id.clone());
    let plan = visit.board.carry_out(Expected::new(), move |board| {
        let fresh = (comment, MemberId::from_entropy(entropy()));
        plan::comment(board, &card, &ask, who.name(), fresh)
    });
    let plan = plan.await?;
    finish(&visit, wait, StatusCode::CREATED, plan, Some(json!(id))).await
}

fn named(card: &str) -> Result<CardId, Problem> {
    CardId::parse(card).map_err(|error| Problem::invalid(error.to_string()))
}

/// Bytes for an id. Whoever sends a key gets the same with it again: asking twice makes one thing, also
/// when the gateway was restarted in between.
fn fresh(visit: &Visit, what: &str) -> [u8; 16] {
    let Some(key) = &visit.key else { return entropy() };
    let (who, board) = (visit.pass.who.key(), visit.id);
    let named = digest(&format!("{what} {board} {who} {key}"));
    let mut bytes = [0; 16];
    for (byte, digits) in bytes.iter_mut().zip(named.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16).unwrap_or_default();
    }
    bytes
}

/// Answers with the card. What is made anew says so; what was there already is 200.
async fn finish(
    visit: &Visit,
    wait: Wait,
    status: StatusCode,
    plan: Plan,
    comment: Option<Value>,
) -> Result<Response, Refusal> {
    let status = if plan.commands.is_empty() { StatusCode::OK } else { status };
    done(visit, wait, status, Some(plan.card), comment).await
}

/// Waits until the relay has it, and says whether it does.
pub async fn done(
    visit: &Visit,
    wait: Wait,
    status: StatusCode,
    card: Option<CardId>,
    comment: Option<Value>,
) -> Result<Response, Refusal> {
    let is_saved = visit.board.is_saved(wait).await;
    let looked = visit.board.look(move |board| {
        let card = card.map(|card| show::card(board, &card)).transpose()?;
        Ok::<_, Problem>((card, heads::to_word(&board.heads())))
    });
    let (card, heads) = looked.await??;
    let mut answer = json!({ "saved": is_saved, "heads": heads });
    if let Value::Object(answer) = &mut answer {
        answer.extend(card.map(|card| ("card".to_owned(), card)));
        answer.extend(comment.map(|comment| ("comment".to_owned(), comment)));
    }
    let status = if is_saved { status } else { StatusCode::ACCEPTED };
    Ok(tagged(status, &heads, &answer))
}

/// An answer that says where the board stands, for `If-Match`.
fn tagged(status: StatusCode, heads: &str, body: &Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{heads}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
