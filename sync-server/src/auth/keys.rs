//! The keys that tokens are checked with, and for what each may be used.

use super::JwtConfig;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::{info, warn};

/// A file of keys is not longer.
const KEYS_BYTES_MAX: u64 = 1024 * 1024;
/// RFC 7518, section 3.2: as long as the hash.
const SECRET_BYTES_MIN: usize = 32;
/// How often the file is looked at again, at most, for tokens that name a key that is not in it.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How tokens are signed: a name of RFC 7518 or RFC 8037, as in `EdDSA`, `ES256` or `RS256`.
///
/// ```
/// use sync_server::config::Algorithm;
/// let algorithm: Algorithm = "EdDSA".parse()?;
/// assert_eq!(algorithm.to_string(), "EdDSA");
/// assert!("none".parse::<Algorithm>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Algorithm(pub(super) jsonwebtoken::Algorithm);

impl std::str::FromStr for Algorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| {
            format!(
                "{text:?} is no way to sign that the relay knows; one looks like EdDSA or RS256"
            )
        })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

/// What is signed with a key of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Secret,
    Rsa,
    Elliptic,
    Edwards,
}

impl Algorithm {
    /// The ones that hold if nothing is said: with public keys, and one of each kind.
    pub(crate) fn usual() -> Vec<Self> {
        use jsonwebtoken::Algorithm::{ES256, EdDSA, RS256};
        [EdDSA, ES256, RS256].map(Self).to_vec()
    }

    fn kind(self) -> Kind {
        use jsonwebtoken::Algorithm::{ES256, ES384, EdDSA, HS256, HS384, HS512};
        match self.0 {
            HS256 | HS384 | HS512 => Kind::Secret,
            ES256 | ES384 => Kind::Elliptic,
            EdDSA => Kind::Edwards,
            _ => Kind::Rsa,
        }
    }

    pub(crate) fn is_secret(self) -> bool {
        self.kind() == Kind::Secret
    }
}

/// Why tokens cannot be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// A file cannot be read.
    #[error("the keys in {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds no key that can be used.
    #[error("{} holds no key that the relay can check tokens with: {details}", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        details: String,
    },
}

/// A key, and the only algorithms that it is used for.
pub struct Key {
    pub key: DecodingKey,
    pub algorithms: Vec<jsonwebtoken::Algorithm>,
}

/// All keys.
pub enum Keys {
    /// A file with one.
    One(Arc<Key>),
    /// A set (RFC 7517), which its provider may exchange.
    Set { path: PathBuf, allowed: Vec<Algorithm>, read: Mutex<Read> },
}

/// The set as it was read last.
pub struct Read {
    keys: BTreeMap<Option<String>, Arc<Key>>,
    at: Instant,
}

impl Keys {
    /// The keys that the options name.
    ///
    /// # Errors
    /// [`AuthError`] if there is none in the file that can be used.
    pub fn open(config: &JwtConfig) -> Result<Self, AuthError> {
        let allowed = &config.algorithms;
        if let Some(path) = &config.key {
            let key = one(&read(path)?, allowed);
            let no_key = |details| AuthError::NoKey { path: path.clone(), details };
            return Ok(Self::One(Arc::new(key.map_err(no_key)?)));
        }
        let path = config.keys.clone().unwrap_or_default();
        let keys = set(&path, allowed)?;
        let read = Mutex::new(Read { keys, at: Instant::now() });
        Ok(Self::Set { path, allowed: allowed.clone(), read })
    }

    /// The key that a token names, or the only one.
    pub fn named(&self, name: Option<&str>) -> Option<Arc<Key>> {
        let (path, allowed, read) = match self {
            Self::One(key) => return Some(key.clone()),
            Self::Set { path, allowed, read } => (path, allowed, read),
        };
        // Every change to it is complete before the guard is dropped.
        let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = read.named(name) {
            return Some(key);
        }
        if read.at.elapsed() < LOOK_EVERY {
            return None;
        }
        read.at = Instant::now();
        match set(path, allowed) {
            Ok(keys) => {
                info!("read the keys in {} again", path.display());
                read.keys = keys;
            }
            Err(error) => warn!("goes on with the keys as they were: {error}"),
        }
        read.named(name)
    }
}

