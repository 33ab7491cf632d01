//! Who may do what with a document.

use super::body::{Body, document};
use super::who::{Origin, Person};
use super::{ApiProblem, Desk};
use crate::directory::Role;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /api/documents/{id}/members`
pub async fn list(
    State(desk): State<Desk>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiProblem> {
    let id = document(&id)?;
    let members = desk.people().read(|directory| directory.members(person.user, id))?;
    let row = |(name, role): (String, Role)| json!({ "name": name, "role": role });
    Ok(Json(json!({ "members": members.into_iter().map(row).collect::<Vec<_>>() })))
}

/// What somebody may do from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    role: Role,
}

/// `PUT /api/documents/{id}/members/{name}`
pub async fn set(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Path((id, name)): Path<(String, String)>,
    Body(NewRole { role }): Body<NewRole>,
) -> Result<StatusCode, ApiProblem> {
    let (user, id) = (person.user, document(&id)?);
    desk.people().store(move |directory| directory.set_member(user, id, &name, role)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/documents/{id}/members/{name}`
pub async fn remove(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Path((id, name)): Path<(String, String)>,
) -> Result<StatusCode, ApiProblem> {
    let (user, id) = (person.user, document(&id)?);
    desk.people().store(move |directory| directory.remove_member(user, id, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}
