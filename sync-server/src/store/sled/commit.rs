//! One commit after the other, each on the disk before it counts.

use super::journal::{Entry, Journal};
use super::writes::Writes;
use super::{Disk, SledStore};
use crate::store::StoreError;
use crate::store::record::{seal, unseal};
use crate::store::witness::Witness;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};
use sync_protocol::sentence;
use tracing::{info, warn};

/// Beside the documents, so that it changes in the same batch. Shorter than any of their keys.
const COMMITS_KEY: &[u8] = b"commits";

/// What readers may see of a commit while it is handed to sled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Its writes one after the other.
    InOrder,
    /// All or nothing. Before and after such a batch sled has what is in memory written, and somebody
    /// woken who does it.
    AtOnce,
}

/// Whoever holds the lock on this is the one committer.
#[derive(Debug)]
pub(super) struct Committer {
    /// The file that sled writes to, for `fsync`.
    log: File,
    /// The number of the last commit.
    commits: u64,
    /// The number of the last commit that sled's file has.
    in_file: u64,
    journal: Journal,
    witness: Witness,
    /// Once something failed, nobody knows how much of a commit is where: opening the store anew
    /// finds out.
    has_failed: bool,
}

/// What the files beside sled's say of earlier commits.
#[derive(Debug)]
pub(super) struct Earlier {
    /// How many there were, at least.
    seen: u64,
    /// What the last ones wrote.
    journal: Vec<Entry>,
}

impl Committer {
    pub(super) fn open(directory: &Path, disk: Disk) -> io::Result<(Self, Earlier)> {
        let log = File::open(directory.join("db"))?;
        let (witness, seen) = Witness::open(directory)?;
        let (journal, entries) = Journal::open(directory, disk)?;
        let committer = Self { log, commits: 0, in_file: 0, journal, witness, has_failed: false };
        Ok((committer, Earlier { seen, journal: entries }))
    }
}

impl Earlier {
    /// How many there were, as far as these files know.
    pub(super) fn commits(&self) -> u64 {
        self.journal.last().map_or(0, |entry| entry.commit).max(self.seen)
    }
}

impl SledStore {
    /// Makes the database what was last committed.
    ///
    /// # Errors
    /// [`StoreError::DamagedDatabase`] if that cannot be had: sled takes damage for the end of its
    /// log.
    pub(super) fn recover(&self, earlier: Earlier) -> Result<(), StoreError> {
        let mut committer = self.committer();
        committer.commits = self.known_commits()?;
        let mut recovered = 0;
        for Entry { commit, writes } in earlier.journal {
            if commit <= committer.commits {
                continue;
            }
            if commit > committer.commits + 1 {
                return Err(self.lost_commits(committer.commits, commit - 1));
            }
            self.apply(writes, Seen::AtOnce)?;
            committer.commits = commit;
            recovered += 1;
        }
        if committer.commits < earlier.seen {
            return Err(self.lost_commits(committer.commits, earlier.seen));
        }
        if recovered > 0 {
            info!("recovered {recovered} commits from the journal in {}", self.path.display());
        }
        // Also without anything to recover: what sled has read need not be on the disk, if the
        // relay was killed, and the journal will be written over.
        self.checkpoint(&mut committer)
    }

    pub(super) fn committer(&self) -> MutexGuard<'_, Committer> {
        // Whatever a commit that panicked has left behind, `has_failed` says so.
        self.committer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes everything in one and returns when it is on the disk.
    pub(super) fn commit(
        &self,
        committer: &mut Committer,
        mut writes: Writes,
        seen: Seen,
    ) -> Result<(), StoreError> {
        if std::mem::replace(&mut committer.has_failed, true) {
            return Err(self.failed(io::Error::other("an earlier commit failed").into()));
        }
        let commit = committer.commits + 1;
        // Last, so that sled knows of this commit only if it has the rest of it.
        writes.insert(COMMITS_KEY.to_vec(), seal(COMMITS_KEY, &commit.to_be_bytes()));
        if !committer.journal.has_room_for(writes.bytes()) {
            self.checkpoint(committer)?;
        }
        if committer.journal.has_room_for(writes.bytes()) {
            let written = committer.journal.write(commit, &writes);
            written.map_err(|error| self.failed(error.into()))?;
            self.apply(writes, seen)?;
            committer.commits = commit;
        } else {
            self.apply(writes, Seen::AtOnce)?;
            committer.commits = commit;
            self.checkpoint(committer)?;
        }
        committer.witness.saw(commit).map_err(|error| self.failed(error.into()))?;
        committer.has_failed = false;
        Ok(())
    }

    /// Has sled write everything to its file, waits until that is on the disk, and starts the journal
    /// over.
    pub(super) fn checkpoint(&self, committer: &mut Committer) -> Result<(), StoreError> {
        // sled asks the kernel to start writing and does not wait for the disk.
        self.database.flush().map_err(|error| self.failed(error))?;
        let waited = self.disk.wait_for("db", &committer.log);
        waited.map_err(|error| self.failed(error.into()))?;
        committer.journal.clear();
        committer.in_file = committer.commits;
        Ok(())
    }

    /// Has sled's file synced and starts the journal over, as happens by itself before the journal is
    /// full.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; everything committed is still in the journal.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.checkpoint(&mut self.committer())
    }

    /// The numbers of the commits that are on the disk in the journal and not yet in sled's file.
    pub fn in_journal(&self) -> Range<u64> {
        let committer = self.committer();
        committer.in_file + 1..committer.commits + 1
    }

    fn apply(&self, writes: Writes, seen: Seen) -> Result<(), StoreError> {
        let applied = match seen {
            Seen::AtOnce => self.documents.apply_batch(writes.into_batch()),
            Seen::InOrder => writes.into_iter().try_for_each(|(key, value)| {
                match value {
                    Some(value) => self.documents.insert(key, value),
                    None => self.documents.remove(key),
                }
                .map(drop)
            }),
        };
        applied.map_err(|error| self.failed(error))
    }

    fn known_commits(&self) -> Result<u64, StoreError> {
        let stored = self.documents.get(COMMITS_KEY).map_err(|error| self.failed(error))?;
        let Some(stored) = stored else {
            return Ok(0);
        };
        let count = unseal(COMMITS_KEY, &stored).and_then(|count| count.try_into().ok());
        count
            .map(u64::from_be_bytes)
            .ok_or_else(|| self.damaged_database("the number of commits cannot be read".to_owned()))
    }

    pub(super) fn lost_commits(&self, known: u64, made: u64) -> StoreError {
        self.damaged_database(format!("it knows {known} commits and {made} were made"))
    }
}

impl Drop for SledStore {
    /// Leaves the journal empty, so that the database is whole by itself.
    fn drop(&mut self) {
        let mut committer = self.committer();
        if committer.journal.is_empty() || committer.has_failed {
            return;
        }
        if let Err(error) = self.checkpoint(&mut committer) {
            warn!("everything is stored, but only in the journal: {}", sentence(&error));
        }
    }
}
