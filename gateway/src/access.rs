//! Who asks, and what they may do: as the relay says.
//!
//! The gateway has no rights of its own. It shows the relay the token that a request brought, and takes
//! its word; what it remembers of that holds for a day, while the relay cannot be reached.

use crate::Problem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::fmt::Write;

/// How long the relay's word holds while it cannot be asked, in seconds.
pub const REMEMBERED_SECONDS: u64 = 24 * 60 * 60;

/// Whose copy of a board it is. Copies of different people are never mixed.
///
/// ```
/// use kanban_gateway::access::Who;
/// let (ana, link) = (Who::Person("ana".to_owned()), Who::token("secret"));
/// assert_ne!(ana.key(), link.key());
/// assert!(!format!("{link:?}").contains("secret"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Who {
    /// Somebody with an account at the relay, by their name.
    Person(String),
    /// Whoever has this token, which opens single documents and names nobody; by its hash.
    Token(String),
    /// Anybody on this machine, at a relay that knows nobody.
    Anybody,
}

impl Who {
    /// Whoever has this token.
    pub fn token(token: &str) -> Self {
        Self::Token(digest(token))
    }

    /// The name to sign changes with, and to comment under.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Person(name) => Some(name),
            Self::Token(_) | Self::Anybody => None,
        }
    }

    /// A word of letters and digits that is theirs only: names their files.
    pub fn key(&self) -> String {
        let key = match self {
            Self::Person(name) => digest(&format!("person {name}")),
            Self::Token(hash) => digest(&format!("token {hash}")),
            Self::Anybody => return "anybody".to_owned(),
        };
        key.chars().take(32).collect()
    }
}

/// SHA-256 as hexadecimal digits: names a token without being one.
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// What somebody may do with a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Look at it.
    Reader,
    /// Change it.
    Editor,
    /// Say who may do what, too.
    Owner,
}

/// Who asks, and what they may do with the board that they ask about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Whose copy it is.
    pub who: Who,
    /// What they may do; `None` if only the board's connection can tell.
    pub role: Option<Role>,
}

impl Pass {
    /// Refuses who may only look.
    ///
    /// # Errors
    /// 403.
    pub fn may_write(&self) -> Result<(), Problem> {
        match self.role {
            Some(Role::Reader) => Err(read_only()),
            _ => Ok(()),
        }
    }
}

/// What a reader is told who wants to write.
pub fn read_only() -> Problem {
    Problem::forbidden(
        "you may read this board and not change it; an owner can make you an editor (docs/accounts.md)",
    )
}

/// What the relay answered when it was asked for the board as one of the caller's documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// It is.
    Theirs(Role),
    /// The token holds for nobody.
    Unknown(String),
    /// The token opens single documents, and no account.
    Narrow,
    /// It is not.
    NotTheirs,
    /// It knows nobody (`--auth open`).
    Open,
    /// It does not answer, or not what can be understood.
    Silent(String),
}

/// Where the caller stands.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// What the request brought.
    pub token: Option<&'a str>,
    /// Whether nobody but this machine reaches the gateway.
    pub is_local: bool,
}

/// Decides by the relay's word who asks. `name` is the account's, if it was asked for; `remembered` is
/// what was decided last and still holds.
///
/// ```
/// use kanban_gateway::access::{Caller, Role, Who, Word, decide};
/// let ana = Caller { token: Some("t"), is_local: true };
/// let pass = decide(ana, Word::Theirs(Role::Reader), Some("ana".to_owned()), None)?;
/// assert_eq!(pass.who, Who::Person("ana".to_owned()));
/// assert_eq!(pass.may_write().unwrap_err().status, 403);
///
/// let stranger = Caller { token: None, is_local: false };
/// assert_eq!(decide(stranger, Word::Open, None, None).unwrap_err().status, 401);
/// # Ok::<(), kanban_gateway::Problem>(())
/// ```
///
/// # Errors
/// 401, 403, 404, or 503 if the relay cannot be asked and has not been before.
pub fn decide(
    caller: Caller<'_>,
    word: Word,
    name: Option<String>,
    remembered: Option<Pass>,
) -> Result<Pass, Problem> {
    let Some(token) = caller.token else {
        return without_token(caller.is_local, word, remembered);
    };
    let by_token = || Who::token(token);
    match word {
        Word::Theirs(role) => {
            Ok(Pass { who: name.map_or_else(by_token, Who::Person), role: Some(role) })
        }
        Word::Narrow => Ok(Pass { who: by_token(), role: None }),
        Word::Unknown(detail) => Err(Problem::not_signed_in(detail)),
        Word::NotTheirs => Err(no_board()),
        Word::Open => without_token(caller.is_local, Word::Open, None),
        Word::Silent(why) => remembered.ok_or_else(|| silent(&why)),
    }
}

fn without_token(is_local: bool, word: Word, remembered: Option<Pass>) -> Result<Pass, Problem> {
    let anybody = Pass { who: Who::Anybody, role: None };
    match word {
        Word::Open if is_local => Ok(anybody),
        Word::Silent(why) if is_local => {
            remembered.filter(|pass| pass.who == Who::Anybody).ok_or_else(|| silent(&why))
        }
        Word::Open => Err(Problem::not_signed_in(
            "the relay knows nobody (--auth open), so this gateway serves its own machine only: have it listen on 127.0.0.1, or give the relay accounts",
        )),
        _ => Err(Problem::not_signed_in(
            "say who you are: authorization: Bearer TOKEN, with a token of the relay (docs/automation.md)",
        )),
    }
}

fn no_board() -> Problem {
    Problem::not_found(
        "there is no such board, or it was not shared with you; GET /boards lists yours",
    )
}

fn silent(why: &str) -> Problem {
    Problem::unavailable(format!(
        "the relay cannot be asked who you are ({why}), and has not said so within a day; try again soon"
    ))
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reader => "reader",
            Self::Editor => "editor",
            Self::Owner => "owner",
        })
    }
}
