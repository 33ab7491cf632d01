//! What somebody who has connected may do, asked anew with every message.

use super::{People, now};
use crate::access::{Claim, Denied, Grant, Rights};
use crate::directory::{Digest, Directory, Label, Role, Seconds, Standing, UserId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use sync_protocol::{Access, DocumentId};
use tokio::sync::watch;

/// What somebody showed to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// They signed in.
    Session {
        /// Who.
        user: UserId,
        /// With which session.
        session: Digest,
    },
    /// An identity provider says who it is.
    Token {
        /// Who.
        user: UserId,
        /// When it said so.
        issued: Seconds,
        /// Until when that holds.
        until: Seconds,
    },
    /// The same, for some documents alone.
    Scoped(Arc<Scope>),
    /// They have a link to one document.
    Link(Digest),
}

/// What an identity provider says that somebody may do.
#[derive(Debug, PartialEq, Eq)]
pub struct Scope {
    /// Who.
    pub user: UserId,
    /// When it said so.
    pub issued: Seconds,
    /// Until when that holds.
    pub until: Seconds,
    /// What they may do with which documents.
    pub documents: BTreeMap<DocumentId, Role>,
}

impl Bearer {
    /// Whose account it is, if it is for all that the account may do.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Session { user, .. } | Self::Token { user, .. } => Some(*user),
            Self::Scoped(_) | Self::Link(_) => None,
        }
    }

    /// Whose it is, if anybody's.
    fn whose(&self) -> Option<UserId> {
        match self {
            Self::Session { user, .. } | Self::Token { user, .. } => Some(*user),
            Self::Scoped(scope) => Some(scope.user),
            Self::Link(_) => None,
        }
    }

    /// Why it holds no longer, if that is for another reason than time.
    pub fn ended(&self, people: &People) -> Option<Denied> {
        let takes = |directory: &Directory, user: UserId, issued: Seconds| {
            directory.user(user).is_some_and(|user| user.tokens_since <= issued)
        };
        let holds = people.read(|directory| match self {
            Self::Session { user, session } => {
                directory.user(*user).is_some() && directory.has_session(session)
            }
            Self::Token { user, issued, .. } => takes(directory, *user, *issued),
            Self::Scoped(scope) => takes(directory, scope.user, scope.issued),
            Self::Link(digest) => directory.link(digest, 0).is_some(),
        });
        (!holds).then(|| Denied::Unknown("you were signed out; sign in again".to_owned()))
    }

    /// What its bearer may do with a document now.
    pub fn role(&self, people: &People, document: DocumentId) -> Option<Role> {
        people.read(|directory| match self {
            Self::Session { user, .. } | Self::Token { user, .. } => {
                match directory.standing(*user, document) {
                    Standing::Member(role) => Some(role),
                    Standing::Nobody | Standing::Unknown => None,
                }
            }
            Self::Scoped(scope) => {
                let is_deleted = directory.is_deleted(document);
                scope.documents.get(&document).copied().filter(|_| !is_deleted)
            }
            Self::Link(digest) => {
                let (linked, link) = directory.link(digest, now())?;
                (linked == document).then_some(link.role)
            }
        })
    }

    fn end(&self, people: &People) -> Option<SystemTime> {
        let until = people.read(|directory| match self {
            Self::Session { session, .. } => {
                directory.session(session, 0).map_or(0, |session| session.until)
            }
            Self::Token { until, .. } => *until,
            Self::Scoped(scope) => scope.until,
            Self::Link(digest) => directory.link(digest, 0).map_or(0, |(_, link)| link.until),
        });
        UNIX_EPOCH.checked_add(Duration::from_secs(until))
    }
}

/// What they may do, as long as it is true.
pub fn guest(people: &People, bearer: Bearer) -> Grant {
    Grant::with(PersonalRights { people: people.clone(), bearer })
}

struct PersonalRights {
    people: People,
    bearer: Bearer,
}

impl Rights for PersonalRights {
    fn access(&self, document: DocumentId) -> Option<Access> {
        self.bearer.role(&self.people, document).map(|role| match role {
            Role::Reader => Access::ReadOnly,
            Role::Editor | Role::Owner => Access::ReadWrite,
        })
    }

    fn claim(&self, document: DocumentId) -> Option<Claim> {
        if self.people.read(|directory| directory.knows(document)) {
            return None;
        }
        let (user, people) = (self.bearer.user(), self.people.clone());
        let may_bring = user.is_some() || self.bearer.role(&people, document).is_some();
        may_bring.then(|| -> Claim {
            Box::pin(async move {
                let claimed = people.store(move |directory| match user {
                    Some(user) => directory.claim(user, document, Label::default(), now()),
                    // Known from now on, so that nobody else can claim it.
                    None => Ok(directory.adopt(&[document], now())),
                });
                claimed.await.map_err(|refused| refused.to_string())
            })
        })
    }

    fn others(&self, document: DocumentId) -> Option<Arc<BTreeSet<Vec<u8>>>> {
        let user = self.bearer.whose();
        let names = self.people.read(|directory| directory.other_names(user, document, now()));
        names.map(Arc::new)
    }

    fn user(&self) -> Option<u64> {
        self.bearer.whose().map(|user| user.0)
    }

    fn ended(&self) -> Option<Denied> {
        self.bearer.ended(&self.people)
    }

    fn end(&self) -> Option<SystemTime> {
        self.bearer.end(&self.people)
    }

    fn changes(&self) -> Option<watch::Receiver<()>> {
        Some(self.people.changes())
    }
}
