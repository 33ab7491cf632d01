//! Who sends a request, taken from it before anything else is looked at.

use super::{ApiProblem, Desk};
use crate::auth::Visitor;
use crate::directory::{Digest, UserId};
use crate::gate::client;
use crate::people::Bearer;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use std::net::{IpAddr, SocketAddr};

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Person {
    /// Whose account it is.
    pub user: UserId,
    /// The session that they showed, if it was one.
    pub session: Option<Digest>,
}

impl FromRequestParts<Desk> for Person {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, ApiProblem> {
        let found = desk.api.shared.doorman.identify(parts).await;
        let visitor = found.map_err(|denied| ApiProblem::not_signed_in(denied.to_string()))?;
        let Visitor { bearer, by_cookie } = visitor;
        if by_cookie && !is_safe(&parts.method) {
            same_site(parts, desk)?;
        }
        let session = match bearer {
            Bearer::Session { session, .. } => Some(session),
            _ => None,
        };
        let narrow = || ApiProblem::forbidden("this token opens documents, and not your account");
        let user = bearer.user().ok_or_else(narrow)?;
        if !is_safe(&parts.method) && !desk.people().may_change(user) {
            let detail = "you change more than anybody does by hand; wait a minute";
            return Err(ApiProblem::new(StatusCode::TOO_MANY_REQUESTS, "too-often", detail));
        }
        Ok(Self { user, session })
    }
}

/// Whether a request changes nothing.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A browser sends its cookies with whatever a page makes it send: only pages that may connect may
/// change something.
fn same_site(parts: &Parts, desk: &Desk) -> Result<(), ApiProblem> {
    match desk.origins.refused(&parts.headers, &parts.uri) {
        None => Ok(()),
        Some(origin) => Err(ApiProblem::forbidden(format!(
            "pages of {origin} may not do this; whoever runs the relay can allow them (--origins)"
        ))),
    }
}

/// Where a request comes from, and what its program calls itself.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Whose network, if that can be known.
    pub address: Option<IpAddr>,
    /// Which program.
    pub device: String,
    /// Whether it came over TLS, to the relay or to a proxy before it.
    pub is_secure: bool,
}

impl FromRequestParts<Desk> for Origin {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, ApiProblem> {
        if !is_safe(&parts.method) {
            same_site(parts, desk)?;
        }
        let socket = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let proxies = &desk.terms.limits.proxies;
        let address = socket.and_then(|socket| client(socket, &parts.headers, proxies));
        let text = |name: &str| text(&parts.headers, name).unwrap_or_default().to_owned();
        let is_proxied = socket.is_some_and(|socket| proxies.contains(&socket));
        let is_secure = desk.api.shared.rules.has_tls
            || (is_proxied && text("x-forwarded-proto").eq_ignore_ascii_case("https"));
        Ok(Self { address, device: text("user-agent"), is_secure })
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
