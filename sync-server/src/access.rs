//! Who may do what: decided by whoever runs the relay, asked once for each connection.

use axum::http::request::Parts;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;
use sync_protocol::{Access, DocumentId};

/// What one connection may do.
///
/// ```
/// use sync_server::{Access, Grant};
/// let guest = Grant::of(|document| (document.as_bytes()[0] == 7).then_some(Access::ReadOnly));
/// # let _ = guest;
/// ```
#[derive(Clone)]
pub struct Grant {
    access: Arc<dyn Fn(DocumentId) -> Option<Access> + Send + Sync>,
    until: Option<SystemTime>,
}

impl Grant {
    /// The same for every document.
    pub fn all(access: Access) -> Self {
        Self::of(move |_| Some(access))
    }

    /// For each document what `access` says; `None` is as if the document did not exist.
    ///
    /// It is asked when the connection opens the document, on a thread that must not block: look
    /// rights up before, while the connection is authorised.
    pub fn of(access: impl Fn(DocumentId) -> Option<Access> + Send + Sync + 'static) -> Self {
        Self { access: Arc::new(access), until: None }
    }

    /// The same until then: the connection is closed with 4401, and may come again with another
    /// grant. What arrived before is stored and acknowledged first.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use sync_server::{Access, Grant};
    /// let guest = Grant::all(Access::ReadOnly).until(SystemTime::now() + Duration::from_secs(3600));
    /// # let _ = guest;
    /// ```
    #[must_use]
    pub fn until(self, end: SystemTime) -> Self {
        Self { until: Some(end), ..self }
    }

    /// When it ends, if it does.
    pub fn end(&self) -> Option<SystemTime> {
        self.until
    }

    /// What the connection may do with a document.
    pub fn access(&self, document: DocumentId) -> Option<Access> {
        (self.access)(document)
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Grant").finish_non_exhaustive()
    }
}

/// The codes for whom nobody knows, or no longer, and for whom may not; after the statuses of HTTP.
pub(crate) const UNKNOWN: u16 = 4401;
pub(crate) const FORBIDDEN: u16 = 4403;

/// Why a connection is refused. The client is told, in words, and may dial again.
///
/// A refusal is not an HTTP status: one would end programs that use automerge-repo's client. The
/// WebSocket opens, the client hears the reason, and it is closed with a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// Nobody knows who it is: a token is missing, wrong or expired. Closes with 4401.
    #[error("{0}")]
    Unknown(String),
    /// It is known, and may not. Closes with 4403.
    #[error("{0}")]
    Forbidden(String),
}

impl Denied {
    pub(crate) fn code(&self) -> u16 {
        match self {
            Self::Unknown(_) => UNKNOWN,
            Self::Forbidden(_) => FORBIDDEN,
        }
    }
}

/// Decides about connections, given the request that would open them.
pub(crate) type Authorize =
    Arc<dyn Fn(Parts) -> Pin<Box<dyn Future<Output = Result<Grant, Denied>> + Send>> + Send + Sync>;

/// Lets everybody do everything: whoever knows a document's id.
pub(crate) fn everybody() -> Authorize {
    Arc::new(|_| Box::pin(std::future::ready(Ok(Grant::all(Access::ReadWrite)))))
}
