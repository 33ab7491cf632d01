//! A board with its connection to a relay, in JSON: what the exports do, testable without a browser.

use crate::board::{CallError, events, replica, timestamp};
use kanban_client::{BoardClient, BoardOutput, Connection, Input, Presence};
use kanban_client::{ClientOptions, Resume, Status};
use kanban_core::{Board, BoardId, Command};
use serde_json::{Value, json};
use std::time::Duration;
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
