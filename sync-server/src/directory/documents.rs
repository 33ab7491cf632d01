//! Whose documents are whose.

use super::names::check_text;
use super::{Digest, Directory, Document, Import, Problem, Record, Role, Seconds, UserId};
use std::collections::{BTreeMap, BTreeSet};
use sync_protocol::DocumentId;

/// How many users a document has at most: its record must stay smaller than what the store keeps
/// together.
pub(super) const MEMBERS_MAX: usize = 500;

const TITLE_CHARACTERS_MAX: usize = 200;
const COLOUR_CHARACTERS_MAX: usize = 32;

/// What somebody is to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody knows the document.
    Unknown,
    /// It is deleted, or somebody else's: nobody but its members is told which.
    Nobody,
    /// They have to do with it.
    Member(Role),
}

/// How a document is called in lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// Its title; what it is if none.
    pub title: Option<String>,
    /// Its colour; what it is if none.
    pub colour: Option<String>,
}

/// A document in somebody's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Which.
    pub document: DocumentId,
    /// What they may do.
    pub role: Role,
    /// How it is called until it is open.
    pub title: String,
    /// As above.
    pub colour: String,
    /// Since when it is known.
    pub created: Seconds,
    /// How many people have to do with it.
    pub members: usize,
}

impl Directory {
    /// What a user is to a document.
    pub fn standing(&self, user: UserId, document: DocumentId) -> Standing {
        match self.documents.get(&document) {
            None => Standing::Unknown,
            Some(Document { deleted: Some(_), .. }) => Standing::Nobody,
            Some(document) => {
                document.members.get(&user).map_or(Standing::Nobody, |role| Standing::Member(*role))
            }
        }
    }

    /// The names of a document's members but one: in these they may not write. None if they may in
    /// anybody's, because they bring in what others wrote.
    pub fn other_names(
        &self,
        user: Option<UserId>,
        id: DocumentId,
        now: Seconds,
    ) -> Option<BTreeSet<Vec<u8>>> {
        let document = self.documents.get(&id)?;
        if document.import.is_some_and(|it| Some(it.by) == user && it.until > now) {
            return None;
        }
        let others = document.members.keys().filter(|member| Some(**member) != user);
        let name = |member| Some(self.users.get(member)?.name.clone().into_bytes());
        Some(others.filter_map(name).collect())
    }

    /// An owner brings in changes of other people until then.
    ///
    /// # Errors
    /// [`Problem`] if the user does not own the document.
    pub fn import(
        &self,
        user: UserId,
        id: DocumentId,
        until: Seconds,
    ) -> Result<Vec<Record>, Problem> {
        let document = self.changed(user, id, Role::Owner)?;
        let import = Some(Import { by: user, until });
        Ok(vec![Record::Document(id, Some(Document { import, ..document }))])
    }

    /// Whether it is known that there is, or was, such a document.
    pub fn knows(&self, document: DocumentId) -> bool {
        self.documents.contains_key(&document)
    }

    /// Whether a document was deleted.
    pub fn is_deleted(&self, document: DocumentId) -> bool {
        self.documents.get(&document).is_some_and(|document| document.deleted.is_some())
    }

