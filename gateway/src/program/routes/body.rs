//! What a request says, and how a problem is answered.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kanban_gateway::Problem;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::timeout;

/// A description has up to a million characters.
pub const BODY_BYTES_MAX: usize = 5 * 1024 * 1024;

/// A socket that says nothing more is not waited for.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// A problem on its way out.
#[derive(Debug)]
pub struct Refusal(Problem);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.0.to_json().to_string()).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        match status {
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

/// A body of JSON. Pages of other sites cannot send one without asking, because of what it calls itself.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let kind = text(request.headers(), header::CONTENT_TYPE).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("application/json") {
            let detail = "send JSON, and say so: content-type: application/json";
            return Err(Problem::new(415, "not-json", detail).into());
        }
        let too_long = |rejection: BytesRejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Problem::new(413, "too-long", "say it in at most 5 MiB")
            }
            _ => Problem::invalid("the body ended before it was whole; send it again"),
        };
        let bytes = timeout(BODY_TIMEOUT, Bytes::from_request(request, state)).await;
        let too_slow =
            |_| Problem::new(408, "too-slow", "the body did not come in time; send it again");
        let bytes = bytes.map_err(too_slow)?.map_err(too_long)?;
        let not_it = |error| {
            Problem::invalid(format!("this is not it: {error}; /openapi.json shows what is"))
        };
        Ok(Self(serde_json::from_slice(&bytes).map_err(not_it)?))
    }
}

/// What stands behind the path.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let not_it = |rejection: QueryRejection| {
            Problem::invalid(format!(
                "{}; /openapi.json lists what may stand behind the path",
                rejection.body_text()
            ))
        };
        let Query(asked) = Query::from_request_parts(parts, state).await.map_err(not_it)?;
        Ok(Self(asked))
    }
}

/// A header that is text.
pub fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// What is answered where there is nothing.
pub async fn no_route() -> Refusal {
    Problem::not_found("there is nothing here; /openapi.json lists what there is").into()
}

/// What is answered where something else can be done.
pub async fn no_method() -> Refusal {
    let detail = "that cannot be done here; /openapi.json lists what can";
    Problem::new(405, "no-such-method", detail).into()
}
