//! The directory: who is known, and who may do what with which document.
//!
//! It decides without a clock, randomness, a disk or a socket: commands are given the time and fresh
//! random bytes, look at what is there, and return the [records](Record) that would change. Whoever
//! asked stores these first and then [puts](Directory::put) them, so what is in memory was on the
//! disk before.
//!
//! All of it is in memory, a few hundred bytes for each user, session and document, because every
//! message of every connection is asked about here.

mod documents;
mod links;
mod names;
mod problem;
mod record;
mod sessions;
mod token;
mod users;

pub use documents::{Label, Listing, Standing};
pub use links::{LinkRow, NewLink};
pub use names::{PASSWORD_BYTES_MAX, UserName, check_password};
pub use problem::Problem;
pub use record::{Document, Import, Invitation, Link, Record, Role, Session, User};
pub use sessions::SessionRow;
pub use token::{Digest, Token};
pub use users::{Heir, UserRow};

use std::collections::{BTreeMap, BTreeSet};
use sync_protocol::DocumentId;

/// Seconds since 1970.
pub type Seconds = u64;

/// Whose account it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct UserId(pub u64);

/// How much there may be of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Documents that one user owns.
    pub documents_per_user: usize,
}

/// Users, their sessions, and their documents.
#[derive(Debug)]
pub struct Directory {
    bounds: Bounds,
    users: BTreeMap<UserId, User>,
    /// By the name that people say.
    names: BTreeMap<String, UserId>,
    /// Names of accounts that are deleted, and since when. What was written under such a name stays that
    /// person's, so nobody else gets it.
    retired: BTreeMap<String, Seconds>,
    /// By what an identity provider calls them.
    subjects: BTreeMap<String, UserId>,
    sessions: BTreeMap<Digest, Session>,
    sessions_of: BTreeMap<UserId, BTreeSet<Digest>>,
    invitations: BTreeMap<Digest, Invitation>,
    documents: BTreeMap<DocumentId, Document>,
    documents_of: BTreeMap<UserId, BTreeSet<DocumentId>>,
    links: BTreeMap<Digest, DocumentId>,
}

impl Directory {
    /// One in which nobody is known.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            users: BTreeMap::new(),
            names: BTreeMap::new(),
            retired: BTreeMap::new(),
            subjects: BTreeMap::new(),
            sessions: BTreeMap::new(),
            sessions_of: BTreeMap::new(),
            invitations: BTreeMap::new(),
            documents: BTreeMap::new(),
            documents_of: BTreeMap::new(),
            links: BTreeMap::new(),
        }
    }

    /// Takes what was stored.
    pub fn put(&mut self, record: Record) {
        match record {
            Record::User(id, user) => self.put_user(id, user),
            Record::Session(digest, session) => self.put_session(digest, session),
            Record::Invitation(digest, invitation) => {
                replace(&mut self.invitations, digest, invitation);
            }
            Record::Document(id, document) => self.put_document(id, document),
            Record::Retired(name, since) => replace(&mut self.retired, name, since),
        }
    }

    fn put_user(&mut self, id: UserId, user: Option<User>) {
        if let Some(before) = self.users.remove(&id) {
            self.names.remove(&before.name);
            before.subject.map(|subject| self.subjects.remove(&subject));
        }
        if let Some(user) = user {
            self.names.insert(user.name.clone(), id);
            user.subject.iter().for_each(|subject| _ = self.subjects.insert(subject.clone(), id));
            self.users.insert(id, user);
        }
    }

    fn put_session(&mut self, digest: Digest, session: Option<Session>) {
        if let Some(before) = self.sessions.remove(&digest) {
            remove_from(&mut self.sessions_of, before.user, &digest);
        }
        if let Some(session) = session {
            self.sessions_of.entry(session.user).or_default().insert(digest);
            self.sessions.insert(digest, session);
        }
    }

    fn put_document(&mut self, id: DocumentId, document: Option<Document>) {
        if let Some(before) = self.documents.remove(&id) {
            before.members.keys().for_each(|user| remove_from(&mut self.documents_of, *user, &id));
            before.links.keys().for_each(|link| _ = self.links.remove(link));
        }
        if let Some(document) = document {
            for user in document.members.keys() {
                self.documents_of.entry(*user).or_default().insert(id);
            }
            document.links.keys().for_each(|link| _ = self.links.insert(*link, id));
            self.documents.insert(id, document);
        }
    }
}

fn replace<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => _ = map.insert(key, value),
        None => _ = map.remove(&key),
    }
}

fn remove_from<K: Ord, V: Ord>(map: &mut BTreeMap<K, BTreeSet<V>>, key: K, value: &V) {
    if let Some(values) = map.get_mut(&key) {
        values.remove(value);
        if values.is_empty() {
            map.remove(&key);
        }
    }
}
