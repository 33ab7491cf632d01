//! Errors for people.

use std::error::Error;

/// An error and its causes as one sentence: what whoever reports it prints.
///
/// ```
/// use sync_protocol::{decode, sentence};
/// let error = decode(b"").err().map(|error| sentence(&error));
/// assert_eq!(error.as_deref(), Some("the frame is cut short"));
/// ```
pub fn sentence(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}
