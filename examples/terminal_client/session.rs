//! One run of the program: a board from a file, for as long as a command takes.

use crate::arguments::Arguments;
use crate::{names::NameError, news, show};
use kanban_client::{BoardClient, BoardFile, LiveBoard, entropy, options};
use kanban_core::{Board, BoardId, CardId, ColumnId, Command, Replica, Slot, Timestamp};
use serde_json::json;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, SystemTime};
use sync_protocol::client::{Availability, Connection, Resume, Status};
use sync_protocol::{DocumentId, DocumentUrl};
use tokio::sync::broadcast::error::RecvError;

/// How long a command waits for the relay. What is not done by then is done next time.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to wait for a board that was never here.
const ARRIVAL_PATIENCE: Duration = Duration::from_secs(10);

type Failure = Box<dyn Error>;

pub struct Session {
    document: DocumentId,
    live: LiveBoard,
    /// What is not with the relay when the program ends is in a file.
    has_file: bool,
}

/// Where the relay is, and who this is there.
pub struct Me {
    pub relay: String,
    pub token: Option<String>,
    /// Signs changes.
    pub name: Option<String>,
}

impl Me {
    /// From the arguments and the environment.
    pub fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let token = match &arguments.token_file {
            Some(path) => {
                let read = std::fs::read_to_string(path);
                let read = read.map_err(|error| format!("{}: {error}", path.display()))?;
                Some(read.trim().to_owned())
            }
            // Not an argument: others on the machine see those.
            None => variable("KANBAN_TOKEN"),
        };
        let name = arguments.name.clone().or_else(|| variable("KANBAN_NAME"));
        Ok(Self { relay: arguments.relay.clone(), token, name: name.or_else(|| variable("USER")) })
    }

    /// An actor must be unique among running replicas, so every run draws one.
    fn replica(&self) -> Replica {
        let replica = Replica::from_entropy(entropy());
        match &self.name {
            Some(name) => replica.by(name),
            None => replica,
        }
    }
}

/// What became of a command.
pub struct Outcome {
    /// Whether the relay has it.
    pub is_saved: bool,
    /// How things stand, in one line.
    pub report: String,
}

impl Session {
    /// Makes a board with columns.
    pub fn create(path: &Path, me: &Me, name: &str, columns: &[String]) -> Result<Self, Failure> {
        let mut board = Board::create(me.replica(), BoardId::from_entropy(entropy()), name, now());
        for name in columns {
            let (column, name) = (ColumnId::from_entropy(entropy()), name.clone());
            board.apply(&Command::CreateColumn { column, name, at: Slot::Last }, now())?;
        }
        let document = DocumentId::from_bytes(entropy());
        let file = BoardFile::create(path, document, &board)?;
        let client = BoardClient::with_board(document, board, options(), Resume::default());
        Self::start(me, client, Some(file))
    }

    /// Asks for somebody else's board.
    pub fn join(path: &Path, me: &Me, document: DocumentId) -> Result<Self, Failure> {
        let file = BoardFile::join(path, document)?;
        Self::start(me, BoardClient::joining(document, me.replica(), options()), Some(file))
    }

    /// Opens the relay's board, for as long as the command takes.
    pub fn visit(me: &Me, document: DocumentId) -> Result<Self, Failure> {
        Self::start(me, BoardClient::joining(document, me.replica(), options()), None)
    }

    /// Opens a board that was made or asked for before.
    pub fn open(path: &Path, me: &Me) -> Result<Self, Failure> {
        let replica = me.replica();
        let (file, kept) = BoardFile::open(path, replica.clone())?;
        let document = file.document();
        let client = match kept.board {
            Some(board) => BoardClient::with_board(document, board, options(), kept.resume),
            None => BoardClient::joining(document, replica, options()),
        };
        Self::start(me, client, Some(file))
    }

    fn start(me: &Me, client: BoardClient, file: Option<BoardFile>) -> Result<Self, Failure> {
        let (document, has_file) = (client.document(), file.is_some());
        let live = LiveBoard::connect_as(me.token.as_deref(), &me.relay, client, file)?;
        Ok(Self { document, live, has_file })
    }

    pub async fn close(self) -> Result<(), Failure> {
        Ok(self.live.close().await?)
    }

    /// The address for others.
    pub fn url(&self) -> String {
        DocumentUrl::from(self.document).to_string()
    }

    /// Exchanges changes with the relay, if it is there, and says how that went.
    pub async fn sync(&self) -> Outcome {
        let status = self.settle().await;
        Outcome { is_saved: status.pending == 0, report: report(&status) }
    }

    /// The board as text, as new as the relay has it.
    pub async fn list(&self) -> Result<String, Failure> {
        self.board(show::listing).await
    }

