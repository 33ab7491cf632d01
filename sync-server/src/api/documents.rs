//! One's documents: which, how they are called, and their end.

use super::body::{Body, document, end};
use super::who::{Origin, Person};
use super::{ApiProblem, Desk};
use crate::directory::{Label, Listing, Seconds};
use crate::people::{Refused, now};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use sync_protocol::{DocumentId, DocumentUrl};

/// Bringing in what others wrote takes ten minutes if nothing is said, and a day at most.
const IMPORT_SECONDS: Seconds = 10 * 60;
const IMPORT_SECONDS_MAX: Seconds = 24 * 60 * 60;

/// A document as lists show it.
pub fn row(listing: &Listing) -> Value {
    let Listing { document, role, title, colour, created, members } = listing;
    json!({
        "id": document.to_string(), "url": DocumentUrl::from(*document).to_string(),
        "role": role, "title": title, "colour": colour,
        "created_at": created, "members": members,
    })
}

/// `GET /api/documents`
pub async fn list(State(desk): State<Desk>, person: Person) -> Json<Value> {
    let listings = desk.people().read(|directory| directory.listings(person.user));
    Json(json!({ "documents": listings.iter().map(row).collect::<Vec<_>>() }))
}

/// A document that is to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// Its id, if it was made already, offline; a fresh one if not.
    id: Option<String>,
    title: Option<String>,
    colour: Option<String>,
}

/// `POST /api/documents`
pub async fn create(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Body(said): Body<NewDocument>,
) -> Result<(StatusCode, Json<Value>), ApiProblem> {
    let NewDocument { id, title, colour } = said;
    let id = match id {
        Some(id) => document(&id)?,
        None => draw_document()?,
    };
    let (user, label) = (person.user, Label { title, colour });
    desk.people().store(move |directory| directory.claim(user, id, label, now())).await?;
    shown(&desk, &person, id).map(|shown| (StatusCode::CREATED, shown))
}

fn draw_document() -> Result<DocumentId, ApiProblem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Refused::Failed)?;
    Ok(DocumentId::from_bytes(bytes))
}

fn shown(desk: &Desk, person: &Person, id: DocumentId) -> Result<Json<Value>, ApiProblem> {
    let listing = desk.people().read(|directory| directory.listing(person.user, id))?;
    Ok(Json(row(&listing)))
}

/// `GET /api/documents/{id}`
pub async fn show(
    State(desk): State<Desk>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiProblem> {
    shown(&desk, &person, document(&id)?)
}

/// How a document is called from now on, as far as that is said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLabel {
    title: Option<String>,
    colour: Option<String>,
}

/// `PATCH /api/documents/{id}`
pub async fn label(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Path(id): Path<String>,
    Body(NewLabel { title, colour }): Body<NewLabel>,
) -> Result<Json<Value>, ApiProblem> {
    let (user, id) = (person.user, document(&id)?);
    let label = Label { title, colour };
    desk.people().store(move |directory| directory.label(user, id, label)).await?;
    shown(&desk, &person, id)
}

/// For how long.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct For {
    /// Seconds from now on.
    expires_in: Option<Seconds>,
}

/// `POST /api/documents/{id}/imports`
pub async fn import(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Path(id): Path<String>,
    Body(For { expires_in }): Body<For>,
) -> Result<Json<Value>, ApiProblem> {
    let (user, id) = (person.user, document(&id)?);
    let until = end(expires_in.unwrap_or(IMPORT_SECONDS), IMPORT_SECONDS_MAX)?;
    desk.people().store(move |directory| directory.import(user, id, until)).await?;
    Ok(Json(json!({ "expires_at": until })))
}

/// `DELETE /api/documents/{id}`
pub async fn delete(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    let (user, id) = (person.user, document(&id)?);
    desk.people().store(move |directory| directory.delete_document(user, id, now())).await?;
    Ok(StatusCode::NO_CONTENT)
}
