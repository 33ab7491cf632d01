//! Links to a document.

use super::accounts::token;
use super::body::{Body, document, end};
use super::who::{Origin, Person};
use super::{ApiProblem, Desk};
use crate::directory::{LinkRow, NewLink, Role, Seconds};
use crate::people::{draw_token, now};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// A link holds for a week if nothing is said, and for a year at most.
const LINKED_SECONDS: Seconds = 7 * 24 * 60 * 60;
const LINKED_SECONDS_MAX: Seconds = 366 * 24 * 60 * 60;

/// A link that is to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    role: Role,
    /// Seconds from now on.
    expires_in: Option<Seconds>,
}

/// `POST /api/documents/{id}/links`
pub async fn create(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Path(id): Path<String>,
    Body(Wanted { role, expires_in }): Body<Wanted>,
) -> Result<(StatusCode, Json<Value>), ApiProblem> {
    let (user, id) = (person.user, document(&id)?);
    let until = end(expires_in.unwrap_or(LINKED_SECONDS), LINKED_SECONDS_MAX)?;
    let token = draw_token()?;
    let digest = token.digest();
    let link = NewLink { digest, role, until };
    desk.people().store(move |directory| directory.add_link(user, id, link, now())).await?;
    let answer = json!({
        "id": digest.id(), "token": token.reveal(), "role": role, "expires_at": until,
    });
    Ok((StatusCode::CREATED, Json(answer)))
}

/// `GET /api/documents/{id}/links`
pub async fn list(
    State(desk): State<Desk>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiProblem> {
    let id = document(&id)?;
    let links = desk.people().read(|directory| directory.links(person.user, id, now()))?;
    let row = |row: LinkRow| json!({ "id": row.id, "role": row.role, "expires_at": row.until, "by": row.by });
    Ok(Json(json!({ "links": links.into_iter().map(row).collect::<Vec<_>>() })))
}

/// `DELETE /api/documents/{id}/links/{link}`
pub async fn remove(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Path((id, link)): Path<(String, String)>,
) -> Result<StatusCode, ApiProblem> {
    let (user, id) = (person.user, document(&id)?);
    desk.people().store(move |directory| directory.remove_link(user, id, &link)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A link that somebody was given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    token: String,
}

/// `POST /api/links`: whoever is signed in becomes a member.
pub async fn accept(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Body(given): Body<Given>,
) -> Result<Json<Value>, ApiProblem> {
    let digest = token(&given.token, "link")?.digest();
    let user = person.user;
    let accepted = desk.people().change(move |directory| {
        let (id, records) = directory.accept_link(user, &digest, now())?;
        Ok((records, id))
    });
    let id = accepted.await?;
    let listing = desk.people().read(|directory| directory.listing(user, id))?;
    Ok(Json(super::documents::row(&listing)))
}
