//! What administrators do: whom the relay knows.

use super::body::{Body, end};
use super::who::{Origin, Person};
use super::{ApiProblem, Desk};
use crate::directory::{Heir, Invitation, Problem, Seconds, UserRow};
use crate::people::{draw_token, now};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// An invitation holds for a week if nothing is said, and for 90 days at most.
const INVITED_SECONDS: Seconds = 7 * 24 * 60 * 60;
const INVITED_SECONDS_MAX: Seconds = 90 * 24 * 60 * 60;
/// One to set a password: a day.
const RESET_SECONDS: Seconds = 24 * 60 * 60;

fn admin(desk: &Desk, person: &Person) -> Result<(), ApiProblem> {
    let user = desk.people().read(|directory| directory.user(person.user).cloned());
    match user {
        Some(user) if user.is_admin => Ok(()),
        _ => Err(ApiProblem::forbidden("only an administrator of the relay may do that")),
    }
}

/// `GET /api/users`
pub async fn users(State(desk): State<Desk>, person: Person) -> Result<Json<Value>, ApiProblem> {
    admin(&desk, &person)?;
    let row = |row: UserRow| {
        json!({
            "name": row.name, "admin": row.is_admin, "created_at": row.created,
            "documents": row.documents, "sessions": row.sessions,
        })
    };
    let users = desk.people().read(|directory| directory.users());
    Ok(Json(json!({ "users": users.into_iter().map(row).collect::<Vec<_>>() })))
}

/// Who gets what only the deleted account owned.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct To {
    heir: Option<String>,
}

/// `DELETE /api/users/{name}`
pub async fn delete_user(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Path(name): Path<String>,
    Query(To { heir }): Query<To>,
) -> Result<StatusCode, ApiProblem> {
    admin(&desk, &person)?;
    let deleted = desk.people().store(move |directory| {
        let user = directory.named(&name).ok_or(Problem::NotFound("account"))?;
        let heir = Heir::named(directory, heir.as_deref(), user)?;
        directory.delete_user(user, heir, now())
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How long something holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct For {
    /// Seconds from now on.
    expires_in: Option<Seconds>,
}

/// `POST /api/invitations`
pub async fn invite(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Body(For { expires_in }): Body<For>,
) -> Result<(StatusCode, Json<Value>), ApiProblem> {
    admin(&desk, &person)?;
    let until = end(expires_in.unwrap_or(INVITED_SECONDS), INVITED_SECONDS_MAX)?;
    let invitation = Invitation { by: Some(person.user), until, resets: None };
    made(&desk, invitation).await
}

/// `POST /api/users/{name}/reset`
pub async fn reset(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Value>), ApiProblem> {
    admin(&desk, &person)?;
    let user = desk.people().read(|directory| {
        let user = directory.named(&name)?;
        // Who signs in elsewhere has no password to set.
        directory.user(user)?.password.as_ref().map(|_| user)
    });
    let user = user.ok_or(Problem::NotFound("account with a password"))?;
    let until = now() + RESET_SECONDS;
    made(&desk, Invitation { by: Some(person.user), until, resets: Some(user) }).await
}

async fn made(
    desk: &Desk,
    invitation: Invitation,
) -> Result<(StatusCode, Json<Value>), ApiProblem> {
    let token = draw_token()?;
    let (digest, until) = (token.digest(), invitation.until);
    desk.people().store(move |directory| Ok(directory.invite(digest, invitation))).await?;
    let answer = json!({
        "id": digest.id(), "invitation": token.reveal(), "expires_at": until,
    });
    Ok((StatusCode::CREATED, Json(answer)))
}

/// `GET /api/invitations`
pub async fn invitations(
    State(desk): State<Desk>,
    person: Person,
) -> Result<Json<Value>, ApiProblem> {
    admin(&desk, &person)?;
    let rows = desk.people().read(|directory| {
        let name = |id| directory.user(id).map(|user| user.name.clone());
        let row = |(id, invitation): (String, Invitation)| {
            json!({
                "id": id, "expires_at": invitation.until,
                "by": invitation.by.and_then(name),
                "resets_password_of": invitation.resets.and_then(name),
            })
        };
        directory.invitations(now()).into_iter().map(row).collect::<Vec<_>>()
    });
    Ok(Json(json!({ "invitations": rows })))
}

/// `DELETE /api/invitations/{id}`
pub async fn uninvite(
    State(desk): State<Desk>,
    person: Person,
    _origin: Origin,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    admin(&desk, &person)?;
    desk.people().store(move |directory| directory.uninvite(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
