//! What is in the way, as a problem of RFC 9457.

use serde_json::{Value, json};

/// What a request is answered with that is not carried out.
///
/// ```
/// use kanban_gateway::Problem;
/// let problem = Problem::not_found("there is no column \"Dome\"; there are \"To do\" and \"Done\"");
/// assert_eq!(problem.to_json()["type"], "urn:kanban:problem:not-found");
/// assert_eq!(problem.to_json()["status"], 404);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    /// The status of HTTP.
    pub status: u16,
    /// Names it to programs: the end of its `type`.
    pub kind: &'static str,
    /// Says to people what to do.
    pub detail: String,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(status: u16, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into() }
    }

    /// What was said cannot be that.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(422, "invalid", detail)
    }

    /// It is not there, or not for whoever asks.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, "not-found", detail)
    }

    /// It is not theirs to do.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, "forbidden", detail)
    }

    /// Nobody knows who asks.
    pub fn not_signed_in(detail: impl Into<String>) -> Self {
        Self::new(401, "not-signed-in", detail)
    }

    /// Somebody was faster.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(409, "conflict", detail)
    }

    /// It cannot be done at the moment.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(503, "unavailable", detail)
    }

    /// What is sent.
    pub fn to_json(&self) -> Value {
        json!({
            "type": format!("urn:kanban:problem:{}", self.kind),
            "title": title(self.status),
            "status": self.status,
            "detail": self.detail,
        })
    }
}

/// What the status is called in RFC 9110.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Problem",
    }
}
