//! Who may do what: decided by whoever runs the relay, when a connection begins and while it is open.

use axum::http::request::Parts;
use std::collections::BTreeSet;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;
use sync_protocol::{Access, DocumentId};
use tokio::sync::watch;

/// What one connection may do.
///
/// ```
/// use sync_server::{Access, Grant};
/// let guest = Grant::of(|document| (document.as_bytes()[0] == 7).then_some(Access::ReadOnly));
/// # let _ = guest;
/// ```
#[derive(Clone)]
pub struct Grant {
    rights: Arc<dyn Rights>,
    until: Option<SystemTime>,
}

impl Grant {
    /// The same for every document.
    pub fn all(access: Access) -> Self {
        Self::of(move |_| Some(access))
    }

    /// For each document what `access` says; `None` is as if the document did not exist.
    ///
    /// It is asked with each message of the client, on a thread that must not block: look rights up
    /// before, while the connection is authorised. What it says may change: from the client's next
    /// message on that holds, and what the client is sent stops no later.
    /// [`reviewed_at`](Self::reviewed_at) has it asked when nothing comes, too.
    pub fn of(access: impl Fn(DocumentId) -> Option<Access> + Send + Sync + 'static) -> Self {
        Self::with(Answers { access, changes: None })
    }

    /// The same, asked again for each document that the connection has open whenever something is
    /// sent to `changes`: whoever may no longer read a document hears nothing more of it.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    /// use std::sync::{Arc, RwLock};
    /// use sync_server::{Access, DocumentId, Grant};
    /// let readers: Arc<RwLock<BTreeSet<DocumentId>>> = Arc::default();
    /// let (changed, changes) = tokio::sync::watch::channel(());
    /// let may_read = readers.clone();
    /// let grant = Grant::reviewed_at(changes, move |document| {
    ///     may_read.read().ok()?.contains(&document).then_some(Access::ReadOnly)
    /// });
    /// # let _ = grant;
    /// // Later, when somebody may no longer:
    /// readers.write().unwrap().clear();
    /// changed.send_replace(());
    /// ```
    pub fn reviewed_at(
        changes: watch::Receiver<()>,
        access: impl Fn(DocumentId) -> Option<Access> + Send + Sync + 'static,
    ) -> Self {
        Self::with(Answers { access, changes: Some(changes) })
    }

    pub(crate) fn with(rights: impl Rights + 'static) -> Self {
        Self { rights: Arc::new(rights), until: None }
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
        [self.until, self.rights.end()].into_iter().flatten().min()
    }

    /// What the connection may do with a document now.
    pub fn access(&self, document: DocumentId) -> Option<Access> {
        self.rights.access(document)
    }

    pub(crate) fn rights(&self) -> &dyn Rights {
        &*self.rights
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Grant").finish_non_exhaustive()
    }
}

/// Makes a document somebody's, or says why not.
pub(crate) type Claim = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// What is behind a [`Grant`]. No answer may wait for anything.
pub(crate) trait Rights: Send + Sync {
    /// What may be done with a document now.
    fn access(&self, document: DocumentId) -> Option<Access>;

    /// How a document that nobody knows becomes theirs, if they bring one; none if it is known, or
    /// they may not.
    fn claim(&self, document: DocumentId) -> Option<Claim> {
        _ = document;
        None
    }

    /// In whose names its bearer may not change a document; none if in anybody's.
    fn others(&self, document: DocumentId) -> Option<Arc<BTreeSet<Vec<u8>>>> {
        _ = document;
        None
    }

    /// Whose they are, if the relay knows users.
    fn user(&self) -> Option<u64> {
        None
    }

    /// Why all of it has ended, if it has, for another reason than time.
    fn ended(&self) -> Option<Denied> {
        None
    }

    /// When it ends, as things are.
    fn end(&self) -> Option<SystemTime> {
        None
    }

    /// Tells that any of these answers may have changed.
    fn changes(&self) -> Option<watch::Receiver<()>> {
        None
    }
}

/// Rights that somebody's own program knows.
struct Answers<F> {
    access: F,
    changes: Option<watch::Receiver<()>>,
}

impl<F: Fn(DocumentId) -> Option<Access> + Send + Sync> Rights for Answers<F> {
    fn access(&self, document: DocumentId) -> Option<Access> {
        (self.access)(document)
    }

    fn changes(&self) -> Option<watch::Receiver<()>> {
        self.changes.clone()
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
