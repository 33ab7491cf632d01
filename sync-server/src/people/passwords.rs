//! Passwords, hashed with Argon2id as OWASP recommends: 19 MiB, two passes.

use super::Refused;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// How many are hashed at a time: each takes a processor for some 20 ms, and 19 MiB.
const AT_A_TIME: usize = 2;
/// How many more may wait.
const WAITING_MAX: usize = 64;

/// Hashes passwords, and compares them, a few at a time.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let turns = Arc::new(Semaphore::new(AT_A_TIME));
        Self { turns, places: Arc::new(Semaphore::new(AT_A_TIME + WAITING_MAX)) }
    }
}

impl Passwords {
    /// What a password hashes to, as a PHC string.
    ///
    /// # Errors
    /// [`Refused::Busy`] if too many others wait.
    pub async fn hash(&self, password: String) -> Result<String, Refused> {
        self.in_turn(move || hash(&password)).await?
    }

    /// Whether this is the password. Without a hash it takes as long, and the answer is no.
    ///
    /// # Errors
    /// As above.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Refused> {
        self.in_turn(move || verify(&password, hash.as_deref())).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| Refused::Busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Refused::Failed)?;
        let done = tokio::task::spawn_blocking(move || {
            let _kept = (place, turn);
            work()
        });
        done.await.map_err(|_| Refused::Failed)
    }
}

/// What a password hashes to, on a thread that may block.
///
/// # Errors
/// [`Refused::Failed`] if the system has no random bytes.
pub fn hash(password: &str) -> Result<String, Refused> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| Refused::Failed)?;
    let hashed = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hashed.map(|hash| hash.to_string()).map_err(|_| Refused::Failed)
}

fn verify(password: &str, stored: Option<&str>) -> bool {
    static NOBODY: OnceLock<Option<String>> = OnceLock::new();
    let nobody = || NOBODY.get_or_init(|| hash("nobody has this password").ok()).as_deref();
    let Some(Ok(hash)) = stored.or_else(nobody).map(PasswordHash::new) else {
        return false;
    };
    let matches = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    matches && stored.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_and_nothing_else_is() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("nobody has this password".into(), None).await.unwrap());
        assert!(!passwords.verify("x".into(), Some("no hash".into())).await.unwrap());
    }

    #[tokio::test]
    async fn who_comes_when_too_many_wait_is_told_so() {
        let passwords = Passwords::default();
        let hashed = (0..AT_A_TIME + WAITING_MAX + 1).map(|_| passwords.verify("x".into(), None));
        let hashed = futures_util::future::join_all(hashed).await;
        assert_eq!(hashed.iter().filter(|one| matches!(one, Err(Refused::Busy))).count(), 1);
    }
}
