//! The relay, asked over HTTP who somebody is.

use super::dial::{self, Answer, Terms};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use kanban_gateway::Problem;
use kanban_gateway::access::{Role, Word};
use kanban_gateway::hook::Target;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use sync_protocol::{DocumentId, sentence};

/// A relay that takes longer is as good as away.
const TERMS: Terms = Terms {
    allow_private: true,
    timeout: Duration::from_secs(5),
    answer_bytes_max: 4 * 1024 * 1024,
};

/// Where the relay is.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Its address up to `/api` and `/sync`.
    base: Target,
    /// Its WebSocket.
    pub socket: String,
}

impl Relay {
    /// Reads its address: `ws://`, `wss://`, `http://` or `https://`, with `/sync` or without.
    pub fn parse(url: &str) -> Result<Self, String> {
        let wrong =
            || format!("{url:?} is not the address of a relay; one looks like ws://127.0.0.1:3030");
        let trimmed = url.trim_end_matches('/').trim_end_matches("/sync").trim_end_matches('/');
        let mut base = Target::parse(trimmed, true).map_err(|_| wrong())?;
        if base.path.contains('?') {
            return Err(wrong());
        }
        base.path = base.path.trim_end_matches('/').to_owned();
        let (_, rest) = trimmed.split_once("://").ok_or_else(wrong)?;
        let scheme = if base.is_tls { "wss" } else { "ws" };
        Ok(Self { socket: format!("{scheme}://{rest}/sync"), base })
    }

    async fn get(&self, path: &str, token: Option<&str>) -> Result<Answer, String> {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            let value = HeaderValue::from_str(&format!("Bearer {token}"));
            let mut value = value.map_err(|_| "this is no token".to_owned())?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let target = Target { path: format!("{}{path}", self.base.path), ..self.base.clone() };
        let answer = dial::send(&target, Method::GET, headers, Vec::new(), TERMS).await;
        answer.map_err(|error| sentence(&error))
    }

    /// Whether the board is the caller's.
    pub async fn word(&self, token: Option<&str>, board: DocumentId) -> Word {
        let path = match token {
            Some(_) => format!("/api/documents/{board}"),
            None => "/api/about".to_owned(),
        };
        let answer = match self.get(&path, token).await {
            Ok(answer) => answer,
            Err(why) => return Word::Silent(why),
        };
        let said: Said = serde_json::from_slice(&answer.body).unwrap_or_default();
        let kind =
            said.kind.as_deref().unwrap_or_default().trim_start_matches("urn:kanban:problem:");
        match (answer.status, kind) {
            (200, _) => match said.role {
                Some(role) => Word::Theirs(role),
                // It knows people, and nobody said who they are.
                None => Word::NotTheirs,
            },
            (401, _) => Word::Unknown(
                said.detail.unwrap_or_else(|| "the relay does not take this token".to_owned()),
            ),
            (403, "forbidden") => Word::Narrow,
            (404, "no-accounts") => Word::Open,
            (404, "not-found") => Word::NotTheirs,
            (422, _) => Word::NotTheirs,
            (status, _) => Word::Silent(format!("it answers {status}")),
        }
    }

    /// The name of the account that a token is of. A session that is used goes on for 30 days.
    pub async fn name(&self, token: &str) -> Option<String> {
        let answer = self.get("/api/me", Some(token)).await.ok()?;
        let said: Said = serde_json::from_slice(&answer.body).ok()?;
        said.name.filter(|_| answer.status == 200)
    }

    /// The caller's boards, as the relay lists documents.
    pub async fn documents(&self, token: Option<&str>) -> Result<Value, Problem> {
        let Some(token) = token else {
            return Err(Problem::not_signed_in(
                "only a token of the relay says which boards are yours",
            ));
        };
        let answer = self.get("/api/documents", Some(token)).await;
        let answer = answer.map_err(|why| {
            Problem::unavailable(format!("the relay cannot be asked ({why}); try again soon"))
        })?;
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let detail = || {
            said.get("detail")
                .and_then(Value::as_str)
                .unwrap_or("the relay does not say")
                .to_owned()
        };
        match answer.status {
            200 => Ok(said),
            401 => Err(Problem::not_signed_in(detail())),
            403 => Err(Problem::forbidden(detail())),
            404 => Err(Problem::not_found(detail())),
            status => Err(Problem::unavailable(format!(
                "the relay answers {status}: {}; try again soon",
                detail()
            ))),
        }
    }
}

/// What of an answer counts.
#[derive(Default, Deserialize)]
struct Said {
    role: Option<Role>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_relay_is_taken_as_people_write_it() {
        for url in ["ws://h:1", "ws://h:1/", "ws://h:1/sync", "http://h:1/"] {
            assert_eq!(Relay::parse(url).unwrap().socket, "ws://h:1/sync");
        }
        let below = Relay::parse("https://h/boards").unwrap();
        assert_eq!(
            (below.socket.as_str(), below.base.path.as_str()),
            ("wss://h/boards/sync", "/boards")
        );
        assert!(Relay::parse("h:1").is_err() && Relay::parse("ws://h?token=x").is_err());
    }
}
