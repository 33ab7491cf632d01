//! Who connects: nobody is asked, or a token of an identity provider says so.

pub(crate) mod bearer;
pub(crate) mod jwt;
mod keys;
mod origins;

pub use bearer::PROTOCOL;
pub use jwt::JwtConfig;
pub use keys::{Algorithm, AuthError};
pub use origins::Origins;

use crate::access::{Authorize, everybody};
use axum::http::request::Parts;
use jwt::Verifier;
use std::sync::Arc;

/// How the program finds out who connects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AuthMode {
    /// It does not: whoever knows a document's id may read and change it.
    #[default]
    Open,
    /// Each connection brings a JSON Web Token of an identity provider.
    Jwt,
}

/// What the options say of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthConfig {
    /// How.
    pub mode: AuthMode,
    /// Whether the program may listen for other machines without asking who they are.
    pub is_public: bool,
    /// Which tokens.
    pub jwt: JwtConfig,
}

impl AuthConfig {
    /// What decides about connections.
    ///
    /// # Errors
    /// [`AuthError`] if tokens cannot be checked with what was said.
    pub(crate) fn authorize(&self) -> Result<Authorize, AuthError> {
        match self.mode {
            AuthMode::Open => Ok(everybody()),
            AuthMode::Jwt => {
                let verifier = Arc::new(Verifier::open(&self.jwt)?);
                Ok(Arc::new(move |request: Parts| {
                    // Signatures take less than a millisecond, and a file of keys is small.
                    let grant = bearer::find(&request).and_then(|found| verifier.grant(&found));
                    Box::pin(std::future::ready(grant))
                }))
            }
        }
    }
}
