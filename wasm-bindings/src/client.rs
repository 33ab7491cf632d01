//! A board with its connection to a relay, in JSON: what the exports do, without a browser.

mod content;
mod saying;

pub use content::Content;
pub use saying::ClientOutput;

use crate::ask::{Edit, Question};
use crate::error::CallError;
use crate::patch::Patch;
use kanban_client::{BoardClient, Other, Shown};
use kanban_core::{Board, BoardId, BoardView, Change, ChangeHash, Replica, TextUnit, Timestamp};
use saying::output_in_json;
use serde_json::{Value, json};
use std::time::Duration;
use sync_protocol::client::{ClientOptions, Input, Resume};
use sync_protocol::{DocumentId, DocumentUrl, PeerId, check_change, chunks};

/// Changes that come together and are more than this are stored as one chunk.
const CHUNKS_MAX: usize = 32;

/// A relay that is silent for this long is asked for a sign of life: sockets of browsers stay open when
/// the other end is gone.
const PING_EVERY: Duration = Duration::from_secs(20);

/// A board that speaks JSON and frames.
pub struct JsonClient {
    client: BoardClient,
    /// What [`take_unstored`](Self::take_unstored) has handed out.
    stored: Vec<ChangeHash>,
    /// What JavaScript has seen.
    shown: Option<BoardView>,
    report: Option<String>,
}

/// Changes to keep: a name that they always have, and their bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Chunk {
    pub key: String,
    pub bytes: Vec<u8>,
}

/// Who makes changes here.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// 16 random bytes that no other replica that is running has.
    pub actor: &'a [u8],
    /// Whose changes they are.
    pub author: Option<&'a str>,
    /// A random number: what waits are drawn from.
    pub seed: u32,
}

impl JsonClient {
    /// Makes a new board under an address that nobody has.
    pub fn create(
        url: &str,
        content: &str,
        who: Identity<'_>,
        now: f64,
    ) -> Result<Self, CallError> {
        let document = DocumentUrl::parse(url)?.document;
        let id = BoardId::parse(&document.to_string())?;
        let content: Content = serde_json::from_str(content).map_err(CallError::NotAMessage)?;
        let (board, report) = content.board(id, who, now)?;
        let client = BoardClient::with_board(document, board, options(who)?, Resume::default());
        Ok(Self { report, ..Self::of(client, Vec::new()) })
    }

    /// Opens a board that was stored, with what was kept of the relay beside it.
    pub fn open(
        url: &str,
        bytes: &[u8],
        resume: Option<&[u8]>,
        who: Identity<'_>,
    ) -> Result<Self, CallError> {
        let document = DocumentUrl::parse(url)?.document;
        let board = Board::open(bytes, replica(who)?)?;
        // Without it, or if another version wrote it, everything is offered to the relay anew.
        let resume = resume.and_then(|bytes| Resume::decode(bytes).ok()).unwrap_or_default();
        let stored = board.heads();
        Ok(Self::of(BoardClient::with_board(document, board, options(who)?, resume), stored))
    }

    /// Opens the board at an address, as soon as the relay has it.
    pub fn join(url: &str, who: Identity<'_>) -> Result<Self, CallError> {
        let document = DocumentUrl::parse(url)?.document;
        let client = BoardClient::joining(document, replica(who)?, options(who)?);
        Ok(Self::of(client, Vec::new()))
    }

    fn of(client: BoardClient, stored: Vec<ChangeHash>) -> Self {
        Self { client, stored, shown: None, report: None }
    }

    /// What an import could not take over, as JSON.
    pub fn import_report(&self) -> Option<String> {
        self.report.clone()
    }

    /// Changes the board. Store what is [unstored](Self::take_unstored), then hand in
    /// [`Input::Changed`].
    pub fn edit(&mut self, edit: &str, now: f64) -> Result<String, CallError> {
        let edit: Edit = serde_json::from_str(edit).map_err(CallError::NotAMessage)?;
        let board = self.client.board_mut().ok_or(CallError::NoBoard)?;
        edit.answer(board, timestamp(now))
    }

    /// Answers a question.
    pub fn ask(&self, question: &str) -> Result<String, CallError> {
        let question: Question = serde_json::from_str(question).map_err(CallError::NotAMessage)?;
        question.answer(self.client.board().ok_or(CallError::NoBoard)?)
    }

    /// Takes changes that another tab has made and stored.
    pub fn receive(&mut self, changes: Vec<Vec<u8>>) -> Result<String, CallError> {
        for bytes in &changes {
            check(bytes)?;
        }
        let board = self.client.board_mut().ok_or(CallError::NoBoard)?;
        let events = board.receive_bytes(changes)?.events;
        Ok(serde_json::to_string(&events)?)
    }

    /// What has been changed or received since this was asked last, to be stored.
    pub fn take_unstored(&mut self) -> Vec<Chunk> {
        let Some(board) = self.client.board() else { return Vec::new() };
        let changes = board.changes_since(&self.stored);
        self.stored = board.heads();
        let chunk = |changes: &[Change]| {
            let last = changes.last()?.hash();
            let bytes = changes.iter().flat_map(|it| it.raw_bytes()).copied().collect();
            let key = match changes.len() {
                1 => last.to_string(),
                count => format!("{last}+{}", count - 1),
            };
            Some(Chunk { key, bytes })
        };
        let size = if changes.len() > CHUNKS_MAX { changes.len() } else { 1 };
        changes.chunks(size).filter_map(chunk).collect()
    }

