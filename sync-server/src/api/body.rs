//! What a request says, and how times are written.

use super::ApiProblem;
use crate::directory::Seconds;
use crate::people::now;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use sync_protocol::DocumentId;

/// A body of JSON. Other pages cannot send one without asking, because of what it calls itself.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiProblem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.unwrap_or_default().to_ascii_lowercase().starts_with("application/json") {
            let detail = "send JSON, and say so: content-type: application/json";
            return Err(ApiProblem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(too_long)?;
        let parsed = serde_json::from_slice(&bytes);
        parsed.map(Self).map_err(|error| ApiProblem::invalid(format!("this is not it: {error}")))
    }
}

fn too_long(rejection: BytesRejection) -> ApiProblem {
    ApiProblem::new(rejection.status(), "too-long", "say it in at most 16 KiB")
}

/// The document that a path names.
pub fn document(id: &str) -> Result<DocumentId, ApiProblem> {
    let no_id = |_| ApiProblem::invalid("this is no document id; one is what follows automerge:");
    id.parse().map_err(no_id)
}

/// When something ends that holds for so many seconds, within reason.
pub fn end(seconds: Seconds, most: Seconds) -> Result<Seconds, ApiProblem> {
    if seconds == 0 || seconds > most {
        let words = format!("it holds for 1 to {most} seconds; say expires_in accordingly");
        return Err(ApiProblem::invalid(words));
    }
    Ok(now() + seconds)
}
