//! Accounts of the relay's own: signing up, in and out.

use super::{People, Refused, draw_token, draw_user_id, now};
use crate::directory::{
    Digest, Problem, Seconds, Session, Token, UserId, UserName, check_password,
};
use std::net::IpAddr;

/// How long somebody stays signed in without coming back: 30 days.
pub const SESSION_SECONDS: Seconds = 30 * 24 * 60 * 60;
/// Those who come back stay signed in as long again, once a day.
const RENEW_SECONDS: Seconds = 24 * 60 * 60;

/// A try to sign in.
#[derive(Debug)]
pub struct Try {
    /// With which name.
    pub name: String,
    /// With which password.
    pub password: String,
    /// From where, if that is known.
    pub address: Option<IpAddr>,
    /// What the device calls itself.
    pub device: String,
}

impl People {
    /// Makes an account, for whoever has an invitation if there must be one.
    ///
    /// # Errors
    /// [`Refused`] says what is in the way.
    pub async fn sign_up(
        &self,
        name: &str,
        password: String,
        invitation: Option<Token>,
        by_invitation: bool,
    ) -> Result<UserId, Refused> {
        let name = UserName::parse(name)?;
        check_password(&password, name.as_str())?;
        let invitation = invitation.map(|token| token.digest());
        let may = move |directory: &crate::directory::Directory| match &invitation {
            Some(digest) => directory.invitation(digest, now()).and_then(|invitation| {
                let none = Problem::NotFound("invitation to make an account");
                if invitation.resets.is_none() { Ok(()) } else { Err(none) }
            }),
            None if by_invitation => {
                let words = "accounts are made by invitation here; ask an administrator for one";
                Err(Problem::Forbidden(words.to_owned()))
            }
            None => Ok(()),
        };
        // Before a password is hashed for nothing.
        self.read(may)?;
        let hash = self.passwords().hash(password).await?;
        let id = draw_user_id()?;
        self.change(move |directory| {
            may(directory)?;
            let mut records = directory.add_user(id, &name, hash, false, now())?;
            records.extend(invitation.map(|used| crate::directory::Record::Invitation(used, None)));
            Ok((records, id))
        })
        .await
    }

    /// Signs somebody in: the token of their session.
    ///
    /// # Errors
    /// [`Refused`] says what is in the way; not whether name or password are wrong.
    pub async fn sign_in(&self, attempt: Try) -> Result<Token, Refused> {
        let Try { name, password, address, device } = attempt;
        if password.len() > crate::directory::PASSWORD_BYTES_MAX || name.len() > 256 {
            return Err(Problem::WrongPassword.into());
        }
        let name = name.trim().to_ascii_lowercase();
        if !self.may_try(&name, address) {
            return Err(Refused::TooOften);
        }
        let found = self.read(|directory| {
            let user = directory.named(&name)?;
            Some((user, directory.user(user)?.password.clone()?))
        });
        let hash = found.as_ref().map(|(_, hash)| hash.clone());
        let is_right = self.passwords().verify(password, hash).await?;
        let Some((user, hash)) = found.filter(|_| is_right) else {
            return Err(Problem::WrongPassword.into());
        };
        let token = draw_token()?;
        let digest = token.digest();
        let times = (now(), now() + SESSION_SECONDS);
        self.store(move |directory| directory.sign_in(digest, user, Some(&hash), &device, times))
            .await?;
        Ok(token)
    }

    /// Whether a password is that of an account; counts as a try to sign in.
    ///
    /// # Errors
    /// [`Problem::WrongPassword`], or [`Refused::TooOften`].
    pub async fn confirm(
        &self,
        user: UserId,
        password: String,
        address: Option<IpAddr>,
    ) -> Result<(), Refused> {
        let found = self.read(|directory| directory.user(user).cloned());
        let found = found.ok_or(Problem::NotSignedIn)?;
        if !self.may_try(&found.name, address) {
            return Err(Refused::TooOften);
        }
        let is_right = self.passwords().verify(password, found.password).await?;
        if is_right { Ok(()) } else { Err(Problem::WrongPassword.into()) }
    }

    /// Gives an account another password and signs it out everywhere else.
    ///
    /// # Errors
    /// [`Refused`] says what is in the way.
    pub async fn set_password(
        &self,
        user: UserId,
        password: String,
        kept: Option<Digest>,
    ) -> Result<(), Refused> {
        let name = self.read(|directory| directory.user(user).map(|user| user.name.clone()));
        check_password(&password, &name.unwrap_or_default())?;
        let hash = self.passwords().hash(password).await?;
        self.store(move |directory| directory.set_password(user, hash, kept)).await
    }

    /// Sets the password of an account with an invitation that an administrator made for it.
    ///
    /// # Errors
    /// [`Refused`] says what is in the way.
    pub async fn reset_password(&self, token: &Token, password: String) -> Result<(), Refused> {
        let digest = token.digest();
        let resets = self.read(|directory| {
            directory.invitation(&digest, now()).map(|invitation| invitation.resets)
        })?;
        let user = resets.ok_or(Problem::NotFound("invitation to set a password"))?;
        // Setting it ends all invitations to do so.
        self.set_password(user, password, None).await
    }

    /// Somebody has come back: their session holds longer, if it is time to say so.
    ///
    /// # Errors
    /// [`Refused`] if that could not be stored.
    pub async fn came_back(&self, digest: Digest) -> Result<(), Refused> {
        let now = now();
        let ends_soon = |session: &Session| session.until < now + SESSION_SECONDS - RENEW_SECONDS;
        let is_due = self.read(|directory| directory.session(&digest, now).is_some_and(ends_soon));
        if !is_due {
            return Ok(());
        }
        self.store(move |directory| directory.renew(digest, now, now + SESSION_SECONDS)).await
    }
}
