//! The one thread that writes to the store.
//!
//! What several rooms want stored at one moment goes to the disk together: an `fsync` costs the
//! same for one change and for a thousand.

use crate::compaction::compaction_of;
use crate::metrics::Metrics;
use crate::store::{Append, Compaction, SetAside, SnapshotInfo, Store, StoreError};
use crate::switch::Switch;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use sync_protocol::{DocumentId, sentence};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, oneshot, watch};
use tracing::{debug, warn};

/// How many rooms may wait for the store before others wait to ask.
const WAITING_MAX: usize = 1024;

/// How often the space that is left is looked at.
const SPACE_EVERY: Duration = Duration::from_secs(1);

/// Where rooms hand in what must be stored.
#[derive(Clone)]
pub struct Committer {
    store: Arc<dyn Store>,
    jobs: mpsc::Sender<Job>,
    failure: watch::Receiver<Option<String>>,
    is_low: Arc<Switch>,
    compact_bytes_min: usize,
    compacting: Arc<Compacting>,
    metrics: Arc<Metrics>,
}

#[derive(Debug)]
enum Job {
    Append { append: Append, done: oneshot::Sender<()> },
    Compact { compaction: Compaction, done: oneshot::Sender<bool> },
    SetAside { aside: SetAside, done: oneshot::Sender<()> },
}

/// What became of a compaction.
#[derive(Debug, PartialEq, Eq)]
pub enum Compacted {
    /// There is a new snapshot.
    Stored(SnapshotInfo),
    /// There is none: it is not worth it, or cannot be had, which was logged.
    Nothing,
    /// The same, and it may be the document's fault.
    Suspect,
}

/// Compactions take memory and a processor, so there is one at a time.
#[derive(Debug)]
struct Compacting {
    turn: Semaphore,
    /// Documents that could not be compacted, and how many changes they had.
    failed: Mutex<BTreeMap<DocumentId, usize>>,
}

/// The store has failed, now or before: nothing may be acknowledged any more.
#[derive(Debug, thiserror::Error)]
#[error("the relay cannot store changes at the moment; yours are safe where you are")]
pub struct StoreFailed;

impl Committer {
    /// Starts the thread. It ends when every `Committer` is dropped or the store fails.
    ///
    /// A snapshot of a document is made after `compact_bytes_min` bytes of changes, at least.
    pub fn start(store: Arc<dyn Store>, compact_bytes_min: usize) -> Self {
        let metrics = Arc::new(Metrics::default());
        let (jobs, incoming) = mpsc::channel(WAITING_MAX);
        let (failed, failure) = watch::channel(None);
        let is_low: Arc<Switch> = Arc::default();
        let low = is_low.clone();
        let (writing, watched) = (store.clone(), Arc::downgrade(&store));
        let (counting, watching) = (metrics.clone(), metrics.clone());
        std::thread::spawn(move || {
            if let Err(error) = write(&*writing, incoming, &counting) {
                counting.store_failures.inc();
                _ = failed.send(Some(sentence(&error)));
            }
            // Before `failed`, which says that the store is let go of.
            drop(writing);
        });
        std::thread::spawn(move || watch_space(&watched, &low, &watching));
        let turn = Semaphore::new(1);
        let compacting = Arc::new(Compacting { turn, failed: Mutex::default() });
        Self { store, jobs, failure, is_low, compact_bytes_min, compacting, metrics }
    }

    /// Stores something; returns when it is on the disk.
    ///
    /// # Errors
    /// [`StoreFailed`]: it may or may not be on the disk, and nobody may be told that it is.
    pub async fn append(&self, append: Append) -> Result<(), StoreFailed> {
        let (done, stored) = oneshot::channel();
        self.jobs.send(Job::Append { append, done }).await.map_err(|_| StoreFailed)?;
        stored.await.map_err(|_| StoreFailed)
    }

