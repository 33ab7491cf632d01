//! Names of boards, columns, cards and what belongs to them.

use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// The longest id in characters. Ids travel in every move, so they are short.
///
/// ```
/// use kanban_core::{CardId, ID_CHARS_MAX};
/// assert!(CardId::parse(&"x".repeat(ID_CHARS_MAX)).is_ok());
/// assert!(CardId::parse(&"x".repeat(ID_CHARS_MAX + 1)).is_err());
/// ```
pub const ID_CHARS_MAX: usize = 64;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Why a text is not an id.
///
/// ```
/// use kanban_core::CardId;
/// let error = CardId::parse("to do").unwrap_err();
/// assert!(error.to_string().starts_with("\"to do\" is not an id: an id has 1 to 64 characters"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an id: an id has 1 to {ID_CHARS_MAX} characters out of A-Z a-z 0-9 _ -")]
pub struct IdError {
    text: String,
}

fn check(text: &str) -> Result<SmolStr, IdError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if text.is_empty() || text.len() > ID_CHARS_MAX || !text.bytes().all(allowed) {
        let text = text.chars().take(ID_CHARS_MAX + 1).collect();
        return Err(IdError { text });
    }
    Ok(SmolStr::new(text))
}

fn from_entropy(entropy: [u8; 16], chars: usize) -> SmolStr {
    let mut rest = u128::from_le_bytes(entropy);
    (0..chars)
        .filter_map(|_| {
            let digit = BASE62.get((rest % 62) as usize);
            rest /= 62;
            digit.map(|d| char::from(*d))
        })
        .collect()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $chars:literal) => {
        $(#[$doc])*
        ///
        #[doc = concat!("```\nuse kanban_core::", stringify!($name), ";\n")]
        #[doc = concat!("let id = ", stringify!($name), "::parse(\"k3Qz\")?;\n")]
        /// assert_eq!(serde_json::to_string(&id)?, "\"k3Qz\"");
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(transparent)]
        pub struct $name(SmolStr);

        impl $name {
            /// Reads an id from text.
            ///
            /// # Errors
            /// [`IdError`] unless the text has 1 to 64 characters out of `A-Z a-z 0-9 _ -`.
            ///
            #[doc = concat!("```\nuse kanban_core::", stringify!($name), ";\n")]
            #[doc = concat!("assert!(", stringify!($name), "::parse(\"todo\").is_ok());\n")]
            #[doc = concat!("assert!(", stringify!($name), "::parse(\"to do\").is_err());\n```")]
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check(text).map(Self)
            }

            #[doc = concat!("Makes an id of ", $chars, " characters (62 values each) out of 16")]
            /// random bytes, which the caller draws.
            ///
            #[doc = concat!("```\nuse kanban_core::", stringify!($name), ";\n")]
            #[doc = concat!("assert_eq!(", stringify!($name), "::from_entropy([7; 16]).as_str().len(), ", $chars, ");\n```")]
            pub fn from_entropy(entropy: [u8; 16]) -> Self {
                Self(from_entropy(entropy, $chars))
            }

            /// The id as text.
            ///
            #[doc = concat!("```\nuse kanban_core::", stringify!($name), ";\n")]
            #[doc = concat!("assert_eq!(", stringify!($name), "::parse(\"todo\").unwrap().as_str(), \"todo\");\n```")]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Sorts before every other id: `-` is the lowest character of one.
            #[allow(dead_code, reason = "only the ids that indexes sort by need it")]
            pub(crate) fn lowest() -> Self {
                Self(SmolStr::new_static("-"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// Names a board for ever: two documents merge only when their board ids agree.
    BoardId, 16
}
id! {
    /// Names a column of a board. Every move carries one, so a random one is short: 2^41 values. A
    /// board refuses to create a column under an id that it knows, so that only columns made by
    /// several people at the same time could meet under one.
    ColumnId, 7
}
id! {
    /// Names a card of a board.
    CardId, 16
}
id! {
    /// Names a label that a board defines.
    LabelId, 16
}
id! {
    /// Names a member of a board: somebody whom cards can be assigned to and who comments.
    MemberId, 16
}
id! {
    /// Names a checklist of a card.
    ChecklistId, 16
}
id! {
    /// Names an item of a card's checklists.
    ItemId, 16
}
id! {
    /// Names a comment on a card.
    CommentId, 16
}
id! {
    /// Names a link attached to a card.
    LinkId, 16
}

impl ChecklistId {
    /// The list of items whose stored place cannot be read (only other programs write such).
    pub(crate) fn lost() -> Self {
        Self(SmolStr::new_static("lost"))
    }
}

impl ColumnId {
    /// The column of cards whose stored place cannot be read (only other programs write such).
    pub(crate) fn lost() -> Self {
        Self(SmolStr::new_static("lost"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_never_contains_a_character_that_separates_parts_of_a_placement() {
        for text in ["", "a/b", "a|b", "a.b", "a:b", "ü", &"x".repeat(65)] {
            assert!(CardId::parse(text).is_err(), "{text:?}");
        }
        assert!(CardId::parse(&"x".repeat(64)).is_ok());
    }

    #[test]
    fn different_entropy_gives_different_ids() {
        assert_ne!(CardId::from_entropy([1; 16]), CardId::from_entropy([2; 16]));
        assert!(CardId::parse(CardId::from_entropy([255; 16]).as_str()).is_ok());
    }

    #[test]
    fn an_error_about_a_huge_text_does_not_carry_the_huge_text() {
        let error = CardId::parse(&"/".repeat(1_000_000)).unwrap_err();
        assert!(error.to_string().len() < 300);
    }

    #[test]
    fn ids_are_checked_when_they_are_read_from_json() {
        assert!(serde_json::from_str::<CardId>("\"a/b\"").is_err());
        assert_eq!(
            serde_json::from_str::<CardId>("\"a_b\"").unwrap(),
            CardId::parse("a_b").unwrap()
        );
    }
}
