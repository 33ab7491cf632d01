//! The directory at work: kept in the store, asked by everybody.

mod accounts;
mod attempts;
mod passwords;
mod rights;

pub use accounts::{SESSION_SECONDS, Try};
pub use passwords::{Passwords, hash as hash_password};
pub use rights::{Bearer, Scope, guest};

use crate::directory::{Bounds, Directory, Problem, Record, Seconds, Token, UserId};
use crate::store::{Store, StoreError};
use attempts::Attempts;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use sync_protocol::sentence;
use tokio::sync::watch;
use tracing::{error, warn};

/// How often what has expired is forgotten. It has no effect by then.
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);

/// Everybody's view of who is known and who may do what.
#[derive(Clone)]
pub struct People {
    shared: Arc<Shared>,
}

/// The same, which does not keep the store open.
#[derive(Clone)]
pub struct WeakPeople {
    shared: Weak<Shared>,
}

impl WeakPeople {
    /// The people, if the relay is still there.
    pub fn upgrade(&self) -> Option<People> {
        self.shared.upgrade().map(|shared| People { shared })
    }
}

struct Shared {
    store: Arc<dyn Store>,
    directory: RwLock<Directory>,
    /// Whoever holds it is the one who changes something.
    writer: Mutex<()>,
    passwords: Passwords,
    attempts: Mutex<Attempts>,
    /// The clock of the attempts counts from here.
    started: Instant,
    /// Something has changed: whoever has let somebody in looks again.
    changed: watch::Sender<()>,
}

/// Why something is not done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It may not be.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// It could not be stored.
    #[error("it could not be stored; try again later")]
    Store(#[source] StoreError),
    /// Too many others want the same at the moment.
    #[error("too many people sign in at the moment; try again in a few seconds")]
    Busy,
    /// It was tried too often.
    #[error("too many tries; wait a minute and try again")]
    TooOften,
    /// Whoever was about to do it failed.
    #[error("it could not be done; try again later")]
    Failed,
}

