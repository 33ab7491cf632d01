//! A board with its connection to a relay, in JSON: what the exports do, without a browser.

use crate::board::{CallError, events, replica, timestamp};
use kanban_client::{BoardClient, BoardOutput};
use kanban_core::{Board, BoardId, Command};
use serde_json::{Value, json};
use std::time::Duration;
use sync_protocol::client::{ClientOptions, Connection, Input, Presence, Resume, Status};
use sync_protocol::{DocumentId, DocumentUrl, PeerId};

/// A board that speaks JSON and frames.
pub struct JsonClient(BoardClient);

/// What the page is to do.
#[derive(Debug, PartialEq)]
pub enum ClientOutput {
    /// Send these bytes as a binary frame.
    Frame(Vec<u8>),
    /// Anything else, as JSON with a `type`.
    Json(String),
}

impl JsonClient {
    /// Makes a new board under an address that nobody has.
    pub fn create(
        url: &str,
        name: &str,
        actor: &[u8],
        author: Option<&str>,
        seed: u32,
        now: f64,
    ) -> Result<Self, CallError> {
        let document = DocumentUrl::parse(url)?.document;
        let board = BoardId::parse(&document.to_string())?;
        let board = Board::create(replica(actor, author)?, board, name, timestamp(now));
        let options = options(actor, seed)?;
        Ok(Self(BoardClient::with_board(document, board, options, Resume::default())))
    }

    /// Opens the board at an address, as soon as the relay has it.
    pub fn join(
        url: &str,
        actor: &[u8],
        author: Option<&str>,
        seed: u32,
    ) -> Result<Self, CallError> {
        let document = DocumentUrl::parse(url)?.document;
        let options = options(actor, seed)?;
        Ok(Self(BoardClient::joining(document, replica(actor, author)?, options)))
    }

    /// Carries out a command and lets the relay know; see [`BoardClient::apply`].
    pub fn apply(&mut self, command: &str, now: f64) -> Result<String, CallError> {
        let command: Command = serde_json::from_str(command).map_err(CallError::NotACommand)?;
        let applied = self.0.apply(&command, timestamp(now))?;
        // A page stores nothing between the two: see `Status::pending`.
        self.handle(Input::Changed, now);
        events(&applied.events)
    }

    /// See [`BoardClient::handle`].
    pub fn handle(&mut self, input: Input<'_>, now: f64) {
        self.0.handle(input, duration(now));
    }

    /// See [`BoardClient::show_token`].
    pub fn show_token(&mut self, token: &str) -> bool {
        self.0.show_token(token)
    }

    /// See [`BoardClient::poll_output`].
    pub fn poll_output(&mut self) -> Result<Option<ClientOutput>, CallError> {
        let Some(output) = self.0.poll_output() else { return Ok(None) };
        let json = match output {
            BoardOutput::Send(frame) => return Ok(Some(ClientOutput::Frame(frame))),
            BoardOutput::Dial => json!({ "type": "dial" }),
            BoardOutput::Ping => json!({ "type": "ping" }),
            BoardOutput::HangUp => json!({ "type": "hangUp" }),
            BoardOutput::StatusChanged => json!({ "type": "statusChanged" }),
            BoardOutput::BoardArrived => json!({ "type": "boardArrived" }),
            BoardOutput::Received(events) => json!({ "type": "received", "events": events }),
            _ => json!({ "type": "other" }),
        };
        Ok(Some(ClientOutput::Json(json.to_string())))
    }

    /// See [`BoardClient::poll_timeout`]; by the clock of `now`.
    pub fn next_timeout(&self) -> Option<f64> {
        self.0.poll_timeout().map(milliseconds)
    }

    /// The whole board; `None` until it has arrived.
    pub fn view(&self) -> Result<Option<String>, CallError> {
        let view = self.0.board().map(|board| serde_json::to_string(&board.view()));
        Ok(view.transpose()?)
    }

    /// See [`BoardClient::status`].
    pub fn status(&self) -> String {
        status(self.0.status()).to_string()
    }

    /// See [`Board::heads`].
    pub fn heads(&self) -> Vec<String> {
        let heads = self.0.board().map(Board::heads).unwrap_or_default();
        heads.iter().map(ToString::to_string).collect()
    }
}

/// The address of a new document, out of 16 random bytes.
pub fn new_document_url(entropy: &[u8]) -> Result<String, CallError> {
    let bytes: [u8; 16] = entropy.try_into().map_err(|_| CallError::Entropy(entropy.len()))?;
    Ok(DocumentUrl::from(DocumentId::from_bytes(bytes)).to_string())
}