    /// Waits until it is one's turn to do with a whole document what a compaction does.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes it.
        self.compacting.turn.acquire().await.ok()
    }

    /// Notes that a document is set aside; returns when that is on the disk.
    ///
    /// # Errors
    /// [`StoreFailed`]: it may or may not be on the disk, and the relay ends.
    pub async fn set_aside(&self, aside: SetAside) -> Result<(), StoreFailed> {
        let (done, noted) = oneshot::channel();
        self.jobs.send(Job::SetAside { aside, done }).await.map_err(|_| StoreFailed)?;
        noted.await.map_err(|_| StoreFailed)
    }

    /// Replaces the beginning of a document's log by a snapshot.
    pub async fn compact(&self, document: DocumentId) -> Compacted {
        let _turn = self.turn().await;
        let (store, compacting) = (self.store.clone(), self.compacting.clone());
        let metrics = self.metrics.clone();
        let made =
            tokio::task::spawn_blocking(move || compacting.compaction(&*store, document, &metrics));
        let stored = match made.await {
            Ok(Ok(Some(compaction))) => self.store_snapshot(compaction).await,
            Ok(Err(Suspect)) => return Compacted::Suspect,
            Ok(Ok(None)) | Err(_) => None,
        };
        stored.map_or(Compacted::Nothing, Compacted::Stored)
    }

    async fn store_snapshot(&self, compaction: Compaction) -> Option<SnapshotInfo> {
        let document = compaction.document;
        let (changes, bytes) = (compaction.mark.changes, compaction.snapshot.len());
        let (done, stored) = oneshot::channel();
        self.jobs.send(Job::Compact { compaction, done }).await.ok()?;
        stored.await.ok()?.then_some(())?;
        self.metrics.compactions.inc();
        debug!(%document, "compacted {changes} changes to {bytes} bytes");
        Some(SnapshotInfo { changes, bytes })
    }

    /// How many bytes of changes are worth a snapshot, at least.
    pub fn compact_bytes_min(&self) -> usize {
        self.compact_bytes_min
    }

    /// What is counted.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Whether the store has failed.
    pub fn has_failed(&self) -> bool {
        self.failure.borrow().is_some()
    }

    /// Whether the disk is so full that nothing more may be stored.
    pub fn is_low(&self) -> &Switch {
        &self.is_low
    }

    /// Waits, without holding anything, until the thread has ended: then no room is left, and the
    /// store is let go of.
    pub fn ended(&self) -> impl Future<Output = ()> + use<> {
        let mut failure = self.failure.clone();
        async move { while failure.changed().await.is_ok() {} }
    }

    /// Waits until the store fails; says how.
    pub async fn failed(&self) -> String {
        let mut failure = self.failure.clone();
        let failed = failure.wait_for(Option::is_some).await;
        let unexplained = || "the thread that writes to the store has stopped".to_owned();
        failed.ok().and_then(|failure| failure.clone()).unwrap_or_else(unexplained)
    }
}

/// It may be the document's fault that it cannot be compacted.
struct Suspect;

impl Compacting {
    fn compaction(
        &self,
        store: &dyn Store,
        document: DocumentId,
        metrics: &Metrics,
    ) -> Result<Option<Compaction>, Suspect> {
        let failed = || self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = || Some(store.load(document).ok()??.mark.changes);
        let before = failed().get(&document).copied();
        // What could not be read will not be read better, unless there is much more of it.
        if before.is_some_and(|before| changes() < Some(before.saturating_mul(2))) {
            return Ok(None);
        }
        compaction_of(store, document).or_else(|error| {
            metrics.compaction_failures.inc();
            warn!(%document, "stays uncompacted: {}", sentence(&error));
            changes().into_iter().for_each(|changes| _ = failed().insert(document, changes));
            if error.is_the_document_s() { Err(Suspect) } else { Ok(None) }
        })
    }
}

/// Stores what comes, until nobody is left who could send more.
fn write(
    store: &dyn Store,
    mut incoming: mpsc::Receiver<Job>,
    metrics: &Metrics,
) -> Result<(), StoreError> {
    let mut batch: Vec<Job> = Vec::new();
    while incoming.blocking_recv_many(&mut batch, WAITING_MAX) > 0 {
        let (mut appends, mut waiting) = (Vec::new(), Vec::new());
        let (mut compactions, mut asides) = (Vec::new(), Vec::new());
        for job in batch.drain(..) {
            match job {
                Job::Append { append, done } => {
                    appends.push(append);
                    waiting.push(done);
                }
                Job::Compact { compaction, done } => compactions.push((compaction, done)),
                Job::SetAside { aside, done } => asides.push((aside, done)),
            }
        }
        if !appends.is_empty() {
            // What waits is answered by dropping it, should this fail.
            let begun = Instant::now();
            store.append(&appends)?;
            let changes = appends.iter().map(|append| append.changes.len()).sum();
            metrics.committed(changes, begun.elapsed());
            waiting.into_iter().for_each(|done| _ = done.send(()));
        }
        for (compaction, done) in compactions {
            _ = done.send(store.compact(&compaction)?);
        }
        for (aside, done) in asides {
            store.set_aside(&aside)?;
            _ = done.send(());
        }
    }
    Ok(())
}

