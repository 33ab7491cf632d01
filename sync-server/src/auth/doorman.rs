//! Finds out who sends a request.

use super::bearer::{Found, Place, find};
use super::jwt::{Shown, Verifier};
use crate::access::{Authorize, Denied};
use crate::directory::{Token, UserId};
use crate::people::{Bearer, People, Refused, Scope, draw_user_id, guest, now};
use axum::http::request::Parts;
use std::sync::Arc;

/// Knows whoever the directory or an identity provider knows.
pub struct Doorman {
    people: People,
    /// Of the identity provider's tokens, if there is one.
    verifier: Option<Verifier>,
}

/// Who sends a request, and how they showed it.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Who.
    pub bearer: Bearer,
    /// Whether only their browser did so: then another page may have made it send the request.
    pub by_cookie: bool,
}

impl Doorman {
    /// One for these people.
    pub fn new(people: People, verifier: Option<Verifier>) -> Self {
        Self { people, verifier }
    }

    /// Decides about WebSockets.
    pub fn authorize(self: Arc<Self>) -> Authorize {
        Arc::new(move |request: Parts| {
            let doorman = self.clone();
            Box::pin(async move {
                let visitor = doorman.identify(&request).await?;
                Ok(guest(&doorman.people, visitor.bearer))
            })
        })
    }

    /// Who sends a request.
    ///
    /// # Errors
    /// [`Denied::Unknown`] if nobody knows.
    pub async fn identify(&self, request: &Parts) -> Result<Visitor, Denied> {
        let found = find(request)?;
        let by_cookie = found.place == Place::Cookie;
        let bearer = match (Token::parse(found.token), &self.verifier) {
            (Some(token), _) => self.own(&token, found.place)?,
            (None, Some(verifier)) => self.foreign(verifier, found).await?,
            (None, None) => return Err(unknown("your token is not valid here")),
        };
        Ok(Visitor { bearer, by_cookie })
    }

    /// The bearer of a token that the relay gave out.
    fn own(&self, token: &Token, place: Place) -> Result<Bearer, Denied> {
        let digest = token.digest();
        let (session, link) = self.people.read(|directory| {
            let session = directory.session(&digest, now()).map(|session| session.user);
            (session, directory.link(&digest, now()).is_some())
        });
        match session {
            Some(_) if place == Place::Address => {
                Err(unknown("what signs you in must not stand in an address; use a link"))
            }
            Some(user) => Ok(Bearer::Session { user, session: digest }),
            None if link => Ok(Bearer::Link(digest)),
            None => Err(unknown("you were signed out, or your link was taken back")),
        }
    }

    /// The bearer of an identity provider's token, who has an account from now on.
    async fn foreign(&self, verifier: &Verifier, found: Found<'_>) -> Result<Bearer, Denied> {
        // Signatures take less than a millisecond, and a file of keys is small.
        let Shown { subject, issued, until, documents } = verifier.read(found.token)?;
        if documents.is_none() && found.place == Place::Address {
            return Err(unknown("a token in the address must say for which documents it is"));
        }
        let user = self.account(subject).await.map_err(|refused| unknown(&refused.to_string()))?;
        let bearer = match documents {
            None => Bearer::Token { user, issued, until },
            Some(documents) => Bearer::Scoped(Arc::new(Scope { user, issued, until, documents })),
        };
        if let Some(denied) = bearer.ended(&self.people) {
            return Err(denied);
        }
        Ok(bearer)
    }

    async fn account(&self, subject: String) -> Result<UserId, Refused> {
        if let Some(user) = self.people.read(|directory| directory.subject(&subject)) {
            return Ok(user);
        }
        let id = draw_user_id()?;
        let added = subject.clone();
        self.people.store(move |directory| directory.add_subject(id, &added, now())).await?;
        // Another connection may have been first.
        self.people.read(|directory| directory.subject(&subject)).ok_or(Refused::Failed)
    }
}

fn unknown(words: &str) -> Denied {
    Denied::Unknown(words.to_owned())
}