    /// Looks at the board, as new as the relay has it.
    pub async fn board<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Board) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.settle().await;
        if !self.live.with_board(|board| board.is_some()).await? {
            let arrived = tokio::time::timeout(ARRIVAL_PATIENCE, self.live.arrived()).await;
            arrived.map_err(|_| self.why_it_has_not_arrived())??;
        }
        let looked = self.live.with_board(|board| board.map(look)).await?;
        looked.ok_or_else(|| self.why_it_has_not_arrived().into())
    }

    /// Does something to a card of the board, and says which and whether the relay has it.
    pub async fn change(
        &self,
        command: impl FnOnce(&Board) -> Result<Command, NameError>,
    ) -> Result<(Option<CardId>, Outcome), Failure> {
        // A copy: the names that were typed are looked up here, not in the task.
        let board = self.board(Board::clone).await?;
        let command = command(&board)?;
        let card = match &command {
            Command::CreateCard { card, .. }
            | Command::MoveCard { card, .. }
            | Command::RenameCard { card, .. } => Some(card.clone()),
            _ => None,
        };
        self.live.apply(command).await?;
        let outcome = self.sync().await;
        if !self.has_file && !outcome.is_saved {
            // What the relay has not said it has is gone with the program.
            return Err(format!("nothing was done: {}; try again", outcome.report).into());
        }
        Ok((card, outcome))
    }

    /// Tells what happens, an object in each line, until Ctrl-C.
    pub async fn watch_as_json(&self, say: fn(&str) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut events = self.live.events();
        say(&self.board(|board| json!({ "board": board.view() }).to_string()).await?)?;
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Ok(event) => {
                        let told = move |board: &Board| {
                            let text = news::line(board, &event);
                            json!({ "event": event, "text": text }).to_string()
                        };
                        let told = self.live.with_board(|board| board.map(told)).await?;
                        told.map_or(Ok(()), |line| say(&line))?;
                    }
                    Err(RecvError::Lagged(_)) => {
                        say(&self.board(|board| json!({ "board": board.view() }).to_string()).await?)?;
                    }
                    Err(RecvError::Closed) => return Ok(()),
                },
                stopped = tokio::signal::ctrl_c() => return Ok(stopped?),
            }
        }
    }

    /// Tells what happens, until Ctrl-C.
    pub async fn watch(&self, say: fn(&str) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut events = self.live.events();
        let mut status = self.live.status();
        say(&self.list().await?)?;
        let mut told = report(&status.borrow_and_update().clone());
        say(&format!("\n({told})"))?;
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Ok(event) => {
                        let line = move |board: Option<&Board>| news::line(board?, &event);
                        if let Some(line) = self.live.with_board(line).await? {
                            say(&line)?;
                        }
                    }
                    Err(RecvError::Lagged(_)) => say(&self.list().await?)?,
                    Err(RecvError::Closed) => return Ok(()),
                },
                changed = status.changed() => {
                    changed?;
                    let status = status.borrow_and_update().clone();
                    let now = report(&status);
                    // Every attempt to reach the relay changes the status.
                    if now != told && status.connection != Connection::Connecting {
                        say(&format!("({now})"))?;
                        told = now;
                    }
                }
                stopped = tokio::signal::ctrl_c() => return Ok(stopped?),
            }
        }
    }

    /// Waits until everything is exchanged, the relay cannot be reached, or patience ends.
    async fn settle(&self) -> Status {
        let mut status = self.live.status();
        let settled = |status: &Status| match status.connection {
            Connection::Online => {
                let is_saved = status.pending == 0 || !status.is_durable;
                status.document != Availability::Unknown && is_saved
            }
            Connection::Offline { retry_at } => retry_at.is_some(),
            Connection::Connecting => false,
            _ => true,
        };
        // Out of patience is as good as settled: the status says what is missing.
        let _ = tokio::time::timeout(PATIENCE, status.wait_for(settled)).await;
        status.borrow().clone()
    }

    fn why_it_has_not_arrived(&self) -> String {
        let status = self.live.status().borrow().clone();
        let why = match (status.problem, status.connection, status.document) {
            (Some(problem), _, _) => problem,
            (None, Connection::Refused { reason, .. }, _) => format!("the relay says: {reason}"),
            (None, Connection::Online, _) => "the relay does not have it".to_owned(),
            _ => "the relay cannot be reached".to_owned(),
        };
        format!("the board has not arrived yet ({why}); `sync` asks for it again")
    }
}

/// Whether everything is safe, in one line.
fn report(status: &Status) -> String {
    let waiting = match status.pending {
        0 => "nothing waits for the relay".to_owned(),
        1 => "1 change waits for the relay".to_owned(),
        many => format!("{many} changes wait for the relay"),
    };
    match (&status.connection, &status.problem) {
        (Connection::Online, None) if status.pending == 0 => "saved on the relay".to_owned(),
        (Connection::Refused { reason, .. }, _) => format!("{waiting}, which says: {reason}"),
        (_, Some(problem)) => format!("{waiting} ({problem})"),
        (Connection::Online, None) if status.is_read_only => {
            format!("{waiting}, which takes no changes from us")
        }
        (Connection::Online, None) if !status.is_durable => {
            format!("{waiting}, which passes changes on and does not promise to keep them")
        }
        (Connection::Online, None) => waiting,
        _ => format!("{waiting}, which cannot be reached"),
    }
}

fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_seconds(i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_waits_and_why() {
        let id = DocumentId::from_bytes([1; 16]);
        let board = crate::show::tests::board();
        let client = BoardClient::with_board(id, board, options(), Resume::default());
        let mut status = client.status().clone();
        assert_eq!(report(&status), "8 changes wait for the relay, which cannot be reached");
        status.pending = 1;
        status.connection = Connection::Online;
        assert_eq!(
            report(&status),
            "1 change waits for the relay, which passes changes on and does not promise to keep them"
        );
        status.is_durable = true;
        assert_eq!(report(&status), "1 change waits for the relay");
        status.is_read_only = true;
        assert_eq!(report(&status), "1 change waits for the relay, which takes no changes from us");
        status.pending = 0;
        assert_eq!(report(&status), "saved on the relay");
        status.problem = Some("the frame is cut short".to_owned());
        assert_eq!(report(&status), "nothing waits for the relay (the frame is cut short)");
    }
}