impl Read {
    fn named(&self, name: Option<&str>) -> Option<Arc<Key>> {
        match name {
            Some(name) => self.keys.get(&Some(name.to_owned())),
            None if self.keys.len() == 1 => self.keys.values().next(),
            None => None,
        }
        .cloned()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, AuthError> {
    let unreadable = |source| AuthError::Unreadable { path: path.to_owned(), source };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > KEYS_BYTES_MAX {
        let details = format!("it has {length} bytes, and keys have less");
        return Err(AuthError::NoKey { path: path.to_owned(), details });
    }
    std::fs::read(path).map_err(unreadable)
}

/// The one key in a file: a public key in PEM, or a secret if only such algorithms are allowed.
fn one(bytes: &[u8], allowed: &[Algorithm]) -> Result<Key, String> {
    if allowed.iter().all(|algorithm| algorithm.is_secret()) {
        let secret = bytes.trim_ascii();
        if secret.len() < SECRET_BYTES_MIN {
            return Err(format!("a secret has {SECRET_BYTES_MIN} bytes at least"));
        }
        return key(DecodingKey::from_secret(secret), Kind::Secret, allowed);
    }
    let edwards = DecodingKey::from_ed_pem(bytes).map(|key| (key, Kind::Edwards));
    let elliptic = || DecodingKey::from_ec_pem(bytes).map(|key| (key, Kind::Elliptic));
    let rsa = || DecodingKey::from_rsa_pem(bytes).map(|key| (key, Kind::Rsa));
    let found = edwards.or_else(|_| elliptic()).or_else(|_| rsa());
    let (found, kind) = found.map_err(|_| "it is no public key in PEM".to_owned())?;
    key(found, kind, allowed)
}

fn key(key: DecodingKey, kind: Kind, allowed: &[Algorithm]) -> Result<Key, String> {
    let algorithms = allowed.iter().filter(|algorithm| algorithm.kind() == kind);
    let algorithms: Vec<_> = algorithms.map(|algorithm| algorithm.0).collect();
    match algorithms.is_empty() {
        true => Err("--jwt-algorithm names none that such a key signs with".to_owned()),
        false => Ok(Key { key, algorithms }),
    }
}

/// The keys of a set by their names; those that sign nothing that is allowed are left out.
fn set(
    path: &Path,
    allowed: &[Algorithm],
) -> Result<BTreeMap<Option<String>, Arc<Key>>, AuthError> {
    let no_key = |details: String| AuthError::NoKey { path: path.to_owned(), details };
    let set: JwkSet = serde_json::from_slice(&read(path)?)
        .map_err(|error| no_key(format!("it is no set of keys (RFC 7517): {error}")))?;
    let mut keys = BTreeMap::new();
    for jwk in &set.keys {
        let name = jwk.common.key_id.clone();
        match of_set(jwk, allowed) {
            Ok(key) => _ = keys.insert(name, Arc::new(key)),
            Err(details) => warn!("leaves out the key {name:?} in {}: {details}", path.display()),
        }
    }
    if keys.is_empty() { Err(no_key("none of its keys can be used".to_owned())) } else { Ok(keys) }
}

fn of_set(jwk: &Jwk, allowed: &[Algorithm]) -> Result<Key, String> {
    if jwk.common.public_key_use.as_ref().is_some_and(|used| *used != PublicKeyUse::Signature) {
        return Err("it is not for signatures".to_owned());
    }
    let kind = match &jwk.algorithm {
        AlgorithmParameters::EllipticCurve(_) => Kind::Elliptic,
        AlgorithmParameters::RSA(_) => Kind::Rsa,
        AlgorithmParameters::OctetKey(_) => Kind::Secret,
        AlgorithmParameters::OctetKeyPair(_) => Kind::Edwards,
        _ => return Err("its kind is not known".to_owned()),
    };
    let found = DecodingKey::from_jwk(jwk).map_err(|error| error.to_string())?;
    let Some(named) = jwk.common.key_algorithm else {
        return key(found, kind, allowed);
    };
    let named: Vec<Algorithm> =
        allowed.iter().copied().filter(|known| known.to_string() == named.to_string()).collect();
    key(found, kind, &named)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &[u8] = include_bytes!("../../tests/keys/ed25519.pub.pem");
    const RSA: &[u8] = include_bytes!("../../tests/keys/rsa.pub.pem");

    fn algorithms(bytes: &[u8], allowed: &[&str]) -> Result<Vec<String>, String> {
        let allowed: Vec<Algorithm> = allowed.iter().map(|name| name.parse().unwrap()).collect();
        let key = one(bytes, &allowed)?;
        Ok(key.algorithms.into_iter().map(|algorithm| Algorithm(algorithm).to_string()).collect())
    }

    #[test]
    fn a_key_is_used_for_what_it_signs_and_is_allowed_only() {
        let all = ["EdDSA", "ES256", "RS256", "PS256"];
        assert_eq!(algorithms(ED25519, &all), Ok(vec!["EdDSA".to_owned()]));
        assert_eq!(algorithms(RSA, &all), Ok(vec!["RS256".to_owned(), "PS256".to_owned()]));
        assert_eq!(algorithms(&[b'a'; 32], &["HS256"]), Ok(vec!["HS256".to_owned()]));
        // A public key as a secret: the oldest trick with tokens.
        assert!(algorithms(RSA, &["RS256", "HS256"]).unwrap().iter().all(|name| name == "RS256"));
    }

    #[test]
    fn what_is_no_key_or_signs_nothing_that_is_allowed_is_refused() {
        assert!(algorithms(b"not a key", &["EdDSA"]).is_err());
        assert!(algorithms(ED25519, &["RS256"]).is_err());
        assert!(algorithms(b"short", &["HS256"]).is_err());
    }
}