/// An actor is unique among all running replicas, so it names the connection too.
fn options(actor: &[u8], seed: u32) -> Result<ClientOptions, CallError> {
    let digits: String = actor.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(ClientOptions::new(PeerId::parse(&format!("page-{digits}"))?, seed.into()))
}

fn status(status: &Status) -> Value {
    let connection = match &status.connection {
        Connection::Offline { retry_at } => {
            json!({ "type": "offline", "retryAt": retry_at.map(milliseconds) })
        }
        Connection::Connecting => json!({ "type": "connecting" }),
        Connection::Online => json!({ "type": "online" }),
        Connection::Refused { reason, retry_at } => {
            json!({ "type": "refused", "reason": reason, "retryAt": milliseconds(*retry_at) })
        }
        Connection::Stopped => json!({ "type": "stopped" }),
        // One that this build does not know of is no connection to rely on.
        _ => json!({ "type": "offline", "retryAt": null }),
    };
    let document = match status.document {
        Presence::Unknown => "unknown",
        Presence::Available => "available",
        Presence::Unavailable => "unavailable",
    };
    json!({
        "connection": connection,
        "pending": status.pending,
        "document": document,
        "isReadOnly": status.is_read_only,
        "isDurable": status.is_durable,
        "problem": status.problem,
    })
}

/// JavaScript counts milliseconds; what is no time is the beginning of it.
fn duration(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_700_000_000_123.5;

    fn url() -> String {
        new_document_url(&[7; 16]).unwrap()
    }

    fn outputs(client: &mut JsonClient) -> Vec<ClientOutput> {
        std::iter::from_fn(|| client.poll_output().unwrap()).collect()
    }

    fn status_of(client: &JsonClient) -> Value {
        serde_json::from_str(&client.status()).unwrap()
    }

    #[test]
    fn a_new_board_is_there_at_once_and_waits_for_the_relay() {
        let mut client = JsonClient::create(&url(), "Board", &[1; 16], None, 1, NOW).unwrap();
        let column =
            r#"{ "type": "createColumn", "column": "todo", "name": "To do", "at": "last" }"#;
        let events = client.apply(column, NOW).unwrap();
        assert_eq!(events, r#"[{"type":"columnCreated","column":"todo"}]"#);
        assert!(client.view().unwrap().unwrap().contains("To do"));
        assert_eq!(client.heads().len(), 1);
        assert_eq!(status_of(&client)["connection"]["type"], "offline");
        assert!(status_of(&client)["pending"].as_u64() > Some(0));
    }

    #[test]
    fn outputs_cross_as_bytes_and_json_and_times_as_milliseconds() {
        let mut client = JsonClient::create(&url(), "Board", &[1; 16], None, 1, NOW).unwrap();
        client.handle(Input::Reconnect, NOW);
        assert!(outputs(&mut client).contains(&ClientOutput::Json(r#"{"type":"dial"}"#.into())));
        let wait = client.next_timeout().unwrap() - NOW;
        assert!(wait > 0.0 && wait < 60_000.0, "{wait}");
        client.handle(Input::Opened, NOW);
        assert!(matches!(outputs(&mut client)[..], [ClientOutput::Frame(_), ..]));
        client.handle(Input::Frame(b"?"), f64::NAN);
        client.handle(Input::Stop, f64::NEG_INFINITY);
        assert_eq!(status_of(&client)["connection"]["type"], "stopped");
    }

    #[test]
    fn a_board_that_has_not_arrived_has_no_view_and_takes_no_commands() {
        let mut client = JsonClient::join(&url(), &[2; 16], Some("ben"), 1).unwrap();
        assert_eq!(client.view().unwrap(), None);
        assert!(client.heads().is_empty());
        let error = client.apply(r#"{ "type": "renameBoard", "name": "Mine" }"#, NOW).unwrap_err();
        assert_eq!(error.to_string(), "the board has not arrived from the relay yet");
    }

    #[test]
    fn a_damaged_address_is_an_error_with_a_sentence() {
        for damaged in ["", "automerge:", &url()[..20], &format!("{}x", url())] {
            assert!(JsonClient::join(damaged, &[2; 16], None, 1).is_err(), "{damaged}");
        }
        assert!(JsonClient::join(&url(), &[2; 3], None, 1).is_err());
        assert!(new_document_url(&[1; 15]).is_err());
    }
}
