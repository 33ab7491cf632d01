//! The full check: a document is read, saved, read again and compared, in the background.
//!
//! Admission asks of each change what can be asked without building the document. What only building
//! it can show is looked for here, one document at a time on a blocking thread, and so seldom that it
//! costs at most a tenth of a processor. A document that does not pass is set aside.
//!
//! An honest document is never set aside, whatever happens meanwhile. What is checked is what the
//! store holds at one moment: the changes that one manifest counts, and what they begin with; changes
//! that are appended meanwhile are behind it, and a compaction that comes between the two reads shows
//! as a gap, over which they are begun anew ([`read_whole`](crate::compaction::read_whole)). The relay
//! compacts nothing while it checks. Bytes that the store calls damaged, or cannot read, say nothing
//! about the document. And a document is set aside only after a second check has failed too, on bytes
//! that were read afresh.
//!
//! Nor can a room miss it. The note is in the store before anybody looks for the room. A room that is
//! in the table by then is told, whether it serves or is just being opened; one that comes later finds
//! the note, because a room reads the store after it is in the table. What a room stores and
//! acknowledges between the note and being told is stored like everything else.

mod schedule;

pub use schedule::Pace;

use crate::compaction::{CompactError, check};
use crate::hub::{Hub, WeakHub};
use crate::room_task::RoomInput;
use crate::store::{SetAside, Store};
use schedule::Schedule;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use sync_protocol::{DocumentId, sentence};
use tokio::sync::watch;
use tracing::{debug, error, warn};

/// Where the relay says which documents may be due.
#[derive(Debug)]
pub struct FullChecks {
    schedule: Mutex<Schedule>,
    /// Something may be due that was not.
    due: watch::Sender<()>,
}

/// A room of a document, as far as checks go. The room ends when this is dropped.
#[derive(Debug)]
pub struct Watched {
    checks: Arc<FullChecks>,
    document: DocumentId,
    changes: usize,
}

impl FullChecks {
    /// Checks at this pace, once somebody [runs](run) them.
    pub fn new(pace: Pace) -> Self {
        Self { schedule: Mutex::new(Schedule::new(pace)), due: watch::channel(()).0 }
    }

    /// A room opens, of a document with so many changes.
    pub fn opened(self: &Arc<Self>, document: DocumentId, changes: usize) -> Watched {
        self.tell(|schedule| schedule.opened(document, changes));
        Watched { checks: self.clone(), document, changes }
    }

    /// A document with so many changes was compacted: that is a check too.
    pub fn compacted(&self, document: DocumentId, changes: usize) {
        self.tell(|schedule| schedule.passed(document, changes));
    }

    /// A document could not be compacted, and it may be the document's fault.
    pub fn suspect(&self, document: DocumentId) {
        self.tell(|schedule| schedule.suspect(document));
    }

    /// A document is in service again.
    pub fn put_back(&self, document: DocumentId) {
        self.tell(|schedule| schedule.put_back(document));
    }

