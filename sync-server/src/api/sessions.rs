//! Signing in and out.

use super::body::Body;
use super::who::{Origin, Person};
use super::{ApiProblem, Desk};
use crate::auth::{SECURE_SESSION_COOKIE, SESSION_COOKIE};
use crate::directory::SessionRow;
use crate::people::{SESSION_SECONDS, Try, now};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

/// Who wants to sign in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    name: String,
    password: String,
    /// Programs have no cookies: they get a token instead.
    #[serde(default)]
    token: bool,
}

/// `POST /api/sessions`
pub async fn sign_in(
    State(desk): State<Desk>,
    origin: Origin,
    Body(said): Body<SignIn>,
) -> Result<(StatusCode, HeaderMap, Json<Value>), ApiProblem> {
    if !desk.rules().signs_in {
        return Err(ApiProblem::forbidden("sign in with the identity provider of this relay"));
    }
    let Origin { address, device, is_secure } = origin;
    let SignIn { name, password, token: wants_token } = said;
    let attempt = Try { name, password, address, device };
    let token = desk.people().sign_in(attempt).await?;
    let until = now() + SESSION_SECONDS;
    if wants_token {
        let answer = json!({ "expires_at": until, "token": token.reveal() });
        return Ok((StatusCode::CREATED, HeaderMap::new(), Json(answer)));
    }
    let cookie = cookie(&token.reveal(), SESSION_SECONDS, is_secure)?;
    let answer = json!({ "expires_at": until });
    Ok((StatusCode::CREATED, HeaderMap::from_iter([cookie]), Json(answer)))
}

/// The cookie that signs a browser in, or out if it holds for no time.
pub fn cookie(
    token: &str,
    seconds: u64,
    is_secure: bool,
) -> Result<(HeaderName, HeaderValue), ApiProblem> {
    let (name, secure) = match is_secure {
        true => (SECURE_SESSION_COOKIE, "; Secure"),
        false => (SESSION_COOKIE, ""),
    };
    // Lax: whoever follows a link to a board is still signed in there.
    let cookie =
        format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let mut value = HeaderValue::from_str(&cookie)
        .map_err(|_| ApiProblem::invalid("a token of these characters fits no cookie"))?;
    value.set_sensitive(true);
    Ok((header::SET_COOKIE, value))
}

/// `GET /api/sessions`
pub async fn list(State(desk): State<Desk>, person: Person) -> Json<Value> {
    let rows =
        desk.people().read(|directory| directory.sessions(person.user, person.session, now()));
    let row = |row: SessionRow| {
        json!({
            "id": row.id, "device": row.device, "created_at": row.created,
            "used_at": row.until.saturating_sub(SESSION_SECONDS), "expires_at": row.until,
            "current": row.is_this,
        })
    };
    Json(json!({ "sessions": rows.into_iter().map(row).collect::<Vec<_>>() }))
}

/// `DELETE /api/sessions/{id}`; `current` is the one that asks.
pub async fn sign_out(
    State(desk): State<Desk>,
    person: Person,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<(StatusCode, HeaderMap), ApiProblem> {
    let current = person.session.map(|session| session.id());
    let is_current = id == "current" || Some(&id) == current.as_ref();
    let id = match (id.as_str(), current) {
        ("current", Some(current)) => current,
        ("current", None) => return Err(ApiProblem::invalid("your token is no session here")),
        _ => id,
    };
    let user = person.user;
    desk.people().store(move |directory| directory.sign_out(user, &id)).await?;
    let mut headers = HeaderMap::new();
    if is_current {
        let (name, value) = cookie("", 0, origin.is_secure)?;
        headers.append(name, value);
    }
    Ok((StatusCode::NO_CONTENT, headers))
}

/// `DELETE /api/sessions`: everywhere, with an identity provider's tokens too.
pub async fn sign_out_everywhere(
    State(desk): State<Desk>,
    person: Person,
    origin: Origin,
) -> Result<(StatusCode, HeaderMap), ApiProblem> {
    let user = person.user;
    desk.people().store(move |directory| directory.sign_out_everywhere(user, now())).await?;
    let (name, value) = cookie("", 0, origin.is_secure)?;
    Ok((StatusCode::NO_CONTENT, HeaderMap::from_iter([(name, value)])))
}
