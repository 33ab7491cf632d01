//! One's own account.

use super::body::Body;
use super::sessions::cookie;
use super::who::{Origin, Person};
use super::{ApiProblem, Desk};
use crate::directory::{Heir, Problem, Token};
use crate::people::{People, Refused, now};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

/// Who wants an account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    name: String,
    password: String,
    invitation: Option<String>,
}

/// `POST /api/users`
pub async fn sign_up(
    State(desk): State<Desk>,
    origin: Origin,
    Body(said): Body<SignUp>,
) -> Result<(StatusCode, Json<Value>), ApiProblem> {
    let rules = desk.rules();
    if !rules.signs_in {
        return Err(ApiProblem::forbidden(
            "accounts come from the identity provider of this relay",
        ));
    }
    // Hashing a password costs as much as trying one.
    if !desk.people().may_sign_up(origin.address) {
        return Err(Refused::TooOften.into());
    }
    let SignUp { name, password, invitation } = said;
    let invitation = invitation.map(|text| token(&text, "invitation")).transpose()?;
    let people = desk.people();
    people.sign_up(&name, password, invitation, rules.by_invitation).await?;
    Ok((StatusCode::CREATED, Json(json!({ "name": name.trim().to_ascii_lowercase() }))))
}

/// A token that somebody was given.
pub fn token(text: &str, what: &'static str) -> Result<Token, ApiProblem> {
    Token::parse(text.trim()).ok_or_else(|| Problem::NotFound(what).into())
}

/// `GET /api/me`. Whoever asks has come back, so they stay signed in.
pub async fn me(State(desk): State<Desk>, person: Person) -> Result<Json<Value>, ApiProblem> {
    if let Some(session) = person.session {
        desk.people().came_back(session).await?;
    }
    account(desk.people(), &person).map(Json)
}

fn account(people: &People, person: &Person) -> Result<Value, ApiProblem> {
    let found = people.read(|directory| directory.user(person.user).cloned());
    let user = found.ok_or(Problem::NotSignedIn)?;
    Ok(json!({
        "name": user.name, "admin": user.is_admin, "created_at": user.created,
        "has_password": user.password.is_some(),
    }))
}

/// A password that is to be another.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    current: String,
    new: String,
}

/// `PUT /api/me/password`
pub async fn set_password(
    State(desk): State<Desk>,
    person: Person,
    origin: Origin,
    Body(said): Body<NewPassword>,
) -> Result<StatusCode, ApiProblem> {
    desk.people().confirm(person.user, said.current, origin.address).await?;
    desk.people().set_password(person.user, said.new, person.session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A password for whoever has an invitation to set one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    invitation: String,
    password: String,
}

/// `POST /api/password`
pub async fn reset_password(
    State(desk): State<Desk>,
    _origin: Origin,
    Body(said): Body<Reset>,
) -> Result<StatusCode, ApiProblem> {
    let token = token(&said.invitation, "invitation to set a password")?;
    desk.people().reset_password(&token, said.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who wants to be forgotten.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Farewell {
    /// Their password, if they have one.
    password: Option<String>,
    /// Who gets the documents that only they own.
    heir: Option<String>,
}

/// `DELETE /api/me`
pub async fn delete_me(
    State(desk): State<Desk>,
    person: Person,
    origin: Origin,
    Body(said): Body<Farewell>,
) -> Result<(StatusCode, HeaderMap), ApiProblem> {
    let people = desk.people();
    let user = person.user;
    let found = people.read(|directory| directory.user(user).map(|user| user.password.is_some()));
    if found == Some(true) {
        people.confirm(user, said.password.unwrap_or_default(), origin.address).await?;
    }
    let heir = said.heir;
    let deleted = people.store(move |directory| {
        let heir = Heir::named(directory, heir.as_deref(), user)?;
        directory.delete_user(user, heir, now())
    });
    deleted.await?;
    let (name, value) = cookie("", 0, origin.is_secure)?;
    Ok((StatusCode::NO_CONTENT, HeaderMap::from_iter([(name, value)])))
}

/// `GET /api/me/export`: all that the relay knows of somebody. What their documents hold, their own
/// programs have.
pub async fn export(State(desk): State<Desk>, person: Person) -> Result<Json<Value>, ApiProblem> {
    let account = account(desk.people(), &person)?;
    let sessions = desk.people().read(|directory| directory.sessions(person.user, None, now()));
    let sessions = sessions.into_iter().map(
        |row| json!({ "device": row.device, "created_at": row.created, "expires_at": row.until }),
    );
    let listings = desk.people().read(|directory| directory.listings(person.user));
    let documents = listings.iter().map(super::documents::row);
    Ok(Json(json!({
        "account": account,
        "sessions": sessions.collect::<Vec<_>>(),
        "documents": documents.collect::<Vec<_>>(),
    })))
}
