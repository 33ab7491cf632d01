//! What a connection may do changes, ends, or is renewed while it is open.

use super::{Ended, Reader};
use crate::access::Grant;
use axum::http::{HeaderValue, Request, header, request::Parts};
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};
use sync_protocol::sentence;
use tokio::sync::watch;

/// After a change, the next is looked at so much later: many that come at once cost one look.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A timer for longer would not fit what it counts in.
const LOOK_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);

/// Ends when a grant should be looked at again. `Sync`, because a reader is lent while it waits.
pub type Alarm = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// The alarm of a grant; none if it never changes, as for everybody at a relay that knows nobody.
fn alarm(grant: &Grant) -> Option<Alarm> {
    let (end, changes) = (grant.end(), grant.rights().changes());
    if end.is_none() && changes.is_none() {
        return None;
    }
    let wait = end.map_or(LOOK_AGAIN, |end| remaining(end).min(LOOK_AGAIN));
    let changed = changes.map(|mut changes| {
        // From here on.
        changes.mark_unchanged();
        changes
    });
    Some(Box::pin(async move {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = next(changed) => {}
        }
    }))
}

/// Waits for the next change, a while after the last; for ever if nobody can change anything any more.
async fn next(changes: Option<watch::Receiver<()>>) {
    if let Some(mut changes) = changes {
        tokio::time::sleep(LOOK_EVERY).await;
        if changes.changed().await.is_ok() {
            return;
        }
    }
    std::future::pending().await
}

/// How long until then.
fn remaining(end: SystemTime) -> Duration {
    end.duration_since(SystemTime::now()).unwrap_or_default()
}

impl Reader {
    /// Looks at what the client may do, and notes when to look again.
    pub(super) async fn watch(&mut self) -> Result<(), Ended> {
        // First, so that no change is missed in between.
        self.alarm = alarm(&self.grant);
        if self.alarm.is_some() { self.review().await } else { Ok(()) }
    }

    async fn review(&mut self) -> Result<(), Ended> {
        if let Some(denied) = self.grant.rights().ended() {
            return Err(Ended::Denied(denied));
        }
        if self.grant.end().is_some_and(|end| remaining(end).is_zero()) {
            return Err(Ended::Expired);
        }
        self.review_documents().await
    }

    /// The client shows a newer token, without a new connection: what it may do is what that says from
    /// now on.
    pub(super) async fn renew(&mut self, token: &str) -> Result<(), Ended> {
        self.grant = (self.terms.authorize)(bearing(token)).await.map_err(Ended::Denied)?;
        self.watch().await
    }
}

/// The request that would open a connection with a token.
fn bearing(token: &str) -> Parts {
    let mut request = Request::get("/sync").body(()).map(|request| request.into_parts().0);
    if let (Ok(parts), Ok(mut value)) =
        (&mut request, HeaderValue::from_str(&format!("Bearer {token}")))
    {
        value.set_sensitive(true);
        parts.headers.insert(header::AUTHORIZATION, value);
    }
    request.unwrap_or_else(|error| unreachable!("{}", sentence(&error)))
}
