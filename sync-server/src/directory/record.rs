//! What is stored of the directory: a key for each thing, and JSON.

use super::{Digest, Seconds, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use sync_protocol::DocumentId;

/// What somebody may do with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// See it, and be seen.
    Reader,
    /// Change it too.
    Editor,
    /// Say who may, and delete it too.
    Owner,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// What others call them.
    pub name: String,
    /// What their password hashes to, as a PHC string; none if they cannot sign in with one.
    pub password: Option<String>,
    /// What the identity provider calls them, if they come from one.
    pub subject: Option<String>,
    /// Whether they look after the accounts.
    pub is_admin: bool,
    /// Since when there is the account.
    pub created: Seconds,
    /// Tokens that were issued before are not taken any more.
    pub tokens_since: Seconds,
}

/// Somebody has signed in on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who.
    pub user: UserId,
    /// When.
    pub created: Seconds,
    /// Until when it holds.
    pub until: Seconds,
    /// What the device calls itself.
    pub device: String,
}

/// Somebody may make an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Who says so; none for whoever runs the relay.
    pub by: Option<UserId>,
    /// Until when.
    pub until: Seconds,
    /// Whose password it sets instead, if it is for an account that is there.
    pub resets: Option<UserId>,
}

/// Whoever has it may open a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// As what.
    pub role: Role,
    /// Until when.
    pub until: Seconds,
    /// Who made it.
    pub by: UserId,
}

/// What the relay knows of a document without looking into it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Document {
    /// Who may do what.
    pub members: BTreeMap<UserId, Role>,
    /// Whoever has one of these may open it too.
    pub links: BTreeMap<Digest, Link>,
    /// What it is called in lists until it is open. Clients set it.
    pub title: String,
    /// As above.
    pub colour: String,
    /// Since when it is known.
    pub created: Seconds,
    /// When it was deleted. It stays, so that it cannot come back.
    pub deleted: Option<Seconds>,
    /// Who brings in what others wrote, if somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Import>,
}

/// An owner brings in changes of other people, from a copy or another relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Who.
    pub by: UserId,
    /// Until when.
    pub until: Seconds,
}

/// One thing, as it is from now on; none if it is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An account.
    User(UserId, Option<User>),
    /// A session.
    Session(Digest, Option<Session>),
    /// An invitation.
    Invitation(Digest, Option<Invitation>),
    /// A document.
    Document(DocumentId, Option<Document>),
    /// A name that somebody signed in with whose account is deleted, and when that was.
    Retired(String, Option<Seconds>),
}

impl Record {
    /// How it is stored: a key, and what it has from now on.
    pub fn encode(&self) -> (Vec<u8>, Option<Vec<u8>>) {
        match self {
            Self::User(id, user) => (key(b'u', &id.0.to_be_bytes()), json(user)),
            Self::Session(digest, session) => (key(b's', &digest.0), json(session)),
            Self::Invitation(digest, invitation) => (key(b'i', &digest.0), json(invitation)),
            Self::Document(id, document) => (key(b'd', id.as_bytes()), json(document)),
            Self::Retired(name, since) => (key(b'n', name.as_bytes()), json(since)),
        }
    }

    /// What was stored; none if it cannot be read.
    pub fn decode(key: &[u8], value: &[u8]) -> Option<Self> {
        let (kind, id) = key.split_first()?;
        Some(match kind {
            b'u' => {
                let id = UserId(u64::from_be_bytes(id.try_into().ok()?));
                Self::User(id, Some(serde_json::from_slice(value).ok()?))
            }
            b's' => Self::Session(digest(id)?, Some(serde_json::from_slice(value).ok()?)),
            b'i' => Self::Invitation(digest(id)?, Some(serde_json::from_slice(value).ok()?)),
            b'd' => {
                let id = DocumentId::from_bytes(id.try_into().ok()?);
                Self::Document(id, Some(serde_json::from_slice(value).ok()?))
            }
            b'n' => {
                let name = String::from_utf8(id.to_vec()).ok()?;
                Self::Retired(name, Some(serde_json::from_slice(value).ok()?))
            }
            _ => return None,
        })
    }
}

fn key(kind: u8, id: &[u8]) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend_from_slice(id);
    key
}

fn json<T: Serialize>(value: &Option<T>) -> Option<Vec<u8>> {
    let json = |value| serde_json::to_vec(value).expect("strings, numbers and maps of them");
    value.as_ref().map(json)
}

fn digest(id: &[u8]) -> Option<Digest> {
    Some(Digest(id.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_comes_back_as_it_was_stored() {
        let (user, digest) = (UserId(7), Digest([9; 32]));
        let link = Link { role: Role::Reader, until: 12, by: user };
        let document = Document {
            members: BTreeMap::from([(user, Role::Owner), (UserId(u64::MAX), Role::Editor)]),
            links: BTreeMap::from([(digest, link)]),
            title: "Résumé \"x\"".into(),
            ..Document::default()
        };
        let account = User {
            name: "ana".into(),
            password: Some("$argon2id$…".into()),
            subject: None,
            is_admin: true,
            created: 1,
            tokens_since: 2,
        };
        let session = Session { user, created: 1, until: 2, device: "a browser".into() };
        let invitation = Invitation { by: None, until: 3, resets: Some(user) };
        for record in [
            Record::User(user, Some(account)),
            Record::Session(digest, Some(session)),
            Record::Invitation(digest, Some(invitation)),
            Record::Document(DocumentId::from_bytes([3; 16]), Some(document)),
            Record::Retired("élan".into(), Some(5)),
        ] {
            let (key, value) = record.encode();
            assert_eq!(Record::decode(&key, &value.unwrap()), Some(record));
        }
        assert_eq!(Record::decode(b"x", b"{}"), None);
        assert_eq!(Record::decode(b"", b""), None);
        assert_eq!(Record::decode(b"u\0", b"{}"), None);
        assert_eq!(Record::decode(b"n\xff", b"1"), None);
    }
}
