//! The way of a request to a board: who asks, whether they may, and their copy of it.

use super::Desk;
use super::body::{Refusal, text};
use crate::program::open_board::{OpenBoard, Wait};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header::{AUTHORIZATION, HOST, IF_MATCH, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use kanban_gateway::Problem;
use kanban_gateway::access::Pass;
use serde::Deserialize;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::DocumentId;

/// How long a change waits for the relay if nothing is said, and at most.
const WAIT: Duration = Duration::from_secs(5);
const WAIT_MAX: Duration = Duration::from_secs(30);

/// The longest key that is taken.
const KEY_CHARS_MAX: usize = 255;

/// Somebody before their copy of a board, which is as new as can be.
pub struct Visit {
    pub id: DocumentId,
    pub pass: Pass,
    pub token: Option<String>,
    pub board: Arc<OpenBoard>,
    /// What `If-Match` says.
    pub if_match: Option<String>,
    /// What `Idempotency-Key` says.
    pub key: Option<String>,
}

impl FromRequestParts<Arc<Desk>> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Refusal> {
        let id = named(parts, desk).await?;
        let token = token(&parts.headers, &parts.uri)?;
        let pass = desk.gatekeeper.admit(token.as_deref(), id).await?;
        desk.hooks.show_token(id, &pass.who, token.as_deref());
        let board = desk.boards.open(id, &pass.who, token.as_deref()).await?;
        board.settle(&pass.who).await?;
        let if_match = text(&parts.headers, IF_MATCH).map(str::to_owned);
        let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        if key.is_some_and(|key| key.len() > KEY_CHARS_MAX || key.is_empty()) {
            return Err(Problem::invalid("an Idempotency-Key has 1 to 255 characters").into());
        }
        Ok(Self { id, pass, token, board, if_match, key: key.map(str::to_owned) })
    }
}

/// The board that the path names.
async fn named(parts: &mut Parts, desk: &Arc<Desk>) -> Result<DocumentId, Problem> {
    let wrong = || {
        Problem::not_found(
            "this is no board; one is named by what follows automerge: in its address",
        )
    };
    let found = RawPathParams::from_request_parts(parts, desk).await.map_err(|_| wrong())?;
    let board = found.iter().find(|(name, _)| *name == "board").map(|(_, value)| value);
    let board = board.ok_or_else(wrong)?;
    board.trim_start_matches("automerge:").parse().map_err(|_| wrong())
}

/// The token that a request brings. One without goes on only if no page of another site can have sent
/// it: such pages reach this machine's own addresses through their visitor's browser.
pub fn token(headers: &HeaderMap, uri: &Uri) -> Result<Option<String>, Problem> {
    if uri.query().is_some_and(|query| query.contains("access_token=")) {
        return Err(Problem::invalid(
            "a token goes into the header, not the address, which ends up in logs",
        ));
    }
    if let Some(value) = headers.get(AUTHORIZATION) {
        let said = value.to_str().unwrap_or_default();
        let (scheme, token) = said.split_once(' ').unwrap_or_default();
        let token = token.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
            return Err(Problem::not_signed_in("say who you are as authorization: Bearer TOKEN"));
        }
        return Ok(Some(token.to_owned()));
    }
    let host = text(headers, HOST).unwrap_or_default();
    // `null` is a page too, of whatever site.
    let is_own =
        |origin: &str| origin.split_once("://").is_some_and(|(_, host)| is_this_machine(host));
    let is_from_elsewhere = headers.get(ORIGIN).is_some_and(|it| !it.to_str().is_ok_and(is_own));
    if !is_this_machine(host) || is_from_elsewhere {
        return Err(Problem::not_signed_in(
            "say who you are: authorization: Bearer TOKEN, with a token of the relay (docs/automation.md)",
        ));
    }
    Ok(None)
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// How long to wait for the relay.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waits {
    wait: Option<String>,
}

impl Waits {
    /// Until when.
    pub fn wait(&self) -> Result<Wait, Problem> {
        let Some(wait) = self.wait.as_deref() else { return Ok(Wait::Some(WAIT)) };
        if wait == "saved" {
            return Ok(Wait::Whole(WAIT_MAX));
        }
        let seconds = wait.parse().ok().map(Duration::from_secs).filter(|wait| *wait <= WAIT_MAX);
        let wrong = || Problem::invalid("wait is a number of seconds, 30 at most, or saved");
        seconds.map(Wait::Whole).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn asked(headers: &[(&'static str, &str)]) -> Result<Option<String>, u16> {
        let pair = |(name, value): &(&'static str, &str)| {
            (axum::http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        let headers = headers.iter().map(pair).collect();
        token(&headers, &Uri::from_static("/boards")).map_err(|problem| problem.status)
    }

    #[test]
    fn without_a_token_only_this_machine_s_own_programs_go_on() {
        assert_eq!(asked(&[("host", "127.0.0.1:3040")]), Ok(None));
        assert_eq!(asked(&[("host", "[::1]:3040")]), Ok(None));
        // A name that somebody has pointed here, and a page in a browser here.
        assert_eq!(asked(&[("host", "evil.example:3040")]), Err(401));
        assert_eq!(asked(&[("host", "localhost"), ("origin", "https://evil.example")]), Err(401));
        assert_eq!(asked(&[("host", "localhost"), ("origin", "null")]), Err(401));
        assert_eq!(asked(&[("host", "localhost"), ("origin", "http://localhost:8080")]), Ok(None));
    }

    #[test]
    fn a_token_is_a_bearer_s() {
        assert_eq!(asked(&[("authorization", "Bearer abc")]), Ok(Some("abc".to_owned())));
        assert_eq!(asked(&[("authorization", "bearer  abc ")]), Ok(Some("abc".to_owned())));
        assert_eq!(asked(&[("authorization", "Basic abc")]), Err(401));
        assert_eq!(asked(&[("authorization", "abc")]), Err(401));
    }
}
