//! What is written in texts: names, addresses, tokens, options.

use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use std::ffi::OsString;
use std::str::FromStr;
use std::sync::LazyLock;
use sync_protocol::client::Resume;
use sync_protocol::{DocumentId, DocumentUrl, PeerId, StorageId};
use sync_server::config::{JwtConfig, parse};
use sync_server::{Origins, fuzzing};

const SECRET: &str = "a secret that has at least 32 bytes";

/// The first byte says what the others are.
pub fn ids_and_tokens(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    match kind % 8 {
        0 => ids(&text),
        1 => again::<DocumentUrl>(&text),
        2 => _ = Origins::from_str(&text),
        3 => _ = parse(text.split('\n').map(OsString::from).filter(reads_no_file)),
        4 => _ = fuzzing::options(&text),
        5 => request(&text),
        6 => token(&text),
        _ => kept(rest),
    }
}

/// A configuration that names another file would read what is on this disk.
fn reads_no_file(argument: &OsString) -> bool {
    !argument.to_string_lossy().contains("config")
}

fn ids(text: &str) {
    again::<DocumentId>(text);
    if let Ok(id) = text.parse::<DocumentId>() {
        assert_eq!(id.to_string(), text, "every id has one text");
    }
    for name in [PeerId::parse(text).map(|id| id.as_str().to_owned())]
        .into_iter()
        .chain([StorageId::parse(text).map(|id| id.as_str().to_owned())])
    {
        assert!(name.is_err() || name.as_deref() == Ok(text));
    }
    let shown = PeerId::parse(text).map(|id| id.to_string()).unwrap_or_default();
    assert!(!shown.chars().any(char::is_control), "what is logged has no control characters");
}

/// What is read is written so that it is read again.
fn again<T: FromStr + ToString + PartialEq>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert!(value.to_string().parse::<T>().is_ok_and(|again| again == value), "{text:?}");
    }
}

/// The address, and then a header in each line.
fn request(text: &str) {
    let mut lines = text.lines();
    let uri = lines.next().unwrap_or_default();
    let headers: Vec<(&str, &[u8])> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim().as_bytes()))
        .collect();
    if let Some(token) = fuzzing::token(uri, &headers) {
        assert!(text.contains(&token), "a token stands in the request");
        _ = VERIFIER.subject(&token);
    }
}

static VERIFIER: LazyLock<fuzzing::Verifier> = LazyLock::new(|| {
    let path = std::env::temp_dir().join(format!("kanban-fuzz-{}", std::process::id()));
    std::fs::write(&path, SECRET).expect("a file for the key");
    let config = JwtConfig {
        key: Some(path.clone()),
        algorithms: vec!["HS256".parse().expect("an algorithm")],
        audience: Some("relay".to_owned()),
        ..JwtConfig::default()
    };
    let verifier = fuzzing::Verifier::open(&config).expect("a key");
    std::fs::remove_file(path).expect("it was written");
    verifier
});

/// Header and claims, a line each, under a signature that is right; and all of it as a token.
fn token(text: &str) {
    _ = VERIFIER.subject(text);
    if let Some(token) = fuzzing::own_token(text) {
        assert_eq!(token, text, "every token has one text");
    }
    let (header, claims) = text.split_once('\n').unwrap_or((r#"{"alg":"HS256"}"#, text));
    let signed = format!("{}.{}", base64(header.as_bytes()), base64(claims.as_bytes()));
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let signature = crypto::sign(signed.as_bytes(), &key, Algorithm::HS256).expect("a signature");
    if let Ok(subject) = VERIFIER.subject(&format!("{signed}.{signature}")) {
        assert!(!subject.is_empty() && subject.len() <= 255);
    }
}

/// As tokens have it: without padding, with characters that addresses take.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let number = byte(0) << 16 | byte(1) << 8 | byte(2);
        for letter in 0..=three.len() {
            text.push(LETTERS[(number >> (18 - 6 * letter)) as usize & 63] as char);
        }
    }
    text
}

/// What a client kept of a relay.
fn kept(bytes: &[u8]) {
    if let Ok(resume) = Resume::decode(bytes) {
        assert_eq!(Resume::decode(&resume.encode()), Ok(resume));
    }
}
