//! Links: whoever has one may open the document, until it ends or is taken back.

use super::{Digest, Directory, Link, Problem, Record, Role, Seconds, UserId};
use sync_protocol::DocumentId;

/// How many a document has at most.
const LINKS_MAX: usize = 100;

/// A link that somebody makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewLink {
    /// What the token hashes to.
    pub digest: Digest,
    /// What it allows.
    pub role: Role,
    /// Until when.
    pub until: Seconds,
}

/// A link, as the owners of its document see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// What names it.
    pub id: String,
    /// What it allows.
    pub role: Role,
    /// Until when.
    pub until: Seconds,
    /// Who made it.
    pub by: String,
}

impl Directory {
    /// Makes a link.
    ///
    /// # Errors
    /// [`Problem`] if the user does not own the document, or what the link should allow is more than a
    /// link may.
    pub fn add_link(
        &self,
        user: UserId,
        id: DocumentId,
        NewLink { digest, role, until }: NewLink,
        now: Seconds,
    ) -> Result<Vec<Record>, Problem> {
        let mut document = self.changed(user, id, Role::Owner)?;
        if role == Role::Owner {
            let words = "a link makes readers and editors; make a person an owner by name";
            return Err(Problem::Invalid(words.to_owned()));
        }
        if until <= now {
            return Err(Problem::Invalid("a link ends in the future".to_owned()));
        }
        document.links.retain(|_, link| link.until > now);
        if document.links.len() >= LINKS_MAX {
            let words = format!("a document has at most {LINKS_MAX} links; take one back");
            return Err(Problem::Limit(words));
        }
        document.links.insert(digest, Link { role, until, by: user });
        Ok(vec![Record::Document(id, Some(document))])
    }

    /// The links of a document that hold.
    ///
    /// # Errors
    /// [`Problem`] if the user does not own it.
    pub fn links(
        &self,
        user: UserId,
        id: DocumentId,
        now: Seconds,
    ) -> Result<Vec<LinkRow>, Problem> {
        let document = self.changed(user, id, Role::Owner)?;
        let holds = document.links.iter().filter(|(_, link)| link.until > now);
        let row = |(digest, link): (&Digest, &Link)| LinkRow {
            id: digest.id(),
            role: link.role,
            until: link.until,
            by: self.user(link.by).map(|user| user.name.clone()).unwrap_or_default(),
        };
        Ok(holds.map(row).collect())
    }

    /// Takes a link back.
    ///
    /// # Errors
    /// [`Problem`] if the user does not own the document, or there is no such link.
    pub fn remove_link(
        &self,
        user: UserId,
        id: DocumentId,
        link: &str,
    ) -> Result<Vec<Record>, Problem> {
        let mut document = self.changed(user, id, Role::Owner)?;
        let before = document.links.len();
        document.links.retain(|digest, _| digest.id() != link);
        if document.links.len() == before {
            return Err(Problem::NotFound("link"));
        }
        Ok(vec![Record::Document(id, Some(document))])
    }

    /// Somebody who has a link is a member from now on, with what it allows, or more if they were
    /// allowed more before; the link taken back later leaves them that.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if the link does not hold.
    pub fn accept_link(
        &self,
        user: UserId,
        digest: &Digest,
        now: Seconds,
    ) -> Result<(DocumentId, Vec<Record>), Problem> {
        let none = Problem::NotFound("link; it may have been taken back, or have expired");
        let (id, link) = self.link(digest, now).ok_or(none)?;
        self.user(user).ok_or(Problem::NotSignedIn)?;
        let mut document = self.documents.get(&id).ok_or(Problem::NotFound("document"))?.clone();
        if document.members.get(&user).is_some_and(|role| *role >= link.role) {
            return Ok((id, Vec::new()));
        }
        if document.members.len() >= super::documents::MEMBERS_MAX {
            return Err(Problem::Limit("the document has as many members as one may".to_owned()));
        }
        document.members.insert(user, link.role);
        Ok((id, vec![Record::Document(id, Some(document))]))
    }
}