    /// The whole board in one chunk, named after its version, however many heads that has: a name of a
    /// file must not become long.
    pub fn snapshot(&self) -> Option<Chunk> {
        let board = self.client.board()?;
        let heads = board.heads();
        let mut version = [0; 32];
        for head in &heads {
            version.iter_mut().zip(head.0).for_each(|(byte, of_head)| *byte ^= of_head);
        }
        let key = format!("={}+{}", ChangeHash(version), heads.len());
        Some(Chunk { key, bytes: board.save() })
    }

    /// What to keep beside the board.
    pub fn resume(&self) -> Vec<u8> {
        self.client.resume().encode()
    }

    /// See [`BoardClient::handle`].
    pub fn handle(&mut self, input: Input<'_>, now: f64) {
        self.client.handle(input, duration(now));
    }

    /// See [`BoardClient::show`]; `shown` is a JSON object.
    pub fn show(&mut self, shown: Option<&str>, now: f64) -> Result<(), CallError> {
        let shown: Option<Shown> =
            shown.map(serde_json::from_str).transpose().map_err(CallError::NotAMessage)?;
        let is_shown = self.client.show(shown.as_ref(), duration(now));
        if is_shown { Ok(()) } else { Err(CallError::ShowsTooMuch) }
    }

    /// Who else is here, as JSON.
    pub fn others(&self) -> String {
        let other = |other: &Other| json!({ "peer": other.peer.as_str(), "presence": other.shown });
        Value::from(self.client.others().iter().map(other).collect::<Vec<_>>()).to_string()
    }

    /// See [`BoardClient::show_token`].
    pub fn show_token(&mut self, token: &str) -> bool {
        self.client.show_token(token)
    }

    /// See [`BoardClient::poll_output`].
    pub fn poll_output(&mut self) -> Result<Option<ClientOutput>, CallError> {
        let Some(output) = self.client.poll_output() else { return Ok(None) };
        Ok(Some(output_in_json(output)?))
    }

    /// See [`BoardClient::poll_timeout`]; by the clock of `now`.
    pub fn next_timeout(&self) -> Option<f64> {
        self.client.poll_timeout().map(milliseconds)
    }

    /// The whole board; `None` until it has arrived. Patches follow on it.
    pub fn view(&mut self) -> Result<Option<String>, CallError> {
        self.shown = self.client.board().map(Board::view);
        Ok(self.shown.as_ref().map(serde_json::to_string).transpose()?)
    }

    /// What has changed since the last view or patch; `None` if nothing has.
    pub fn take_patch(&mut self) -> Result<Option<String>, CallError> {
        let (Some(board), Some(before)) = (self.client.board(), &self.shown) else {
            return Ok(None);
        };
        let after = board.view();
        let patch = Patch::between(before, &after);
        let json = patch.map(|patch| serde_json::to_string(&patch)).transpose();
        self.shown = Some(after);
        Ok(json?)
    }

    /// See [`BoardClient::status`].
    pub fn status(&self) -> String {
        saying::status(self.client.status()).to_string()
    }
}

/// The address of a new document, out of 16 random bytes.
pub fn new_document_url(entropy: &[u8]) -> Result<String, CallError> {
    let bytes: [u8; 16] = entropy.try_into().map_err(|_| CallError::Entropy(entropy.len()))?;
    Ok(DocumentUrl::from(DocumentId::from_bytes(bytes)).to_string())
}

/// Whether changes are such as could crash the program: a page's scripts write where its tabs read.
fn check(bytes: &[u8]) -> Result<(), CallError> {
    for chunk in chunks(bytes) {
        check_change(&chunk?.change()?)?;
    }
    Ok(())
}

fn replica(who: Identity<'_>) -> Result<Replica, CallError> {
    let bytes: [u8; 16] = who.actor.try_into().map_err(|_| CallError::Actor(who.actor.len()))?;
    let replica = Replica::from_entropy(bytes).counting_text_in(TextUnit::Utf16);
    Ok(match who.author {
        Some(author) => replica.by(author),
        None => replica,
    })
}

/// An actor is unique among all running replicas, so it names the connection too.
fn options(who: Identity<'_>) -> Result<ClientOptions, CallError> {
    let digits: String = who.actor.iter().map(|byte| format!("{byte:02x}")).collect();
    let options = ClientOptions::new(PeerId::parse(&format!("page-{digits}"))?, who.seed.into());
    Ok(options.pinging_every(PING_EVERY).by_message())
}

/// JavaScript counts milliseconds and may count fractions of them.
fn timestamp(milliseconds: f64) -> Timestamp {
    Timestamp::from_unix_seconds((milliseconds / 1000.0) as i64)
}

/// JavaScript counts milliseconds; what is no time is the beginning of it.
fn duration(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests;
