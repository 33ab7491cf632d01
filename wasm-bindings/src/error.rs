//! Why a call from JavaScript failed.

use kanban_client::ApplyError;
use kanban_core::{
    BoardJsonError, CommandError, DraftError, HistoryError, IdError, MergeError, OpenError,
    TakeError, TrelloError, UndoError,
};
use std::fmt::Debug;
use sync_protocol::client::PRESENCE_BYTES_MAX;
use sync_protocol::{ChunkError, Inadmissible, UrlError};

/// Why a call from JavaScript failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// An id that is none.
    #[error(transparent)]
    Id(#[from] IdError),
    /// An actor that is not 16 bytes long.
    #[error("an actor is 16 random bytes; this one has {0}")]
    Actor(usize),
    /// JSON that says nothing that is known.
    #[error("this cannot be understood")]
    NotAMessage(#[source] serde_json::Error),
    /// Random bytes that are not 16.
    #[error("an address is made of 16 random bytes, not of {0}")]
    Entropy(usize),
    /// An address that is none.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// A name of a peer that is none.
    #[error(transparent)]
    Peer(#[from] sync_protocol::IdError),
    /// Text that is no change hash.
    #[error("{0:?} is not a change hash: a hash has 64 hexadecimal digits")]
    NotAHash(String),
    /// A command that was refused.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// More than a peer may show of itself.
    #[error("this is more than can be shown to others: show at most {PRESENCE_BYTES_MAX} bytes")]
    ShowsTooMuch,
    /// The board has not arrived yet.
    #[error("the board has not arrived from the relay yet; wait until it is ready")]
    NoBoard,
    /// Nothing was undone or redone.
    #[error(transparent)]
    Undo(#[from] UndoError),
    /// A version that is not known.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Bytes that are no board.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Changes that were refused.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// Bytes that are no changes.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
    /// A change that could crash the program or spoil the board.
    #[error("a change cannot be taken in")]
    Inadmissible(#[from] Inadmissible),
    /// A board that cannot be made of what was given.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The same of a JSON text.
    #[error(transparent)]
    BoardJson(#[from] BoardJsonError),
    /// The same of an export of Trello.
    #[error(transparent)]
    Trello(#[from] TrelloError),
    /// A value that JSON cannot hold.
    #[error("the result could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl CallError {
    /// What kind of failure it is; never renamed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Id(_)
            | Self::Actor(_)
            | Self::NotAMessage(_)
            | Self::Entropy(_)
            | Self::Url(_)
            | Self::Peer(_)
            | Self::NotAHash(_)
            | Self::ShowsTooMuch
            | Self::History(_) => "invalid-argument",
            Self::Command(_) | Self::Undo(_) => "refused",
            Self::NoBoard => "not-ready",
            Self::Open(_) | Self::Merge(_) | Self::Chunk(_) | Self::Inadmissible(_) => "damaged",
            Self::Draft(_) | Self::BoardJson(_) | Self::Trello(_) => "not-importable",
            Self::Json(_) => "failed",
        }
    }

    /// Which of the reasons of that kind: the name of the error in Rust.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Command(error) => Some(variant(error)),
            Self::Undo(error) => Some(variant(error)),
            Self::Open(error) => Some(variant(error)),
            Self::Merge(error) => Some(variant(error)),
            Self::History(error) => Some(variant(error)),
            Self::Draft(error) => Some(variant(error)),
            Self::BoardJson(error) => Some(variant(error)),
            Self::Trello(error) => Some(variant(error)),
            _ => None,
        }
    }
}

/// `UnknownCard { … }` is `unknownCard`.
fn variant(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    let name = text.split(|it: char| !it.is_ascii_alphanumeric()).next().unwrap_or_default();
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

impl From<TakeError> for CallError {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Draft(error) => Self::Draft(error),
            TakeError::Command(error) => Self::Command(error),
        }
    }
}

impl From<ApplyError> for CallError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Command(error) => Self::Command(error),
            _ => Self::NoBoard,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanban_core::CardId;

    #[test]
    fn a_refused_command_says_which_reason_it_is() {
        let card = CardId::parse("x").unwrap();
        let error = CallError::Command(CommandError::UnknownCard { card });
        assert_eq!((error.code(), error.reason().as_deref()), ("refused", Some("unknownCard")));
        let error = CallError::Undo(UndoError::NothingToUndo);
        assert_eq!(error.reason().as_deref(), Some("nothingToUndo"));
        assert_eq!((CallError::NoBoard.code(), CallError::NoBoard.reason()), ("not-ready", None));
    }
}
