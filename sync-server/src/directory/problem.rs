//! Why a command is not carried out.

/// What is in the way, in words for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nobody knows who asks.
    #[error("sign in first")]
    NotSignedIn,
    /// Name or password is wrong: which, is not said.
    #[error("there is no account with this name and password")]
    WrongPassword,
    /// It is known who asks, and it is not theirs to do.
    #[error("{0}")]
    Forbidden(String),
    /// There is none, or none that the one who asks may know of.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It would contradict something that is there.
    #[error("{0}")]
    Conflict(String),
    /// What was said cannot be that.
    #[error("{0}")]
    Invalid(String),
    /// There is as much of it as there may be.
    #[error("{0}")]
    Limit(String),
}
