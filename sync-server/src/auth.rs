//! Who connects: nobody is asked, somebody with an account, or whom an identity provider knows.

pub(crate) mod bearer;
mod doorman;
pub(crate) mod jwt;
mod keys;
mod origins;

pub use bearer::{PROTOCOL, SECURE_SESSION_COOKIE, SESSION_COOKIE};
pub use doorman::{Doorman, Visitor};
pub use jwt::JwtConfig;
pub use keys::{Algorithm, AuthError};
pub use origins::Origins;

use crate::directory::Bounds;
pub(crate) use jwt::Verifier;

/// How the program finds out who connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthMode {
    /// It does not: whoever knows a document's id may read and change it.
    #[default]
    Open,
    /// People make accounts and sign in.
    Accounts,
    /// Each connection brings a JSON Web Token of an identity provider.
    Jwt,
}

/// What the options say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthConfig {
    /// How.
    pub mode: AuthMode,
    /// Whether the program may listen for other machines without asking who they are.
    pub is_public: bool,
    /// Whether accounts are made by invitation only.
    pub by_invitation: bool,
    /// How many documents one user may own.
    pub documents_per_user: usize,
    /// Which tokens.
    pub jwt: JwtConfig,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            mode: AuthMode::default(),
            is_public: false,
            by_invitation: true,
            documents_per_user: 1000,
            jwt: JwtConfig::default(),
        }
    }
}

impl AuthConfig {
    /// What checks an identity provider's tokens, if they are taken.
    ///
    /// # Errors
    /// [`AuthError`] if they cannot be checked with what was said.
    pub(crate) fn verifier(&self) -> Result<Option<Verifier>, AuthError> {
        match self.mode {
            AuthMode::Open | AuthMode::Accounts => Ok(None),
            AuthMode::Jwt => Verifier::open(&self.jwt).map(Some),
        }
    }

    /// How much there may be.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds { documents_per_user: self.documents_per_user }
    }
}
