//! The tests' identity provider.

use super::now;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::path::Path;

/// A file of `tests/keys`.
pub fn key_file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name)).unwrap()
}

/// What an honest token says of somebody.
pub fn claims_of(subject: &str) -> Value {
    json!({ "sub": subject, "aud": "boards", "exp": now() + 600, "iat": now() })
}

/// The same with another claim.
pub fn claiming(subject: &str, claim: &str, value: Value) -> Value {
    let mut claims = claims_of(subject);
    claims[claim] = value;
    claims
}

/// A token that says this.
pub fn signed(claims: &Value) -> String {
    signed_with("ed25519.pem", claims)
}

/// The same, signed with another key.
pub fn signed_with(key: &str, claims: &Value) -> String {
    let key = EncodingKey::from_ed_pem(&key_file(key)).unwrap();
    encode(&Header::new(Algorithm::EdDSA), claims, &key).unwrap()
}

/// A token that says it needs no signature.
pub fn unsigned(claims: &Value) -> String {
    let honest = signed(claims);
    // {"alg":"none","typ":"JWT"}
    format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", honest.split('.').nth(1).unwrap())
}
