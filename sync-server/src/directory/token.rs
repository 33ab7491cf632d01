//! Secrets that whoever has them may do something with. Only what they hash to is kept.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::fmt;

const TOKEN_BYTES: usize = 32;

/// 256 random bits, as people and programs pass them on: 43 characters for addresses.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; TOKEN_BYTES]);

impl Token {
    /// The token of fresh random bytes.
    pub fn of(bytes: [u8; TOKEN_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads a token; none if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; TOKEN_BYTES];
        let decoded = Base64UrlUnpadded::decode(text, &mut bytes).ok()?;
        (decoded.len() == TOKEN_BYTES).then_some(Self(bytes))
    }

    /// The token, for the one person that it is for.
    pub fn reveal(&self) -> String {
        Base64UrlUnpadded::encode_string(&self.0)
    }

    /// What is kept of it. Tokens are long and random, so nobody can try them all: it need not be
    /// slow, and whoever reads it learns nothing.
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0).into())
    }
}

/// Never shows it.
impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// What a [`Token`] hashes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Names it among those of one person.
    pub fn id(&self) -> String {
        let first = self.0.iter().take(8);
        first.map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Base64UrlUnpadded::encode_string(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let token = Token::parse(&text).ok_or_else(|| serde::de::Error::custom("no digest"))?;
        Ok(Self(token.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_from_its_text_and_shows_itself_to_nobody() {
        let token = Token::of([0xf7; 32]);
        let text = token.reveal();
        assert_eq!(text.len(), 43);
        assert_eq!(Token::parse(&text), Some(token.clone()));
        assert!(!format!("{token:?}").contains(&text));
        for wrong in ["", "a", &text[1..], &format!("{text}a"), &text.replace('_', "/")] {
            assert_eq!(Token::parse(wrong), None, "{wrong}");
        }
    }
}
