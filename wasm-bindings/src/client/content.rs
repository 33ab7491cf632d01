//! What new boards are made of.

use super::{CallError, Identity, replica, timestamp};
use crate::message::message;
use kanban_core::{Board, BoardDraft, BoardId, from_trello};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

message! {
/// What a new board is made of.
#[derive(Debug)]
pub enum Content {
    /// Nothing but a name.
    Empty { name: String },
    /// Columns and cards.
    Draft {
        #[cfg_attr(feature = "typescript", ts(as = "Box<BoardDraft>"))]
        draft: Draft
    },
    /// What `json` answers of another board.
    Json { text: String },
    /// A board that Trello has exported as JSON. See `importReport`.
    Trello { text: String },
}
}

/// A draft. It is read as text, as that in a file is: the code that reads it is in the program once.
#[derive(Debug)]
pub struct Draft(Box<BoardDraft>);

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Value::deserialize(deserializer)?.to_string();
        serde_json::from_str(&text).map(Self).map_err(|error| {
            // A place in a text that nobody has seen.
            let place = format!(" at line {} column {}", error.line(), error.column());
            D::Error::custom(error.to_string().trim_end_matches(&place))
        })
    }
}

impl Content {
    /// Makes the board, and what is to be said of an import, as JSON.
    pub fn board(
        self,
        id: BoardId,
        who: Identity<'_>,
        now: f64,
    ) -> Result<(Board, Option<String>), CallError> {
        let (replica, now) = (replica(who)?, timestamp(now));
        let board = match self {
            Self::Empty { name } => Board::create(replica, id, &name, now),
            Self::Draft { draft: Draft(draft) } => Board::from_draft(replica, id, &draft, now)?,
            Self::Json { text } => Board::from_json(replica, id, &text, now)?,
            Self::Trello { text } => {
                let (board, found) = from_trello(text.as_bytes(), replica, id, now)?;
                return Ok((board, Some(serde_json::to_string(&found)?)));
            }
        };
        Ok((board, None))
    }
}
