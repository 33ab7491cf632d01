//! JSON Web Tokens (RFC 7519) of an identity provider.

use super::keys::{Algorithm, AuthError, Keys};
use crate::access::Denied;
use crate::directory::{Role, Seconds};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use sync_protocol::DocumentId;

/// Which tokens are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtConfig {
    /// A file with one key.
    pub key: Option<PathBuf>,
    /// A file with a set of keys.
    pub keys: Option<PathBuf>,
    /// How they may be signed.
    pub algorithms: Vec<Algorithm>,
    /// For whom they must be.
    pub audience: Option<String>,
    /// By whom they must be, if that matters.
    pub issuer: Option<String>,
}

impl Default for JwtConfig {
    fn default() -> Self {
        let (key, keys, audience, issuer) = (None, None, None, None);
        Self { key, keys, algorithms: Algorithm::usual(), audience, issuer }
    }
}

/// How far the clocks of the relay and of the identity provider may be apart.
const LEEWAY: Duration = Duration::from_secs(10);

/// OpenID Connect allows no more.
const SUBJECT_BYTES_MAX: usize = 255;

/// What the relay reads of a token. The rest is nobody's business here.
#[derive(Debug, Deserialize)]
struct Claims {
    /// There always is one: it is required below, with a better word for it than that of a parser.
    #[serde(default)]
    sub: String,
    /// As above.
    #[serde(default)]
    exp: u64,
    /// Without one it is of the beginning: whoever signs out everywhere ends it.
    #[serde(default)]
    iat: u64,
    /// What it may do with which documents; what its user may, if there is none.
    documents: Option<BTreeMap<String, Role>>,
}

/// What a token says that holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// Who brings it.
    pub subject: String,
    /// When it was issued.
    pub issued: Seconds,
    /// Until when it holds.
    pub until: Seconds,
    /// For which documents alone it is, if it is not for all that its user may open.
    pub documents: Option<BTreeMap<DocumentId, Role>>,
}

/// Checks tokens.
pub struct Verifier {
    keys: Keys,
    validation: Validation,
}

impl Verifier {
    /// One for what the options say.
    ///
    /// # Errors
    /// [`AuthError`] if there is no key.
    pub fn open(config: &JwtConfig) -> Result<Self, AuthError> {
        let keys = Keys::open(config)?;
        // Each key brings its own algorithms.
        let leeway = LEEWAY.as_secs();
        let mut validation = Validation { leeway, validate_nbf: true, ..Validation::default() };
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        validation.set_audience(config.audience.as_slice());
        if let Some(issuer) = &config.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        Ok(Self { keys, validation })
    }

    /// What a token says.
    ///
    /// # Errors
    /// [`Denied::Unknown`] says what is wrong with it.
    pub fn read(&self, token: &str) -> Result<Shown, Denied> {
        let claims = self.claims(token).map_err(|kind| unknown(&kind))?;
        let Claims { sub: subject, exp, iat: issued, documents } = claims;
        if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX {
            return Err(Denied::Unknown("your token does not say who you are".to_owned()));
        }
        let until = exp.saturating_add(LEEWAY.as_secs());
        Ok(Shown { subject, issued, until, documents: documents.map(rights).transpose()? })
    }

    fn claims(&self, token: &str) -> Result<Claims, ErrorKind> {
        let kind = |error: jsonwebtoken::errors::Error| error.into_kind();
        let header = decode_header(token).map_err(kind)?;
        let key = self.keys.named(header.kid.as_deref()).ok_or(ErrorKind::InvalidSignature)?;
        let mut validation = self.validation.clone();
        validation.algorithms.clone_from(&key.algorithms);
        decode(token, &key.key, &validation).map(|token| token.claims).map_err(kind)
    }
}

fn rights(documents: BTreeMap<String, Role>) -> Result<BTreeMap<DocumentId, Role>, Denied> {
    let parsed = documents.into_iter().map(|(document, role)| Some((document.parse().ok()?, role)));
    parsed
        .collect::<Option<_>>()
        .ok_or_else(|| Denied::Unknown("your token names a document that cannot be one".to_owned()))
}

fn unknown(kind: &ErrorKind) -> Denied {
    Denied::Unknown(match kind {
        ErrorKind::ExpiredSignature => "your token has expired; sign in again".to_owned(),
        ErrorKind::ImmatureSignature => {
            "your token is not valid yet; are the clocks right?".to_owned()
        }
        ErrorKind::InvalidAudience => "your token is for another service".to_owned(),
        ErrorKind::InvalidIssuer => "your token is by somebody the relay does not trust".to_owned(),
        ErrorKind::MissingRequiredClaim(claim) => format!("your token does not say {claim}"),
        // What exactly is wrong with its signature would only help whoever forged it.
        _ => "your token is not valid here".to_owned(),
    })
}
