//! A board that speaks JSON: what the exports do, testable without a browser.

use kanban_client::ApplyError;
use kanban_core::{
    Board, BoardEvent, BoardId, Change, ChangeHash, Command, CommandError, IdError, MergeError,
    OpenError, Replica, TextUnit, Timestamp,
};
use sync_protocol::UrlError;

/// Why a call from JavaScript failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// An id that is none.
    #[error(transparent)]
    Id(#[from] IdError),
    /// An actor that is not 16 bytes long.
    #[error("an actor is 16 random bytes; this one has {0}")]
    Actor(usize),
    /// JSON that is no command.
    #[error("this is not a command: {0}")]
    NotACommand(#[source] serde_json::Error),
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
    /// A command that was refused, or came before its board.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// Bytes that are no board.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Changes that were refused.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// A value that JSON cannot hold.
    #[error("the result could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// A board whose commands, events and view are JSON.
pub struct JsonBoard(Board);

impl JsonBoard {
    /// Makes a new board; see [`Board::create`].
    pub fn create(
        id: &str,
        name: &str,
        actor: &[u8],
        author: Option<&str>,
        now: f64,
    ) -> Result<Self, CallError> {
        let replica = replica(actor, author)?;
        Ok(Self(Board::create(replica, BoardId::parse(id)?, name, timestamp(now))))
    }

    /// Opens a saved board; see [`Board::open`].
    pub fn open(bytes: &[u8], actor: &[u8], author: Option<&str>) -> Result<Self, CallError> {
        Ok(Self(Board::open(bytes, replica(actor, author)?)?))
    }

    /// Carries out a command; see [`Board::apply`].
    pub fn apply(&mut self, command: &str, now: f64) -> Result<String, CallError> {
        let command: Command = serde_json::from_str(command).map_err(CallError::NotACommand)?;
        let applied = self.0.apply(&command, timestamp(now))?;
        events(&applied.events)
    }

    /// Applies changes; see [`Board::receive_bytes`].
    pub fn receive(&mut self, changes: Vec<Vec<u8>>) -> Result<String, CallError> {
        events(&self.0.receive_bytes(changes)?.events)
    }

    /// The whole board; see [`Board::view`].
    pub fn view(&self) -> Result<String, CallError> {
        Ok(serde_json::to_string(&self.0.view())?)
    }

    /// The whole board as bytes; see [`Board::save`].
    pub fn save(&self) -> Vec<u8> {
        self.0.save()
    }

    /// See [`Board::heads`].
    pub fn heads(&self) -> Vec<String> {
        self.0.heads().iter().map(ToString::to_string).collect()
    }

    /// See [`Board::changes_since`].
    pub fn changes_since(&self, heads: &[String]) -> Result<Vec<Vec<u8>>, CallError> {
        let parse = |text: &String| {
            text.parse::<ChangeHash>().map_err(|_| CallError::NotAHash(text.clone()))
        };
        let heads: Vec<ChangeHash> = heads.iter().map(parse).collect::<Result<_, _>>()?;
        let bytes = |change: Change| change.raw_bytes().to_vec();
        Ok(self.0.changes_since(&heads).into_iter().map(bytes).collect())
    }
}

pub(crate) fn events(events: &[BoardEvent]) -> Result<String, CallError> {
    Ok(serde_json::to_string(events)?)
}

pub(crate) fn replica(actor: &[u8], author: Option<&str>) -> Result<Replica, CallError> {
    let bytes: [u8; 16] = actor.try_into().map_err(|_| CallError::Actor(actor.len()))?;
    let replica = Replica::from_entropy(bytes).counting_text_in(TextUnit::Utf16);
    Ok(match author {
        Some(author) => replica.by(author),
        None => replica,
    })
}

/// JavaScript counts milliseconds and may count fractions of them.
pub(crate) fn timestamp(milliseconds: f64) -> Timestamp {
    Timestamp::from_unix_seconds((milliseconds / 1000.0) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> JsonBoard {
        let mut board = JsonBoard::create("b", "Board", &[1; 16], Some("ana"), 1.5).unwrap();
        for command in [
            r#"{ "type": "createColumn", "column": "todo", "name": "To do", "at": "last" }"#,
            r#"{ "type": "createCard", "card": "x", "column": "todo", "at": "first",
                 "title": "X", "description": "🙂" }"#,
        ] {
            board.apply(command, 1_700_000_000_123.0).unwrap();
        }
        board
    }

    #[test]
    fn commands_and_events_cross_as_json() {
        let mut board = board();
        let events = board.apply(r#"{ "type": "deleteCard", "card": "x" }"#, 0.0).unwrap();
        assert_eq!(events, r#"[{"type":"cardDeleted","card":"x"}]"#);
        let view: serde_json::Value = serde_json::from_str(&board.view().unwrap()).unwrap();
        assert_eq!(view["columns"][0]["name"], "To do");
        assert_eq!(view["deletedCards"][0]["title"], "X");
    }

    #[test]
    fn offsets_count_as_javascript_counts() {
        let mut board = board();
        let edit = r#"{ "type": "editDescription", "card": "x", "at": 2, "remove": 0,
                        "insert": "!" }"#;
        board.apply(edit, 0.0).unwrap();
        assert!(board.view().unwrap().contains("🙂!"));
    }

    #[test]
    fn two_boards_exchange_changes_as_bytes() {
        let mut ana = board();
        let mut ben = JsonBoard::open(&ana.save(), &[2; 16], None).unwrap();
        let known = ben.heads();
        ana.apply(r#"{ "type": "renameBoard", "name": "Renamed" }"#, 0.0).unwrap();
        let events = ben.receive(ana.changes_since(&known).unwrap()).unwrap();
        assert_eq!(events, r#"[{"type":"boardEdited"}]"#);
        assert_eq!(ana.view().unwrap(), ben.view().unwrap());
    }

    #[test]
    fn what_a_caller_gets_wrong_is_an_error_with_a_sentence() {
        let mut board = board();
        for command in ["", "{}", r#"{ "type": "flyCard" }"#, r#"{ "type": "deleteCard" }"#] {
            let error = board.apply(command, 0.0).unwrap_err();
            assert!(error.to_string().starts_with("this is not a command"), "{error}");
        }
        assert!(JsonBoard::create("b", "B", &[1; 3], None, f64::NAN).is_err());
        assert!(JsonBoard::create("b", "B", &[1; 16], None, f64::INFINITY).is_ok());
        assert!(board.changes_since(&["zz".into()]).is_err());
    }
}
