//! A board as a JSON text of our own, which comes back as the same board.

use crate::board::Board;
use crate::ids::BoardId;
use crate::import::{BoardDraft, DraftError};
use crate::replica::{Replica, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::error::Category;

/// The version of the JSON format that [`Board::to_json`] writes, and the only one that is read.
///
/// ```
/// use kanban_core::{BOARD_JSON_VERSION, BoardDraft};
/// let json: serde_json::Value = serde_json::from_str(&BoardDraft::new("Release").to_json())?;
/// assert_eq!(json["version"], BOARD_JSON_VERSION);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const BOARD_JSON_VERSION: u64 = 1;

/// What `format` says in every such text.
const FORMAT: &str = "kanban-board";

/// Why a JSON text does not become a board.
///
/// ```
/// use kanban_core::{BoardDraft, BoardJsonError};
/// let error = BoardDraft::from_json("# Release").unwrap_err();
/// assert!(matches!(error, BoardJsonError::NotJson { line: 1, .. }));
/// assert_eq!(error.to_string(), "the text is not JSON from line 1, column 1 on");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoardJsonError {
    /// The text is the beginning of a JSON text.
    #[error("the text ends in the middle of the board, at line {line}, column {column}")]
    Truncated {
        /// The last line, from 1.
        line: usize,
        /// The column (in bytes) it ends at.
        column: usize,
        /// What was being read.
        source: serde_json::Error,
    },
    /// The text is not JSON.
    #[error("the text is not JSON from line {line}, column {column} on")]
    NotJson {
        /// The line of the first mistake, from 1.
        line: usize,
        /// The column (in bytes) of the first mistake.
        column: usize,
        /// The mistake.
        source: serde_json::Error,
    },
    /// The text is JSON of another kind, such as another program's export.
    #[error("the text is JSON, but no board of this library: {found}")]
    OtherFormat {
        /// What stands where `"format": "kanban-board"` belongs.
        found: String,
    },
    /// The text was written by a newer build.
    #[error("the text has version {found}, and this build reads version {known}; update it")]
    NewerVersion {
        /// The version of the text.
        found: u64,
        /// The version that this build reads.
        known: u64,
    },
    /// There is no such version.
    #[error("the text's version is {found}; there is no such version, the first is 1")]
    NoVersion {
        /// What stands in its place.
        found: String,
    },
    /// The JSON does not fit the format: a field is missing, or holds what it cannot.
    #[error("the board does not fit the format at line {line}, column {column}")]
    Content {
        /// The line of the first mistake, from 1.
        line: usize,
        /// The column (in bytes) of the first mistake.
        column: usize,
        /// The mistake.
        source: serde_json::Error,
    },
    /// The text fits the format, but not into a board: an id stands twice, or a text is too long.
    #[error("the text cannot become a board")]
    Draft(#[source] DraftError),
}

/// What is around the board in the text.
#[derive(Serialize)]
struct Written<'a> {
    format: &'a str,
    version: u64,
    board: &'a BoardDraft,
}

#[derive(Deserialize)]
struct Head {
    format: Option<Value>,
    version: Option<Value>,
}

#[derive(Deserialize)]
struct Body {
    board: BoardDraft,
}

impl BoardDraft {
    /// The draft as a JSON text, two blanks deep per level, ending in a line feed. The project's
    /// `docs/export.md` describes every field.
    ///
    /// ```
    /// # use kanban_core::BoardDraft;
    /// let draft = BoardDraft::new("Release");
    /// let text = draft.to_json();
    /// assert!(text.starts_with("{\n  \"format\": \"kanban-board\",\n  \"version\": 1,\n"));
    /// assert_eq!(BoardDraft::from_json(&text)?, draft);
    /// # Ok::<(), kanban_core::BoardJsonError>(())
    /// ```
    pub fn to_json(&self) -> String {
        let written = Written { format: FORMAT, version: BOARD_JSON_VERSION, board: self };
        let text = serde_json::to_string(&written)
            .expect("plain structs of texts, numbers and flags always have a JSON text");
        let mut text = spread(&text);
        text.push('\n');
        text
    }

    /// Reads what [`to_json`](Self::to_json) wrote, or a program or person by the same format.
    ///
    /// Optional fields may be missing; fields that this build does not know are passed over.
    ///
    /// ```
    /// # use kanban_core::BoardDraft;
    /// let text = r#"{ "format": "kanban-board", "version": 1, "board": { "name": "Release", "columns": [
    ///     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] }
    /// ] } }"#;
    /// assert_eq!(BoardDraft::from_json(text)?.columns[0].cards[0].title, "Write docs");
    /// let newer = text.replace("\"version\": 1", "\"version\": 2");
    /// let error = BoardDraft::from_json(&newer).unwrap_err();
    /// assert_eq!(error.to_string(), "the text has version 2, and this build reads version 1; update it");
    /// # Ok::<(), kanban_core::BoardJsonError>(())
    /// ```
    ///
    /// # Errors
    /// [`BoardJsonError`] says what the text is instead and, where there is one, in which line. Ids
    /// that stand twice and texts that are too long are found by [`Board::from_draft`].
    pub fn from_json(text: &str) -> Result<Self, BoardJsonError> {
        // Editors on Windows put a byte order mark in front when they save a file again.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        check_head(text)?;
        match serde_json::from_str::<Body>(text) {
            Ok(body) => Ok(body.board),
            Err(source) => Err(BoardJsonError::Content {
                line: source.line(),
                column: source.column(),
                source,
            }),
        }
    }
}

