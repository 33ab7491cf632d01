//! Accounts: how they come, change and go.

use super::{
    Digest, Directory, Document, Invitation, Problem, Record, Role, Seconds, User, UserId, UserName,
};
use sync_protocol::DocumentId;

/// Whom documents go to whose only owner leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heir {
    /// Nobody: then such documents are in the way, if others use them.
    Nobody,
    /// This user.
    User(UserId),
}

impl Heir {
    /// Whom a name means, if one is said, when `leaving` leaves.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if that is nobody else.
    pub fn named(
        directory: &Directory,
        name: Option<&str>,
        leaving: UserId,
    ) -> Result<Self, Problem> {
        let Some(name) = name else {
            return Ok(Self::Nobody);
        };
        let heir = directory.named(name).filter(|heir| *heir != leaving);
        heir.map(Self::User).ok_or(Problem::NotFound("account to be the heir"))
    }
}

/// An account, as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Its name.
    pub name: String,
    /// Whether it looks after the others.
    pub is_admin: bool,
    /// Since when there is it.
    pub created: Seconds,
    /// How many documents it has to do with.
    pub documents: usize,
    /// On how many devices it is signed in.
    pub sessions: usize,
}

impl Directory {
    /// The account.
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id)
    }

    /// Whose account has this name.
    pub fn named(&self, name: &str) -> Option<UserId> {
        self.names
            .get(name.trim().to_ascii_lowercase().as_str())
            .or_else(|| self.names.get(name))
            .copied()
    }

    /// Whose account the identity provider means.
    pub fn subject(&self, subject: &str) -> Option<UserId> {
        self.subjects.get(subject).copied()
    }

    /// All accounts, by name.
    pub fn users(&self) -> Vec<UserRow> {
        let row = |(name, id): (&String, &UserId)| {
            let user = self.users.get(id)?;
            Some(UserRow {
                name: name.clone(),
                is_admin: user.is_admin,
                created: user.created,
                documents: self.documents_of.get(id).map_or(0, |documents| documents.len()),
                sessions: self.sessions_of.get(id).map_or(0, |sessions| sessions.len()),
            })
        };
        self.names.iter().filter_map(row).collect()
    }

    /// Makes an account. `id` is fresh and random.
    ///
    /// # Errors
    /// [`Problem::Conflict`] if the name is taken.
    pub fn add_user(
        &self,
        id: UserId,
        name: &UserName,
        password: String,
        is_admin: bool,
        now: Seconds,
    ) -> Result<Vec<Record>, Problem> {
        let name = name.as_str();
        if self.is_had(name) {
            let words = format!("there is, or was, an account named {name}; choose another name");
            return Err(Problem::Conflict(words));
        }
        self.fresh(id)?;
        let (name, password) = (name.to_owned(), Some(password));
        let user = User { name, password, subject: None, is_admin, created: now, tokens_since: 0 };
        Ok(vec![Record::User(id, Some(user))])
    }

    /// Makes the account of somebody whom the identity provider knows; nothing if there is one.
    ///
    /// # Errors
    /// [`Problem::Conflict`] if somebody who signs in here has this name.
    pub fn add_subject(
        &self,
        id: UserId,
        subject: &str,
        now: Seconds,
    ) -> Result<Vec<Record>, Problem> {
        if self.subjects.contains_key(subject) {
            return Ok(Vec::new());
        }
        if self.is_had(subject) {
            let words =
                format!("there is, or was, an account named {subject} that is nobody's subject");
            return Err(Problem::Conflict(words));
        }
        self.fresh(id)?;
        let user = User {
            name: subject.to_owned(),
            password: None,
            subject: Some(subject.to_owned()),
            is_admin: false,
            created: now,
            tokens_since: 0,
        };
        Ok(vec![Record::User(id, Some(user))])
    }

    /// Whether somebody has this name, or had it.
    fn is_had(&self, name: &str) -> bool {
        self.names.contains_key(name) || self.retired.contains_key(name)
    }

    fn fresh(&self, id: UserId) -> Result<(), Problem> {
        let is_taken = self.users.contains_key(&id);
        let words = || "that could not be done; try again".to_owned();
        if is_taken { Err(Problem::Conflict(words())) } else { Ok(()) }
    }

    /// Gives an account another password, and signs it out everywhere but in `kept`.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if there is none.
    pub fn set_password(
        &self,
        id: UserId,
        password: String,
        kept: Option<Digest>,
    ) -> Result<Vec<Record>, Problem> {
        let user = self.users.get(&id).ok_or(Problem::NotFound("account"))?;
        let user = User { password: Some(password), ..user.clone() };
        let mut records = self.end_sessions(id, kept);
        records.push(Record::User(id, Some(user)));
        // Whoever could set the password by an invitation no longer can.
        let resets = |(_, invitation): &(&Digest, &Invitation)| invitation.resets == Some(id);
        let resets = self.invitations.iter().filter(resets);
        records.extend(resets.map(|(digest, _)| Record::Invitation(*digest, None)));
        Ok(records)
    }

    /// Signs an account out everywhere: tokens of an identity provider too that were issued before.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if there is none.
    pub fn sign_out_everywhere(&self, id: UserId, now: Seconds) -> Result<Vec<Record>, Problem> {
        let user = self.users.get(&id).ok_or(Problem::NotFound("account"))?;
        let mut records = self.end_sessions(id, None);
        records.push(Record::User(id, Some(User { tokens_since: now + 1, ..user.clone() })));
        Ok(records)
    }

    /// Whether an account looks after the others.
    ///
    /// # Errors
    /// [`Problem::NotFound`]; [`Problem::Conflict`] if nobody would be left who does.
    pub fn set_admin(&self, id: UserId, is_admin: bool) -> Result<Vec<Record>, Problem> {
        let user = self.users.get(&id).ok_or(Problem::NotFound("account"))?;
        if !is_admin {
            self.other_admin(id)?;
        }
        Ok(vec![Record::User(id, Some(User { is_admin, ..user.clone() }))])
    }

    fn other_admin(&self, id: UserId) -> Result<(), Problem> {
        let is_last = self.users.get(&id).is_some_and(|user| user.is_admin)
            && !self.users.iter().any(|(other, user)| *other != id && user.is_admin);
        let words = || "there must be another administrator first".to_owned();
        if is_last { Err(Problem::Conflict(words())) } else { Ok(()) }
    }

    /// Deletes an account with its sessions. It leaves all documents; those that nobody else uses are
    /// deleted, and those whose only owner it is go to the heir. Its name is nobody's from then on,
    /// unless it is an identity provider's, whose it stays.
    ///
    /// # Errors
    /// [`Problem::Conflict`] if it is the last administrator while there are other accounts, or if
    /// others use documents that nobody would own.
    pub fn delete_user(
        &self,
        id: UserId,
        heir: Heir,
        now: Seconds,
    ) -> Result<Vec<Record>, Problem> {
        let user = self.users.get(&id).ok_or(Problem::NotFound("account"))?;
        if self.users.len() > 1 {
            self.other_admin(id)?;
        }
        let mut records = self.end_sessions(id, None);
        if user.subject.is_none() {
            records.push(Record::Retired(user.name.clone(), Some(now)));
        }
        let mut orphans = 0;
        for document_id in self.documents_of.get(&id).into_iter().flatten() {
            match self.without(*document_id, id, heir, now) {
                Some(document) => records.push(Record::Document(*document_id, Some(document))),
                None => orphans += 1,
            }
        }
        if orphans > 0 {
            return Err(Problem::Conflict(format!(
                "others use {orphans} documents that only this account owns: give them another owner, or delete them first"
            )));
        }
        let made =
            |invitation: &Invitation| invitation.by == Some(id) || invitation.resets == Some(id);
        let made = self.invitations.iter().filter(|(_, invitation)| made(invitation));
        records.extend(made.map(|(digest, _)| Record::Invitation(*digest, None)));
        records.push(Record::User(id, None));
        Ok(records)
    }

    /// A document without one of its members; none if others would be left without an owner.
    fn without(
        &self,
        document: DocumentId,
        leaving: UserId,
        heir: Heir,
        now: Seconds,
    ) -> Option<Document> {
        let mut document = self.documents.get(&document)?.clone();
        document.members.remove(&leaving);
        document.links.retain(|_, link| link.by != leaving);
        if document.deleted.is_some() {
            return Some(document);
        }
        let is_owned = document.members.values().any(|role| *role == Role::Owner);
        match heir {
            _ if is_owned => {}
            Heir::User(heir) => _ = document.members.insert(heir, Role::Owner),
            Heir::Nobody if document.members.is_empty() => document.deleted = Some(now),
            Heir::Nobody => return None,
        }
        Some(document)
    }

    /// Lets somebody make an account, or set the password of one that is there.
    pub fn invite(&self, digest: Digest, invitation: Invitation) -> Vec<Record> {
        vec![Record::Invitation(digest, Some(invitation))]
    }

    /// What an invitation is for.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if there is none, or no longer.
    pub fn invitation(&self, digest: &Digest, now: Seconds) -> Result<&Invitation, Problem> {
        let found = self.invitations.get(digest).filter(|invitation| invitation.until > now);
        found.ok_or(Problem::NotFound("invitation; it may have been used, or have expired"))
    }

    /// The invitations that hold, each with what names it and until when.
    pub fn invitations(&self, now: Seconds) -> Vec<(String, Invitation)> {
        let holds = self.invitations.iter().filter(|(_, invitation)| invitation.until > now);
        holds.map(|(digest, invitation)| (digest.id(), invitation.clone())).collect()
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if there is none of this name.
    pub fn uninvite(&self, id: &str) -> Result<Vec<Record>, Problem> {
        let found = self.invitations.keys().find(|digest| digest.id() == id);
        let digest = found.ok_or(Problem::NotFound("invitation"))?;
        Ok(vec![Record::Invitation(*digest, None)])
    }

    /// What nobody needs any more: sessions, invitations and links that have ended.
    pub fn expired(&self, now: Seconds) -> Vec<Record> {
        let sessions = self.sessions.iter().filter(|(_, session)| session.until <= now);
        let sessions = sessions.map(|(digest, _)| Record::Session(*digest, None));
        let invitations = self.invitations.iter().filter(|(_, it)| it.until <= now);
        let invitations = invitations.map(|(digest, _)| Record::Invitation(*digest, None));
        let ended = |document: &Document| {
            document.links.values().any(|link| link.until <= now)
                || document.import.is_some_and(|import| import.until <= now)
        };
        let documents = self.documents.iter().filter(|(_, document)| ended(document));
        let documents = documents.map(|(id, document)| {
            let mut document = document.clone();
            document.links.retain(|_, link| link.until > now);
            document.import = document.import.filter(|import| import.until > now);
            Record::Document(*id, Some(document))
        });
        sessions.chain(invitations).chain(documents).collect()
    }
}