impl People {
    /// Reads the directory from the store. Documents that nobody knows are nobody's. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn open(store: Arc<dyn Store>, bounds: Bounds) -> Result<Self, StoreError> {
        let mut directory = Directory::new(bounds);
        for (key, value) in store.records()? {
            match Record::decode(&key, &value) {
                Some(record) => directory.put(record),
                // To go on without it would be to forget who may do what, and to let others take it.
                None => return Err(StoreError::NewerRecord),
            }
        }
        let (directory, changed) = (RwLock::new(directory), watch::channel(()).0);
        let (passwords, attempts) = (Passwords::default(), Mutex::default());
        let (writer, started) = (Mutex::new(()), Instant::now());
        let shared = Shared { store, directory, writer, passwords, attempts, started, changed };
        let people = Self { shared: Arc::new(shared) };
        match people.adopt()? {
            0 => {}
            count => warn!(
                "{count} documents belong to nobody, so nobody can open them; `sync-server give` gives one to somebody"
            ),
        }
        Ok(people)
    }

    /// What is stored and nobody knows is nobody's from now on, so that whoever guesses its id cannot
    /// claim it: how many documents that are. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read or written.
    pub fn adopt(&self) -> Result<usize, StoreError> {
        let stored = self.shared.store.documents()?;
        let adopted = self.change_blocking(|directory| {
            let records = directory.adopt(&stored, now());
            let count = records.len();
            Ok((records, count))
        });
        match adopted {
            Ok(count) => Ok(count),
            Err(Refused::Store(error)) => Err(error),
            Err(refused) => unreachable!("adopting is always allowed: {refused}"),
        }
    }

    /// For whoever must not keep the store open.
    pub fn downgrade(&self) -> WeakPeople {
        WeakPeople { shared: Arc::downgrade(&self.shared) }
    }

    /// Looks something up.
    pub fn read<T>(&self, look: impl FnOnce(&Directory) -> T) -> T {
        // Every change to it is complete before the guard is dropped.
        look(&self.shared.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes something: `plan` looks at what is there and says what to store. Returns once that is
    /// on the disk.
    ///
    /// # Errors
    /// [`Refused`] if the plan, or the store, does not allow it.
    pub async fn change<T: Send + 'static>(
        &self,
        plan: impl FnOnce(&Directory) -> Result<(Vec<Record>, T), Problem> + Send + 'static,
    ) -> Result<T, Refused> {
        let people = self.clone();
        let changed = tokio::task::spawn_blocking(move || people.change_blocking(plan));
        changed.await.unwrap_or(Err(Refused::Failed))
    }

    /// The same for a plan that says nothing but what to store.
    ///
    /// # Errors
    /// As above.
    pub async fn store(
        &self,
        plan: impl FnOnce(&Directory) -> Result<Vec<Record>, Problem> + Send + 'static,
    ) -> Result<(), Refused> {
        self.change(move |directory| Ok((plan(directory)?, ()))).await
    }

    /// The same, on a thread that may block.
    ///
    /// # Errors
    /// As above.
    pub fn store_blocking(
        &self,
        plan: impl FnOnce(&Directory) -> Result<Vec<Record>, Problem>,
    ) -> Result<(), Refused> {
        self.change_blocking(move |directory| Ok((plan(directory)?, ())))
    }

    /// [`change`](Self::change), on a thread that may block.
    ///
    /// # Errors
    /// As above.
    pub fn change_blocking<T>(
        &self,
        plan: impl FnOnce(&Directory) -> Result<(Vec<Record>, T), Problem>,
    ) -> Result<T, Refused> {
        let _alone = self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let (records, result) = self.read(plan)?;
        if records.is_empty() {
            return Ok(result);
        }
        let encoded: Vec<_> = records.iter().map(Record::encode).collect();
        self.shared.store.write_records(&encoded).map_err(|source| {
            error!("the directory was not stored: {}", sentence(&source));
            Refused::Store(source)
        })?;
        let mut directory = self.shared.directory.write().unwrap_or_else(PoisonError::into_inner);
        records.into_iter().for_each(|record| directory.put(record));
        drop(directory);
        self.shared.changed.send_replace(());
        Ok(result)
    }

    /// Hashes passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.shared.passwords
    }

    /// Whether somebody may try to sign in with a name now, from this address.
    pub fn may_try(&self, name: &str, address: Option<IpAddr>) -> bool {
        let mut attempts = self.shared.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.may_try(name, address, self.shared.started.elapsed())
    }

    /// Whether somebody may make an account now, from this address.
    pub fn may_sign_up(&self, address: Option<IpAddr>) -> bool {
        let mut attempts = self.shared.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.may_sign_up(address, self.shared.started.elapsed())
    }

    /// Whether somebody may change something now.
    pub fn may_change(&self, user: UserId) -> bool {
        let mut attempts = self.shared.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.may_change(user, self.shared.started.elapsed())
    }

    /// Forgets, now and then, what has expired; until nobody has these people any more.
    pub async fn sweep(people: WeakPeople) {
        loop {
            let Some(here) = people.upgrade() else {
                return;
            };
            // What could not be stored is swept the next time; it was logged.
            _ = here.store(|directory| Ok(directory.expired(now()))).await;
            drop(here);
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }

    /// Tells when something has changed.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.shared.changed.subscribe()
    }
}

/// The time, in seconds since 1970; a clock before that is set wrong.
pub fn now() -> Seconds {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// A token that nobody else has.
///
/// # Errors
/// [`Refused::Failed`] if the system has no random bytes.
pub fn draw_token() -> Result<Token, Refused> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| Refused::Failed)?;
    Ok(Token::of(bytes))
}

/// An id that nobody else has, unless one draws billions.
///
/// # Errors
/// As above.
pub fn draw_user_id() -> Result<UserId, Refused> {
    getrandom::u64().map(UserId).map_err(|_| Refused::Failed)
}