    fn tell(&self, say: impl FnOnce(&mut Schedule)) {
        let mut schedule = self.schedule();
        say(&mut schedule);
        if schedule.poll_timeout().is_some() {
            self.due.send_replace(());
        }
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        // Every change to it is complete before the guard is dropped.
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    /// Changes were stored; now the document has so many.
    pub fn grew(&mut self, changes: usize) {
        self.changes = changes;
        self.checks.tell(|schedule| schedule.grew(self.document, changes));
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.checks.tell(|schedule| schedule.closed(self.document, self.changes));
    }
}

/// Checks what is due, until the hub is gone. Between checks it keeps nothing alive.
pub async fn run(hub: WeakHub) {
    let Some(mut due) = hub.upgrade().map(|hub| hub.checks().due.subscribe()) else {
        return;
    };
    loop {
        let Some(strong) = hub.upgrade() else { return };
        due.mark_unchanged();
        let next = strong.checks().schedule().next(strong.now());
        if let Some(document) = next {
            check_one(&strong, document).await;
            continue;
        }
        let wait = strong.checks().schedule().poll_timeout();
        let wait = wait.map(|at| at.saturating_sub(strong.now()));
        drop(strong);
        let rest = async {
            match wait {
                None => std::future::pending().await,
                Some(wait) => tokio::time::sleep(wait).await,
            }
        };
        tokio::select! {
            changed = due.changed(), if wait.is_none() => {
                if changed.is_err() {
                    return;
                }
            }
            () = rest => {}
        }
    }
}

/// What became of a check.
enum Verdict {
    /// It passed with so many changes.
    Passed(usize),
    /// It did not, twice.
    Failed(SetAside),
    /// Nothing was learned about the document.
    Unknown(String),
}

async fn check_one(hub: &Hub, document: DocumentId) {
    let turn = hub.committer().turn().await;
    let begun = Instant::now();
    let store = hub.store().clone();
    let checked = tokio::task::spawn_blocking(move || checked(&*store, document));
    let verdict = checked.await.unwrap_or_else(|error| Verdict::Unknown(error.to_string()));
    let took = begun.elapsed();
    drop(turn);
    let passed = match verdict {
        Verdict::Passed(changes) => {
            hub.metrics().full_checks.inc();
            debug!(%document, "checked {changes} changes in {took:?}");
            Some(changes)
        }
        Verdict::Failed(aside) => {
            hub.metrics().full_checks.inc();
            set_aside(hub, aside).await;
            None
        }
        Verdict::Unknown(reason) => {
            warn!(%document, "could not be checked: {reason}");
            None
        }
    };
    hub.checks().schedule().done(passed, took, hub.now());
}

fn checked(store: &dyn Store, document: DocumentId) -> Verdict {
    let reason = match twice(|| check(store, document)) {
        Ok(changes) => return Verdict::Passed(changes),
        Err(error) if error.is_the_document_s() => sentence(&error),
        Err(error) => return Verdict::Unknown(sentence(&error)),
    };
    match store.load(document) {
        Ok(stored) => {
            let changes = stored.unwrap_or_default().mark.changes;
            Verdict::Failed(SetAside { document, changes, reason })
        }
        Err(error) => Verdict::Unknown(sentence(&error)),
    }
}

/// Checks once more, from the beginning, what did not pass.
fn twice<T>(mut check: impl FnMut() -> Result<T, CompactError>) -> Result<T, CompactError> {
    check().or_else(|error| if error.is_the_document_s() { check() } else { Err(error) })
}

async fn set_aside(hub: &Hub, aside: SetAside) {
    let SetAside { document, changes, reason } = aside.clone();
    if hub.committer().set_aside(aside).await.is_err() {
        return; // the store has failed, and the relay ends
    }
    hub.metrics().documents_set_aside.inc();
    error!(
        %document,
        "is set aside with {changes} changes: {reason}. Nobody gets it and nobody may add to it; \
         what is stored stays. `sync-server recheck {document}` looks at it again"
    );
    hub.checks().schedule().set_aside(document);
    hub.tell(document, RoomInput::SetAside).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::committer::{Committer, Compacted};
    use crate::hub::{Checks, DocumentLimits};
    use crate::limits::Limits;
    use crate::store::{Append, IndexEntry, MemoryStore, StoredChange};
    use automerge::{ActorId, ChangeHash};
    use sync_protocol::PeerId;

    #[tokio::test]
    async fn what_cannot_be_compacted_is_checked_and_set_aside() {
        let store = Arc::new(MemoryStore::default());
        let document = DocumentId::from_bytes([1; 16]);
        let (hash, actor) = (ChangeHash([1; 32]), ActorId::from([1]));
        let entry = IndexEntry { hash, deps: vec![], actor, seq: 1, start_op: 1, operations: 1 };
        let changes = vec![StoredChange { entry, bytes: b"poison"[..].into() }];
        store.append(&[Append { document, changes, heads: vec![hash] }]).unwrap();
        let committer = Committer::start(store.clone(), 1);
        let own = PeerId::parse("relay").unwrap();
        let most = DocumentLimits::of(&Limits::default());
        let hub = Hub::new(
            own,
            store.clone(),
            committer,
            Checks { admits: true, pace: Pace::Usual, most },
        );
        tokio::spawn(run(hub.downgrade()));
        assert_eq!(hub.committer().compact(document).await, Compacted::Suspect);
        hub.checks().suspect(document);
        while store.aside(document).unwrap().is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(store.aside(document).unwrap().unwrap().changes, 1);
    }

    #[test]
    fn what_passes_when_it_is_read_afresh_has_passed() {
        for (outcomes, calls) in [
            (vec![Ok(1)], 1),
            (vec![Err(CompactError::Differs), Ok(2)], 2),
            (vec![Err(CompactError::Panic), Err(CompactError::Differs)], 2),
            (vec![Err(CompactError::TooLarge { bytes: 1 })], 1),
        ] {
            let last = format!("{:?}", outcomes.last().unwrap());
            let (mut outcomes, mut called) = (outcomes.into_iter(), 0);
            let outcome = twice(|| {
                called += 1;
                outcomes.next().unwrap()
            });
            assert_eq!((format!("{outcome:?}"), called), (last, calls));
        }
    }
}
