//! The task behind a live board: one loop that owns everything.

use super::socket::{Relay, Socket, Told};
use super::{BoardFile, FileError, LiveError};
use crate::{BoardClient, BoardOutput, Other, Shown};
use kanban_core::{Applied, Board, BoardEvent, Command, Expected, Timestamp};
use std::time::{Duration, SystemTime};
use sync_protocol::client::{Input, Resume, Status};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// How long what others did may wait to be stored: the relay has it, so a crash costs a download.
const STORE_DELAY: Duration = Duration::from_secs(1);

/// Looks at the board, if it is here.
type Look = Box<dyn FnOnce(Option<&Board>) + Send>;

/// What the task is asked for.
pub(super) enum Request {
    Apply {
        command: Command,
        expected: Expected,
        reply: oneshot::Sender<Result<Applied, LiveError>>,
    },
    Look(Look),
    Reconnect,
    ShowToken {
        token: String,
        header: HeaderValue,
    },
    Show(Option<Shown>),
    Close,
}

/// Whom the task tells what.
pub(super) struct Channels {
    pub status: watch::Sender<Status>,
    pub events: broadcast::Sender<BoardEvent>,
    pub others: watch::Sender<Vec<Other>>,
}

pub(super) struct Task {
    relay: Relay,
    client: BoardClient,
    file: Option<BoardFile>,
    /// The board is not as it is in the file.
    unstored: bool,
    /// When to store what may wait.
    store_at: Option<Instant>,
    /// What the file knows of the relay.
    kept: Resume,
    socket: Socket,
    told: Channels,
    start: Instant,
}

impl Task {
    pub fn new(relay: Relay, client: BoardClient, file: Option<BoardFile>, told: Channels) -> Self {
        let (start, kept) = (Instant::now(), client.resume());
        let (unstored, store_at, socket) = (false, None, Socket::None);
        Self { relay, client, file, unstored, store_at, kept, socket, told, start }
    }

    /// Runs until it is told to close, or nobody can ask for anything any more.
    pub async fn run(mut self, mut requests: mpsc::Receiver<Request>) -> Result<(), FileError> {
        self.tell(Input::Reconnect)?;
        loop {
            let due = self.client.poll_timeout().map(|due| self.start + due);
            tokio::select! {
                told = self.socket.next() => match told {
                    Told::Opened => self.tell(Input::Opened)?,
                    Told::Frame(frame) => self.tell(Input::Frame(&frame))?,
                    Told::Heard => self.tell(Input::Heard)?,
                    Told::Closed => self.tell(Input::Closed)?,
                },
                request = requests.recv(), if self.socket.keeps_up() => match request {
                    Some(Request::Apply { command, expected, reply }) => {
                        self.apply(&command, &expected, reply)?;
                    }
                    Some(Request::Look(look)) => look(self.client.board()),
                    Some(Request::Reconnect) => self.tell(Input::Reconnect)?,
                    Some(Request::Show(shown)) => {
                        self.client.show(shown.as_ref(), self.start.elapsed());
                        self.act()?;
                    }
                    Some(Request::ShowToken { token, header }) => {
                        self.relay.token = Some(header);
                        self.client.show_token(&token);
                        self.act()?;
                    }
                    Some(Request::Close) | None => break,
                },
                () = at(due) => self.tell(Input::Tick)?,
                () = at(self.store_at) => self.store()?,
            }
        }
        self.tell(Input::Stop)?;
        self.store()
    }

    fn apply(
        &mut self,
        command: &Command,
        expected: &Expected,
        reply: oneshot::Sender<Result<Applied, LiveError>>,
    ) -> Result<(), FileError> {
        let applied = match self.client.apply_if(command, expected, now()) {
            Ok(applied) => applied,
            Err(error) => {
                // Whoever asked may have stopped waiting.
                let _ = reply.send(Err(error.into()));
                return Ok(());
            }
        };
        if applied.change.is_some() {
            self.unstored = true;
            self.store()?;
            self.tell(Input::Changed)?;
        }
        self.show(&applied.events);
        // Last, so that whoever then waits for `saved` finds the change pending.
        let _ = reply.send(Ok(applied));
        Ok(())
    }

    fn tell(&mut self, input: Input<'_>) -> Result<(), FileError> {
        self.client.handle(input, self.start.elapsed());
        self.act()
    }

    /// Does what the client asks for.
    fn act(&mut self) -> Result<(), FileError> {
        while let Some(output) = self.client.poll_output() {
            match output {
                BoardOutput::Dial => self.socket = Socket::open(&self.relay),
                BoardOutput::Send(frame) => self.socket.send(Message::Binary(frame.into())),
                BoardOutput::Ping => self.socket.send(Message::Ping(Bytes::new())),
                BoardOutput::HangUp => self.socket.hang_up(),
                BoardOutput::StatusChanged => self.show_status(),
                BoardOutput::BoardArrived => {
                    self.unstored = true;
                    self.store()?;
                    // Wakes whoever waits for the board, even if the status is the same.
                    self.show_status();
                }
                BoardOutput::PresenceChanged => {
                    self.told.others.send_replace(self.client.others());
                }
                BoardOutput::Received(events) => {
                    self.unstored = true;
                    self.show(&events);
                }
            }
        }
        if self.unstored || self.kept != self.client.resume() {
            self.store_at.get_or_insert_with(|| Instant::now() + STORE_DELAY);
        }
        Ok(())
    }

    fn show_status(&self) {
        self.told.status.send_replace(self.client.status().clone());
    }

    fn show(&self, events: &[BoardEvent]) {
        for event in events {
            // Nobody may be watching.
            let _ = self.told.events.send(event.clone());
        }
    }

    /// Stores the board, then what is known of the relay, which must not be ahead of it.
    ///
    /// Blocks the task for some milliseconds. A thread for it would allow commands to overtake
    /// their storing, or make each wait for two switches.
    fn store(&mut self) -> Result<(), FileError> {
        self.store_at = None;
        let (Some(file), Some(board)) = (&mut self.file, self.client.board()) else {
            return Ok(());
        };
        if self.unstored {
            file.save(board)?;
            self.unstored = false;
        }
        let resume = self.client.resume();
        if self.kept != resume {
            file.keep(&resume)?;
            self.kept = resume;
        }
        Ok(())
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_seconds(i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX))
}