/// One value to a line, as `serde_json::to_string_pretty` writes it, which would be compiled once more
/// for every type in it.
fn spread(json: &str) -> String {
    let mut spread = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut letters) = (0, false, json.chars().peekable());
    let line = |spread: &mut String, depth| {
        spread.push('\n');
        spread.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(letter) = letters.next() {
        if matches!(letter, '}' | ']') && !in_text {
            depth -= 1;
            line(&mut spread, depth);
        }
        spread.push(letter);
        match letter {
            '"' => in_text = !in_text,
            '\\' if in_text => spread.extend(letters.next()),
            _ if in_text => {}
            '{' | '[' => match letters.next_if(|next| matches!(next, '}' | ']')) {
                Some(end) => spread.push(end),
                None => {
                    depth += 1;
                    line(&mut spread, depth);
                }
            },
            ',' => line(&mut spread, depth),
            ':' => spread.push(' '),
            _ => {}
        }
    }
    spread
}

/// Checks that the whole text is JSON, and of a format and version that are read.
fn check_head(text: &str) -> Result<(), BoardJsonError> {
    let head = serde_json::from_str::<Head>(text).map_err(|source| {
        let (line, column) = (source.line(), source.column());
        match source.classify() {
            Category::Eof => BoardJsonError::Truncated { line, column, source },
            Category::Syntax | Category::Io => BoardJsonError::NotJson { line, column, source },
            Category::Data => BoardJsonError::OtherFormat { found: source.to_string() },
        }
    })?;
    match head.format {
        Some(Value::String(format)) if format == FORMAT => {}
        Some(Value::String(other)) => {
            let other: String = other.chars().take(40).collect();
            let found = format!("`format` is {other:?} instead of {FORMAT:?}");
            return Err(BoardJsonError::OtherFormat { found });
        }
        Some(_) => {
            return Err(BoardJsonError::OtherFormat { found: "`format` is no text".into() });
        }
        None => return Err(BoardJsonError::OtherFormat { found: "`format` is missing".into() }),
    }
    match head.version.as_ref().and_then(Value::as_u64) {
        Some(BOARD_JSON_VERSION) => Ok(()),
        Some(found) if found > BOARD_JSON_VERSION => {
            Err(BoardJsonError::NewerVersion { found, known: BOARD_JSON_VERSION })
        }
        _ => {
            let found = head.version.map_or("missing".to_owned(), |version| version.to_string());
            Err(BoardJsonError::NoVersion { found: found.chars().take(40).collect() })
        }
    }
}

impl Board {
    /// Everything the board shows, shelf included, as a JSON text: [`Board::to_draft`] in the format
    /// of [`BoardDraft::to_json`]. Boards with equal drafts have the same text.
    ///
    /// Not in it: the board's id, history, values that lost against a concurrent one, order keys,
    /// and the trash. A deleted column that is still shown for a card's sake comes as a column of
    /// the board, one with only archived cards as an archived column.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardId, Replica, Timestamp};
    /// # let now = Timestamp::from_unix_seconds(1_700_000_000);
    /// let replica = Replica::new(ActorId::from([1; 16]));
    /// let board = Board::create(replica, BoardId::parse("first")?, "Release", now);
    /// let text = board.to_json();
    ///
    /// let replica = Replica::new(ActorId::from([2; 16]));
    /// let copy = Board::from_json(replica, BoardId::parse("second")?, &text, now)?;
    /// assert_eq!(copy.to_json(), text);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_json(&self) -> String {
        self.to_draft().to_json()
    }

    /// Makes a new board out of a JSON text, as [`Board::from_draft`] does.
    ///
    /// The board is another one than that which the text came from, also if it gets the same id:
    /// import once and give copies of the saved board to others.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardId, Replica, Timestamp};
    /// # let now = Timestamp::from_unix_seconds(1_700_000_000);
    /// let text = r#"{ "format": "kanban-board", "version": 1, "board": { "name": "Release", "columns": [] } }"#;
    /// let replica = Replica::new(ActorId::from([1; 16]));
    /// let board = Board::from_json(replica, BoardId::parse("release")?, text, now)?;
    /// assert_eq!(board.name(), "Release");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`BoardJsonError`] as [`BoardDraft::from_json`] does, and [`BoardJsonError::Draft`] with the
    /// id or text that a board cannot take.
    pub fn from_json(
        replica: Replica,
        id: BoardId,
        text: &str,
        now: Timestamp,
    ) -> Result<Self, BoardJsonError> {
        let draft = BoardDraft::from_json(text)?;
        Board::from_draft(replica, id, &draft, now).map_err(BoardJsonError::Draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_spread_as_serde_json_spreads_it() {
        let odd = serde_json::json!({
            "empty": [{}, [], "", null], "quoted \\ \" }": "a \"{[,:]}\" \\", "ü": [[[1, -2.5]], true],
        });
        for value in [odd, Value::Null, serde_json::json!([]), serde_json::json!("x")] {
            let expected = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(spread(&value.to_string()), expected);
        }
    }
}
