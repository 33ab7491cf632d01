//! Doors to what reads bytes from outside and is private otherwise, for the targets in `fuzz/`. No
//! part of what this crate promises.

use crate::access::Denied;
use crate::auth::{JwtConfig, bearer, jwt};
use crate::directory::{Record, Token};
use crate::store::StoredChange;
use crate::store::index::IndexEntry;
use crate::store::manifest::Manifest;
use crate::store::sled::journal;
use crate::store::sled::writes::Writes;
use axum::http::Request;

/// The token that a request with this address and these headers carries; `None` if it is no request
/// or carries none.
pub fn token(uri: &str, headers: &[(&str, &[u8])]) -> Option<String> {
    let named = |request: axum::http::request::Builder, (name, value): &(&str, &[u8])| {
        request.header(*name, *value)
    };
    let request = headers.iter().fold(Request::get(uri), named).body(()).ok()?;
    bearer::find(&request.into_parts().0).map(|found| found.token.to_owned()).ok()
}

/// What the bearer of a token may do, checked with a key.
#[derive(Debug)]
pub struct Verifier(jwt::Verifier);

impl std::fmt::Debug for jwt::Verifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Verifier").finish_non_exhaustive()
    }
}

impl Verifier {
    /// One for what the options say.
    ///
    /// # Errors
    /// Why there is no key, in words.
    pub fn open(config: &JwtConfig) -> Result<Self, String> {
        jwt::Verifier::open(config).map(Self).map_err(|error| error.to_string())
    }

    /// Of whom the token is.
    ///
    /// # Errors
    /// [`Denied`] says what is wrong with it.
    pub fn subject(&self, token: &str) -> Result<String, Denied> {
        self.0.read(token).map(|shown| shown.subject)
    }
}

/// A record of the directory, read and written again.
pub fn directory_record(key: &[u8], value: &[u8]) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    Record::decode(key, value).map(|record| record.encode())
}

/// A token that the relay gave out, read and written again.
pub fn own_token(text: &str) -> Option<String> {
    Token::parse(text).map(|token| token.reveal())
}

/// The options that a configuration file sets, each with its value.
///
/// # Errors
/// What is wrong with it, and in which line.
pub fn options(text: &str) -> Result<Vec<(&'static str, String)>, (usize, String)> {
    let lines = crate::config::file::parse(text)?;
    let named = |(option, value, _): (&crate::config::ConfigOption, std::ffi::OsString, usize)| {
        (option.name, value.to_string_lossy().into_owned())
    };
    Ok(lines.into_iter().map(named).collect())
}

/// A manifest, read and written again.
pub fn manifest(bytes: &[u8]) -> Option<Vec<u8>> {
    Manifest::decode(bytes).map(|manifest| manifest.encode())
}

/// What a commit writes, read and written again.
pub fn writes(bytes: &[u8]) -> Option<Vec<u8>> {
    Writes::decode(bytes).map(|writes| writes.encode())
}

/// The commits in a journal: the number of each, and what it writes.
pub fn journal(bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let entries = journal::entries(bytes).into_iter();
    entries.map(|entry| (entry.commit, entry.writes.encode())).collect()
}

/// The entry of a journal for a commit that writes this, if it is something that a commit writes.
pub fn journal_entry(commit: u64, writes: &[u8]) -> Option<Vec<u8>> {
    Writes::decode(writes).map(|writes| journal::entry(commit, &writes))
}

/// The changes in a value of the log; `None` if it is none.
pub fn log_value(mut value: &[u8]) -> Option<Vec<StoredChange>> {
    let mut changes = Vec::new();
    while !value.is_empty() {
        let (entry, bytes) = IndexEntry::read_from(&mut value)?;
        changes.push(StoredChange { entry, bytes: bytes.into() });
    }
    Some(changes)
}

/// A value of the log that holds these changes.
pub fn to_log_value(changes: &[StoredChange]) -> Vec<u8> {
    let mut value = Vec::new();
    changes.iter().for_each(|change| change.entry.write_to(&mut value, &change.bytes));
    value
}
