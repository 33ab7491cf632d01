//! Why a file cannot be imported, and what to do about it.

use serde_json::error::Category;
use thiserror::Error;

use crate::import::draft::DraftError;

use super::fields::shortened;
use super::lenient::{Entries, ExportFile};

/// Why a file cannot be imported at all.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// let refused = from_trello(b"", ana, BoardId::parse("b1")?, now).unwrap_err();
/// assert!(matches!(refused, TrelloError::Empty));
/// assert_eq!(refused.to_string(), "the file is empty; export the board from Trello again");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrelloError {
    /// There is nothing in the file.
    #[error("the file is empty; export the board from Trello again")]
    Empty,
    /// The file is larger than an export can be.
    #[error(
        "the file has {bytes} bytes, and an export is read up to {bytes_max}; check that it is a Trello export, \
         or archive and delete old cards in Trello and export again"
    )]
    TooLarge {
        /// The file's size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The file is the beginning of a JSON file.
    #[error(
        "the file ends in the middle of the board (line {line}, column {column}), so the download was cut off; \
         export it again"
    )]
    Truncated {
        /// The line the file ends in, from 1.
        line: usize,
        /// The column (in bytes) the file ends at.
        column: usize,
        /// What was being read.
        source: serde_json::Error,
    },
    /// The file is not JSON.
    #[error(
        "the file is not JSON from line {line}, column {column} on; choose the file that Trello's “Export as JSON” gave"
    )]
    NotJson {
        /// The line of the first mistake, from 1.
        line: usize,
        /// The column (in bytes) of the first mistake.
        column: usize,
        /// The mistake.
        source: serde_json::Error,
    },
    /// The file is JSON, but not a board.
    #[error(
        "the file is JSON, but no Trello board: {missing}, and it has {found}; choose the file that Trello's \
         “Export as JSON” gave"
    )]
    NotATrelloExport {
        /// What a board would have.
        missing: String,
        /// What the file has instead.
        found: String,
    },
    /// A text is longer than a board takes.
    #[error(
        "the {what} of {of} has {chars} characters, and a board takes {limit}; shorten it in Trello and export again"
    )]
    TooLong {
        /// Which text.
        what: &'static str,
        /// The id of its card or list.
        of: String,
        /// Its length.
        chars: usize,
        /// The limit.
        limit: usize,
    },
    /// The board could not be written.
    #[error("the board could not be made from the file")]
    Board(#[source] Box<DraftError>),
}

impl TrelloError {
    /// The error for a file that serde could not walk through.
    pub(super) fn unreadable(source: serde_json::Error) -> Self {
        let (line, column) = (source.line(), source.column());
        match source.classify() {
            Category::Eof => TrelloError::Truncated { line, column, source },
            _ => TrelloError::NotJson { line, column, source },
        }
    }

    /// The error for a file that is JSON, but lacks what makes it a board.
    pub(super) fn not_a_trello_export(file: &ExportFile) -> Self {
        if let Some(found) = &file.not_an_object {
            return TrelloError::NotATrelloExport {
                missing: "a board is an object with `lists` and `cards`".into(),
                found: format!("{found} instead"),
            };
        }
        let complaints =
            [complaint("lists", file.lists.as_ref()), complaint("cards", file.cards.as_ref())];
        TrelloError::NotATrelloExport {
            missing: complaints.into_iter().flatten().collect::<Vec<_>>().join(" and "),
            found: key_names(&file.keys),
        }
    }
}

fn complaint(key: &str, entries: Option<&Entries>) -> Option<String> {
    match entries {
        Some(Entries::Array(_)) => None,
        Some(Entries::Other(what)) => Some(format!("`{key}` is {what} instead of a list")),
        None => Some(format!("`{key}` is missing")),
    }
}

/// The first few keys, enough to recognise what was chosen by mistake.
fn key_names(keys: &[String]) -> String {
    const KEYS_SHOWN_MAX: usize = 12;
    if keys.is_empty() {
        return "no keys at all".into();
    }
    let shown: Vec<_> =
        keys.iter().take(KEYS_SHOWN_MAX).map(|key| format!("`{}`", shortened(key))).collect();
    let rest = keys.len() - shown.len();
    match rest {
        0 => format!("the keys {}", shown.join(", ")),
        _ => format!("the keys {} and {rest} more", shown.join(", ")),
    }
}
