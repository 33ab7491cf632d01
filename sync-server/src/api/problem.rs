//! What is in the way, as a problem of RFC 9457.

use crate::directory::Problem;
use crate::people::Refused;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// What a request is answered with that is not carried out.
#[derive(Debug)]
pub struct ApiProblem {
    status: StatusCode,
    /// Names it to programs: the end of its `type`.
    kind: &'static str,
    detail: String,
}

impl ApiProblem {
    /// A problem. `kind` names it to programs, `detail` says to people what to do.
    pub fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into() }
    }

    /// What was said cannot be that.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    /// Nobody knows who asks.
    pub fn not_signed_in(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not-signed-in", detail)
    }

    /// It is not theirs to do.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }
}

impl From<Problem> for ApiProblem {
    fn from(problem: Problem) -> Self {
        let (status, kind) = match &problem {
            Problem::NotSignedIn => (StatusCode::UNAUTHORIZED, "not-signed-in"),
            Problem::WrongPassword => (StatusCode::FORBIDDEN, "wrong-password"),
            Problem::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Problem::NotFound(_) => (StatusCode::NOT_FOUND, "not-found"),
            Problem::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Problem::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Problem::Limit(_) => (StatusCode::FORBIDDEN, "limit"),
        };
        Self::new(status, kind, problem.to_string())
    }
}

impl From<Refused> for ApiProblem {
    fn from(refused: Refused) -> Self {
        let detail = refused.to_string();
        match refused {
            Refused::Problem(problem) => problem.into(),
            Refused::TooOften => Self::new(StatusCode::TOO_MANY_REQUESTS, "too-often", detail),
            Refused::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail),
            Refused::Store(_) | Refused::Failed => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", detail)
            }
        }
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": format!("urn:kanban:problem:{}", self.kind),
            "title": self.status.canonical_reason().unwrap_or("problem"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let json = HeaderValue::from_static("application/problem+json");
        let mut response = (self.status, body.to_string()).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// What a relay answers that knows nobody.
pub async fn nobody_known() -> ApiProblem {
    let detail =
        "this relay has no accounts (--auth open): whoever knows a document's id may open it";
    ApiProblem::new(StatusCode::NOT_FOUND, "no-accounts", detail)
}

/// What is answered where there is nothing.
pub async fn no_route() -> ApiProblem {
    let detail = "there is nothing here; /api/openapi.json lists what there is";
    ApiProblem::new(StatusCode::NOT_FOUND, "not-found", detail)
}

/// What is answered where something else can be done.
pub async fn no_method() -> ApiProblem {
    let detail = "that cannot be done here; /api/openapi.json lists what can";
    ApiProblem::new(StatusCode::METHOD_NOT_ALLOWED, "no-such-method", detail)
}
