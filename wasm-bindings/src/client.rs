//! A board with its connection to a relay, in JSON: what the exports do, without a browser.

use crate::ask::{Edit, Question};
use crate::error::CallError;
use crate::message::message;
use crate::patch::Patch;
use kanban_client::{BoardClient, BoardOutput, Other, Shown};
use kanban_core::{
    Board, BoardDraft, BoardId, BoardView, Change, ChangeHash, Replica, TextUnit, Timestamp,
    from_trello,
};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::time::Duration;
use sync_protocol::client::{Availability, ClientOptions, Connection, Input, Resume, Status};
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

/// What the page is to do.
#[derive(Debug, PartialEq)]
pub enum ClientOutput {
    /// Send these bytes as a binary frame.
    Frame(Vec<u8>),
    /// Anything else, as JSON with a `type`.
    Json(String),
}

/// Changes to keep: a name that they always have, and their bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Chunk {
    pub key: String,
    pub bytes: Vec<u8>,
}

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
        let (replica, now) = (replica(who)?, timestamp(now));
        let mut report = None;
        let board = match content {
            Content::Empty { name } => Board::create(replica, id, &name, now),
            Content::Draft { draft: Draft(draft) } => Board::from_draft(replica, id, &draft, now)?,
            Content::Json { text } => Board::from_json(replica, id, &text, now)?,
            Content::Trello { text } => {
                let (board, found) = from_trello(text.as_bytes(), replica, id, now)?;
                report = Some(serde_json::to_string(&found)?);
                board
            }
        };
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
        let json = match output {
            BoardOutput::Send(frame) => return Ok(Some(ClientOutput::Frame(frame))),
            BoardOutput::Dial => json!({ "type": "dial" }),
            BoardOutput::Ping => json!({ "type": "ping" }),
            BoardOutput::HangUp => json!({ "type": "hangUp" }),
            BoardOutput::StatusChanged => json!({ "type": "statusChanged" }),
            BoardOutput::BoardArrived => json!({ "type": "boardArrived" }),
            BoardOutput::PresenceChanged => json!({ "type": "presenceChanged" }),
            BoardOutput::Received(events) => {
                // Not by `json!`, for which all that events are made of would be compiled once more.
                let events = serde_json::to_string(&events)?;
                let json = format!(r#"{{"events":{events},"type":"received"}}"#);
                return Ok(Some(ClientOutput::Json(json)));
            }
            _ => json!({ "type": "other" }),
        };
        Ok(Some(ClientOutput::Json(json.to_string())))
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
        status(self.client.status()).to_string()
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
        Availability::Unknown => "unknown",
        Availability::Available => "available",
        Availability::Unavailable => "unavailable",
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
mod tests {
    use super::*;

    const NOW: f64 = 1_700_000_000_123.5;
    const EMPTY: &str = r#"{ "type": "empty", "name": "Board" }"#;
    const COLUMN: &str = r#"{ "type": "apply", "command":
        { "type": "createColumn", "column": "todo", "name": "To do", "at": "last" } }"#;
    const CARD: &str = r#"{ "type": "apply", "command": { "type": "createCard", "card": "x",
        "column": "todo", "at": "first", "title": "X", "description": "🙂" } }"#;

    fn url() -> String {
        new_document_url(&[7; 16]).unwrap()
    }

    fn who(actor: u8) -> Identity<'static> {
        let actors: &[[u8; 16]] = &[[0; 16], [1; 16], [2; 16]];
        Identity { actor: &actors[usize::from(actor)], author: Some("ana"), seed: 1 }
    }

    fn created() -> JsonClient {
        JsonClient::create(&url(), EMPTY, who(1), NOW).unwrap()
    }

    fn outputs(client: &mut JsonClient) -> Vec<ClientOutput> {
        std::iter::from_fn(|| client.poll_output().unwrap()).collect()
    }

    fn status_of(client: &JsonClient) -> Value {
        serde_json::from_str(&client.status()).unwrap()
    }

    #[test]
    fn a_new_board_is_there_at_once_and_waits_for_the_relay() {
        let mut client = created();
        let applied: Value = serde_json::from_str(&client.edit(COLUMN, NOW).unwrap()).unwrap();
        assert_eq!(applied["events"], json!([{ "type": "columnCreated", "column": "todo" }]));
        assert!(client.view().unwrap().unwrap().contains("To do"));
        client.handle(Input::Changed, NOW);
        assert_eq!(status_of(&client)["connection"]["type"], "offline");
        assert!(status_of(&client)["pending"].as_u64() > Some(0));
    }

    #[test]
    fn what_was_stored_in_chunks_opens_as_the_same_board() {
        let mut client = created();
        let mut stored = client.take_unstored();
        for edit in [COLUMN, CARD] {
            client.edit(edit, NOW).unwrap();
            let chunks = client.take_unstored();
            assert_eq!(chunks.len(), 1, "one change is one chunk");
            stored.extend(chunks);
        }
        assert_eq!(client.take_unstored(), []);
        let bytes: Vec<u8> = stored.iter().flat_map(|chunk| &chunk.bytes).copied().collect();
        let mut opened = JsonClient::open(&url(), &bytes, Some(&client.resume()), who(2)).unwrap();
        assert_eq!(opened.view().unwrap(), client.view().unwrap());
        assert_eq!(opened.take_unstored(), [], "it is stored");
        // A snapshot and chunks that it has already are the same board too.
        let snapshot = client.snapshot().unwrap();
        let bytes = [snapshot.bytes, bytes].concat();
        let mut opened = JsonClient::open(&url(), &bytes, None, who(2)).unwrap();
        assert_eq!(opened.view().unwrap(), client.view().unwrap());
        assert!(JsonClient::open(&url(), b"no board", None, who(2)).is_err());
    }

    #[test]
    fn two_tabs_exchange_what_they_stored() {
        let mut ana = created();
        ana.edit(COLUMN, NOW).unwrap();
        let bytes: Vec<u8> = ana.take_unstored().into_iter().flat_map(|it| it.bytes).collect();
        let mut other = JsonClient::open(&url(), &bytes, None, who(2)).unwrap();
        other.view().unwrap();
        ana.edit(CARD, NOW).unwrap();
        let chunks = ana.take_unstored().into_iter().map(|it| it.bytes).collect();
        assert_eq!(other.receive(chunks).unwrap(), r#"[{"type":"cardCreated","card":"x"}]"#);
        assert!(other.take_patch().unwrap().unwrap().contains("🙂"));
        assert_eq!(other.take_patch().unwrap(), None);
        assert_eq!(other.view().unwrap(), ana.view().unwrap());
    }

    #[test]
    fn offsets_count_as_javascript_counts() {
        let mut client = created();
        client.edit(COLUMN, NOW).unwrap();
        client.edit(CARD, NOW).unwrap();
        let edit = r#"{ "type": "apply", "command": { "type": "editDescription", "card": "x",
            "at": 2, "remove": 0, "insert": "!" } }"#;
        client.edit(edit, NOW).unwrap();
        assert!(client.view().unwrap().unwrap().contains("🙂!"));
    }

    #[test]
    fn boards_are_made_of_what_others_have_exported() {
        let mut first = created();
        first.edit(COLUMN, NOW).unwrap();
        let text = first.ask(r#"{ "type": "json" }"#).unwrap();
        let content = format!(r#"{{ "type": "json", "text": {text} }}"#);
        let mut copy = JsonClient::create(&url(), &content, who(2), NOW).unwrap();
        assert!(copy.view().unwrap().unwrap().contains("To do"));
        let trello =
            r#"{ "type": "trello", "text": "{\"name\":\"Old\",\"lists\":[],\"cards\":[]}" }"#;
        let mut imported = JsonClient::create(&url(), trello, who(2), NOW).unwrap();
        assert!(imported.view().unwrap().unwrap().contains("Old"));
        assert!(imported.import_report().is_some());
        let error = JsonClient::create(&url(), r#"{"type":"trello","text":"x"}"#, who(2), NOW);
        assert_eq!(error.err().unwrap().code(), "not-importable");
    }

    #[test]
    fn outputs_cross_as_bytes_and_json_and_times_as_milliseconds() {
        let mut client = JsonClient::join(&url(), who(1)).unwrap();
        assert_eq!(client.view().unwrap(), None);
        assert_eq!(client.edit(COLUMN, NOW).unwrap_err().code(), "not-ready");
        client.handle(Input::Reconnect, NOW);
        let dial = ClientOutput::Json(r#"{"type":"dial"}"#.to_owned());
        assert_eq!(outputs(&mut client)[0], dial);
        assert_eq!(client.next_timeout(), Some(NOW + 10_000.0));
        client.handle(Input::Opened, NOW);
        assert!(matches!(&outputs(&mut client)[..], [ClientOutput::Frame(_)]));
        client.handle(Input::Closed, NOW);
        assert_eq!(status_of(&client)["connection"]["type"], "offline");
    }

    #[test]
    fn what_a_caller_gets_wrong_is_an_error_with_a_sentence() {
        let short = Identity { actor: &[1; 3], ..who(1) };
        assert!(JsonClient::join(&url(), short).is_err());
        for damaged in ["", "automerge:", "automerge:nonsense"] {
            assert!(JsonClient::join(damaged, who(1)).is_err(), "{damaged}");
        }
        assert!(new_document_url(&[1; 15]).is_err());
        let mut client = created();
        for edit in ["", "{}", r#"{ "type": "fly" }"#] {
            assert_eq!(client.edit(edit, NOW).unwrap_err().code(), "invalid-argument", "{edit}");
        }
        client.handle(Input::Tick, f64::NAN);
        client.handle(Input::Tick, -1.0);
    }
}
