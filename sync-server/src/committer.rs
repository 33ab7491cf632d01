//! The one thread that writes to the store.
//!
//! What several rooms want stored at one moment goes to the disk together: an `fsync` costs the
//! same for one change and for a thousand.

use crate::store::{Append, Store};
use std::sync::Arc;
use sync_protocol::sentence;
use tokio::sync::{mpsc, oneshot, watch};

/// How many rooms may wait for the store before others wait to ask.
const WAITING_MAX: usize = 1024;

/// Where rooms hand in what must be stored.
#[derive(Debug, Clone)]
pub struct Committer {
    jobs: mpsc::Sender<Job>,
    failure: watch::Receiver<Option<String>>,
}

#[derive(Debug)]
struct Job {
    append: Append,
    done: oneshot::Sender<()>,
}

/// The store has failed, now or before: nothing may be acknowledged any more.
#[derive(Debug, thiserror::Error)]
#[error("the relay cannot store changes at the moment; yours are safe where you are")]
pub struct StoreFailed;

impl Committer {
    /// Starts the thread. It ends when every `Committer` is dropped or the store fails.
    pub fn start(store: Arc<dyn Store>) -> Self {
        let (jobs, mut incoming) = mpsc::channel(WAITING_MAX);
        let (failed, failure) = watch::channel(None);
        std::thread::spawn(move || {
            let mut batch: Vec<Job> = Vec::new();
            while incoming.blocking_recv_many(&mut batch, WAITING_MAX) > 0 {
                let (appends, done): (Vec<_>, Vec<_>) =
                    batch.drain(..).map(|job| (job.append, job.done)).unzip();
                if let Err(error) = store.append(&appends) {
                    // What waits is answered by dropping it.
                    _ = failed.send(Some(sentence(&error)));
                    return;
                }
                done.into_iter().for_each(|done| _ = done.send(()));
            }
        });
        Self { jobs, failure }
    }

    /// Stores something; returns when it is on the disk.
    ///
    /// # Errors
    /// [`StoreFailed`]: it may or may not be on the disk, and nobody may be told that it is.
    pub async fn append(&self, append: Append) -> Result<(), StoreFailed> {
        let (done, stored) = oneshot::channel();
        self.jobs.send(Job { append, done }).await.map_err(|_| StoreFailed)?;
        stored.await.map_err(|_| StoreFailed)
    }

    /// Waits until the store fails; says how.
    pub async fn failed(&self) -> String {
        let mut failure = self.failure.clone();
        let failed = failure.wait_for(Option::is_some).await;
        let unexplained = || "the thread that writes to the store has stopped".to_owned();
        failed.ok().and_then(|failure| failure.clone()).unwrap_or_else(unexplained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, StoreError, StoredDocument};
    use sync_protocol::{DocumentId, StorageId};

    /// Fails from the second call on.
    struct Failing(MemoryStore);

    impl Store for Failing {
        fn id(&self) -> &StorageId {
            self.0.id()
        }
        fn append(&self, appends: &[Append]) -> Result<(), StoreError> {
            if self.0.documents()?.is_empty() {
                return self.0.append(appends);
            }
            let (path, source) = ("data".into(), std::io::Error::other("no space left"));
            Err(StoreError::Failed { path, source: source.into() })
        }
        fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError> {
            self.0.load(document)
        }
        fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
            self.0.documents()
        }
    }

    fn append(number: u8) -> Append {
        let document = DocumentId::from_bytes([number; 16]);
        Append { document, chunks: vec![[number][..].into()], heads: vec![] }
    }

    #[tokio::test]
    async fn after_a_failure_nothing_is_acknowledged() {
        let committer = Committer::start(Arc::new(Failing(MemoryStore::default())));
        committer.append(append(1)).await.unwrap();
        assert!(committer.append(append(2)).await.is_err());
        assert!(committer.append(append(3)).await.is_err());
        assert!(committer.failed().await.contains("no space left"));
    }
}