    /// The documents of a user, the newest first.
    pub fn listings(&self, user: UserId) -> Vec<Listing> {
        let ids = self.documents_of.get(&user).into_iter().flatten();
        let listing = |id: &DocumentId| self.listing(user, *id).ok();
        let mut listings: Vec<Listing> = ids.filter_map(listing).collect();
        listings.sort_by_key(|listing| std::cmp::Reverse(listing.created));
        listings
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if it is not theirs to see.
    pub fn listing(&self, user: UserId, id: DocumentId) -> Result<Listing, Problem> {
        let (document, role) = self.of(user, id, Role::Reader)?;
        Ok(Listing {
            document: id,
            role,
            title: document.title.clone(),
            colour: document.colour.clone(),
            created: document.created,
            members: document.members.len(),
        })
    }

    /// The document, if the user may do so much with it.
    fn of(&self, user: UserId, id: DocumentId, least: Role) -> Result<(&Document, Role), Problem> {
        let Standing::Member(role) = self.standing(user, id) else {
            return Err(Problem::NotFound("document"));
        };
        let document = self.documents.get(&id).ok_or(Problem::NotFound("document"))?;
        if role < least {
            let words = match least {
                Role::Owner => "only an owner of the document may do that",
                _ => "you may see the document, and not change it",
            };
            return Err(Problem::Forbidden(words.to_owned()));
        }
        Ok((document, role))
    }

    /// The same, to change it.
    pub(super) fn changed(
        &self,
        user: UserId,
        id: DocumentId,
        least: Role,
    ) -> Result<Document, Problem> {
        self.of(user, id, least).map(|(document, _)| document.clone())
    }

    /// A document that nobody knows is the user's from now on.
    ///
    /// # Errors
    /// [`Problem::Conflict`] if somebody knows it; [`Problem::Limit`] if they have too many.
    pub fn claim(
        &self,
        user: UserId,
        id: DocumentId,
        label: Label,
        now: Seconds,
    ) -> Result<Vec<Record>, Problem> {
        if self.documents.contains_key(&id) {
            return Err(Problem::Conflict("there is a document with this id already".to_owned()));
        }
        self.users.get(&user).ok_or(Problem::NotSignedIn)?;
        let max = self.bounds.documents_per_user;
        if self.owned(user) >= max {
            let words =
                format!("you have {max} documents, which is as many as one may; delete one");
            return Err(Problem::Limit(words));
        }
        let members = BTreeMap::from([(user, Role::Owner)]);
        let document = Document { members, created: now, ..Document::default() };
        Ok(vec![Record::Document(id, Some(labelled(document, label)?))])
    }

    fn owned(&self, user: UserId) -> usize {
        let theirs = self.documents_of.get(&user).into_iter().flatten();
        theirs.filter(|id| self.standing(user, **id) == Standing::Member(Role::Owner)).count()
    }

    /// Documents that are stored and that nobody owns: they were there before anybody was known.
    /// Nobody but an administrator can give them to somebody.
    pub fn adopt(&self, stored: &[DocumentId], now: Seconds) -> Vec<Record> {
        let unknown = stored.iter().filter(|id| !self.documents.contains_key(id));
        let document = Document { created: now, ..Document::default() };
        unknown.map(|id| Record::Document(*id, Some(document.clone()))).collect()
    }

    /// An administrator of the machine gives a document to somebody, whoever owned it; one that was
    /// deleted is there again.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if nobody knows of it.
    pub fn give(&self, id: DocumentId, user: UserId) -> Result<Vec<Record>, Problem> {
        let document = self.documents.get(&id).ok_or(Problem::NotFound("document"))?;
        let mut document = Document { deleted: None, ..document.clone() };
        document.members.insert(user, Role::Owner);
        Ok(vec![Record::Document(id, Some(document))])
    }

    /// Gives a document another label.
    ///
    /// # Errors
    /// [`Problem`] says what is in the way.
    pub fn label(
        &self,
        user: UserId,
        id: DocumentId,
        label: Label,
    ) -> Result<Vec<Record>, Problem> {
        let document = self.changed(user, id, Role::Editor)?;
        Ok(vec![Record::Document(id, Some(labelled(document, label)?))])
    }

    /// Deletes a document, for everybody. Its id stays taken, so that no device that has a copy
    /// brings it back.
    ///
    /// # Errors
    /// [`Problem`] if the user does not own it.
    pub fn delete_document(
        &self,
        user: UserId,
        id: DocumentId,
        now: Seconds,
    ) -> Result<Vec<Record>, Problem> {
        let document = self.changed(user, id, Role::Owner)?;
        let links = BTreeMap::new();
        Ok(vec![Record::Document(id, Some(Document { links, deleted: Some(now), ..document }))])
    }

    /// Who has to do with a document, by name. Its readers see that too: they see each other.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if it is not theirs to see.
    pub fn members(&self, user: UserId, id: DocumentId) -> Result<Vec<(String, Role)>, Problem> {
        let (document, _) = self.of(user, id, Role::Reader)?;
        let named = |(id, role): (&UserId, &Role)| Some((self.users.get(id)?.name.clone(), *role));
        let mut members: Vec<_> = document.members.iter().filter_map(named).collect();
        members.sort();
        Ok(members)
    }

    /// Says what somebody may do.
    ///
    /// # Errors
    /// [`Problem`] if the user does not own the document, there is no such account, or no owner would
    /// be left.
    pub fn set_member(
        &self,
        user: UserId,
        id: DocumentId,
        name: &str,
        role: Role,
    ) -> Result<Vec<Record>, Problem> {
        let mut document = self.changed(user, id, Role::Owner)?;
        let member = self.named(name).ok_or(Problem::NotFound("account"))?;
        if document.members.len() >= MEMBERS_MAX && !document.members.contains_key(&member) {
            return Err(Problem::Limit(format!("a document has at most {MEMBERS_MAX} members")));
        }
        document.members.insert(member, role);
        keeps_owner(&document)?;
        Ok(vec![Record::Document(id, Some(document))])
    }

    /// Somebody has nothing to do with it any more: an owner says so, or they themselves.
    ///
    /// # Errors
    /// As of [`set_member`](Self::set_member).
    pub fn remove_member(
        &self,
        user: UserId,
        id: DocumentId,
        name: &str,
    ) -> Result<Vec<Record>, Problem> {
        let member = self.named(name).filter(|member| {
            self.documents.get(&id).is_some_and(|document| document.members.contains_key(member))
        });
        let least = if member == Some(user) { Role::Reader } else { Role::Owner };
        let mut document = self.changed(user, id, least)?;
        let member = member.ok_or(Problem::NotFound("member"))?;
        document.members.remove(&member);
        // What they gave to others must not outlast what they may.
        document.links.retain(|_, link| link.by != member);
        keeps_owner(&document)?;
        Ok(vec![Record::Document(id, Some(document))])
    }

    /// The link of a token, and for which document.
    pub fn link(&self, digest: &Digest, now: Seconds) -> Option<(DocumentId, &super::Link)> {
        let id = self.links.get(digest)?;
        let document = self.documents.get(id).filter(|document| document.deleted.is_none())?;
        document.links.get(digest).filter(|link| link.until > now).map(|link| (*id, link))
    }
}

fn keeps_owner(document: &Document) -> Result<(), Problem> {
    if document.members.values().any(|role| *role == Role::Owner) {
        return Ok(());
    }
    let words = "a document must have an owner: make somebody else one first, or delete it";
    Err(Problem::Conflict(words.to_owned()))
}

fn labelled(document: Document, label: Label) -> Result<Document, Problem> {
    let Label { title, colour } = label;
    let title = title.map(|title| check_text("a title", &title, TITLE_CHARACTERS_MAX));
    let colour = colour.map(|colour| check_text("a colour", &colour, COLOUR_CHARACTERS_MAX));
    Ok(Document {
        title: title.transpose()?.unwrap_or(document.title),
        colour: colour.transpose()?.unwrap_or(document.colour),
        ..document
    })
}