/// Until nobody else has the store.
fn watch_space(store: &Weak<dyn Store>, low: &Switch, metrics: &Metrics) {
    while let Some(store) = store.upgrade() {
        let was_low = low.is_on();
        let is_low = store.is_low_on_space(was_low);
        metrics.read_only.set(i64::from(is_low));
        if is_low != was_low {
            match is_low {
                true => warn!("the disk is almost full: the relay takes no changes"),
                false => warn!("there is room on the disk again: the relay takes changes"),
            }
            low.turn(is_low);
        }
        drop(store);
        std::thread::sleep(SPACE_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        Beginning, IndexEntry, MemoryStore, RecordWrite, Records, StoredChange, StoredDocument,
    };
    use automerge::{ActorId, ChangeHash};
    use sync_protocol::StorageId;

    /// Fails from the second call on.
    struct Failing(MemoryStore);

    impl Store for Failing {
        fn id(&self) -> &StorageId {
            self.0.id()
        }
        fn is_durable(&self) -> bool {
            true
        }
        fn append(&self, appends: &[Append]) -> Result<(), StoreError> {
            if self.0.documents()?.is_empty() {
                return self.0.append(appends);
            }
            let (path, source) = ("data".into(), std::io::Error::other("no space left"));
            Err(StoreError::Failed { path, source: source.into() })
        }
        fn compact(&self, compaction: &Compaction) -> Result<bool, StoreError> {
            self.0.compact(compaction)
        }
        fn beginning(&self, document: DocumentId) -> Result<Beginning, StoreError> {
            self.0.beginning(document)
        }
        fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError> {
            self.0.load(document)
        }
        fn set_aside(&self, aside: &SetAside) -> Result<(), StoreError> {
            self.0.set_aside(aside)
        }
        fn put_back(&self, document: DocumentId) -> Result<(), StoreError> {
            self.0.put_back(document)
        }
        fn aside(&self, document: DocumentId) -> Result<Option<SetAside>, StoreError> {
            self.0.aside(document)
        }
        fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
            self.0.documents()
        }
        fn records(&self) -> Result<Records, StoreError> {
            self.0.records()
        }
        fn write_records(&self, records: &[RecordWrite]) -> Result<(), StoreError> {
            self.0.write_records(records)
        }
    }

    fn append(number: u8) -> Append {
        let document = DocumentId::from_bytes([number; 16]);
        Append { document, changes: vec![], heads: vec![] }
    }

    #[tokio::test]
    async fn a_document_that_cannot_be_compacted_stays_as_it_is_until_it_has_twice_the_changes() {
        let store = Arc::new(MemoryStore::default());
        let committer = Committer::start(store.clone(), 1);
        let document = DocumentId::from_bytes([1; 16]);
        let poison = |number: u8| {
            let (hash, actor) = (ChangeHash([number; 32]), ActorId::from([1]));
            let (deps, seq) = (vec![], u64::from(number));
            let entry = IndexEntry { hash, deps, actor, seq, start_op: 1, operations: 1 };
            let changes = vec![StoredChange { entry, bytes: b"poison"[..].into() }];
            Append { document, changes, heads: vec![hash] }
        };
        committer.append(poison(1)).await.unwrap();
        let before = store.load(document).unwrap();
        assert_eq!(committer.compact(document).await, Compacted::Suspect);
        assert_eq!(store.load(document).unwrap(), before);
        let failed = || committer.compacting.failed.lock().unwrap().get(&document).copied();
        assert_eq!(failed(), Some(1));
        committer.append(poison(2)).await.unwrap();
        committer.append(poison(3)).await.unwrap();
        assert_eq!(committer.compact(document).await, Compacted::Suspect);
        assert_eq!(failed(), Some(3), "it was tried again");
        committer.append(poison(4)).await.unwrap();
        assert_eq!(committer.compact(document).await, Compacted::Nothing);
        assert_eq!(failed(), Some(3), "it was not");
    }

    #[tokio::test]
    async fn after_a_failure_nothing_is_acknowledged() {
        let committer = Committer::start(Arc::new(Failing(MemoryStore::default())), usize::MAX);
        committer.append(append(1)).await.unwrap();
        assert!(committer.append(append(2)).await.is_err());
        assert!(committer.append(append(3)).await.is_err());
        assert!(committer.failed().await.contains("no space left"));
    }
}
