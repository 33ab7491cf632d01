//! Who is signed in, and until when.

use super::{Digest, Directory, Problem, Record, Seconds, Session, UserId};

/// On how many devices one account is signed in at most; the oldest is signed out for another.
const SESSIONS_MAX: usize = 32;
/// Characters that are kept of what a device calls itself.
const DEVICE_CHARACTERS_MAX: usize = 120;

/// A session, as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// What names it.
    pub id: String,
    /// What the device calls itself.
    pub device: String,
    /// Since when.
    pub created: Seconds,
    /// Until when.
    pub until: Seconds,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

impl Directory {
    /// The session of a token, while it holds.
    pub fn session(&self, digest: &Digest, now: Seconds) -> Option<&Session> {
        self.sessions.get(digest).filter(|session| session.until > now)
    }

    /// Whether there is the session at all.
    pub fn has_session(&self, digest: &Digest) -> bool {
        self.sessions.contains_key(digest)
    }

    /// The sessions of an account, the newest first.
    pub fn sessions(&self, user: UserId, this: Option<Digest>, now: Seconds) -> Vec<SessionRow> {
        let digests = self.sessions_of.get(&user).into_iter().flatten();
        let row = |digest: &Digest| {
            let session = self.session(digest, now)?;
            Some(SessionRow {
                id: digest.id(),
                device: session.device.clone(),
                created: session.created,
                until: session.until,
                is_this: Some(*digest) == this,
            })
        };
        let mut rows: Vec<SessionRow> = digests.filter_map(row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.created, row.until)));
        rows
    }

    /// Somebody has signed in, whose password was checked against `password`.
    ///
    /// # Errors
    /// [`Problem::WrongPassword`] if it was changed meanwhile, or the account deleted.
    pub fn sign_in(
        &self,
        digest: Digest,
        user: UserId,
        password: Option<&str>,
        device: &str,
        (now, until): (Seconds, Seconds),
    ) -> Result<Vec<Record>, Problem> {
        let account = self.users.get(&user).ok_or(Problem::WrongPassword)?;
        if password.is_some() && account.password.as_deref() != password {
            return Err(Problem::WrongPassword);
        }
        let device = device.chars().filter(|c| !c.is_control()).take(DEVICE_CHARACTERS_MAX);
        let session = Session { user, created: now, until, device: device.collect() };
        let mut records = vec![Record::Session(digest, Some(session))];
        let theirs = self.sessions_of.get(&user).into_iter().flatten();
        let mut theirs: Vec<(Seconds, Digest)> = theirs
            .filter_map(|digest| Some((self.sessions.get(digest)?.created, *digest)))
            .collect();
        theirs.sort_unstable();
        let ended = (theirs.len() + 1).saturating_sub(SESSIONS_MAX);
        records.extend(theirs.iter().take(ended).map(|(_, digest)| Record::Session(*digest, None)));
        Ok(records)
    }

    /// The session holds until then.
    ///
    /// # Errors
    /// [`Problem::NotSignedIn`] if it has ended.
    pub fn renew(
        &self,
        digest: Digest,
        now: Seconds,
        until: Seconds,
    ) -> Result<Vec<Record>, Problem> {
        let session = self.session(&digest, now).ok_or(Problem::NotSignedIn)?;
        Ok(vec![Record::Session(digest, Some(Session { until, ..session.clone() }))])
    }

    /// Ends a session of an account.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if it has none of this name.
    pub fn sign_out(&self, user: UserId, id: &str) -> Result<Vec<Record>, Problem> {
        let mut theirs = self.sessions_of.get(&user).into_iter().flatten();
        let found = theirs.find(|digest| digest.id() == id).ok_or(Problem::NotFound("session"))?;
        Ok(vec![Record::Session(*found, None)])
    }

    pub(super) fn end_sessions(&self, user: UserId, kept: Option<Digest>) -> Vec<Record> {
        let theirs = self.sessions_of.get(&user).into_iter().flatten();
        let ended = theirs.filter(|digest| Some(**digest) != kept);
        ended.map(|digest| Record::Session(*digest, None)).collect()
    }
}
