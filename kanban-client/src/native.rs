//! A board with a WebSocket, a clock and a disk.

mod file;
mod socket;
mod task;

pub use file::{BoardFile, FileError, Kept};

use crate::{ApplyError, BoardClient, Other, Shown};
use kanban_core::{Applied, Board, BoardEvent, BoardView, Command, Expected};
use socket::Relay;
use std::time::Duration;
use sync_protocol::PeerId;
use sync_protocol::client::{ClientOptions, Status};
use task::{Channels, Request, Task};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::http::HeaderValue;

/// How many requests wait for the task; whoever asks for more waits.
const REQUESTS_MAX: usize = 64;

/// How many events a reader may be behind before it misses some and must draw the board anew.
const EVENTS_MAX: usize = 1024;

/// Routers forget a silent connection after 30 seconds or more.
const PING_EVERY: Duration = Duration::from_secs(20);

/// A board that syncs in the background: a tokio task with a WebSocket and a [`BoardFile`].
///
/// Every change is on the disk before anybody hears of it: the caller, or the relay.
#[derive(Debug)]
pub struct LiveBoard {
    requests: mpsc::Sender<Request>,
    status: watch::Receiver<Status>,
    events: broadcast::Sender<BoardEvent>,
    others: watch::Receiver<Vec<Other>>,
    task: JoinHandle<Result<(), FileError>>,
}

/// Why an address is not one of a relay.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// No WebSocket's address.
    #[error("{url:?} is not the address of a relay: it starts with ws:// or wss://")]
    NotAWebSocket {
        /// The address.
        url: String,
    },
    /// It has characters that no token has.
    #[error("this is no token: it has characters that no header takes")]
    NotAToken,
    /// Encryption is not compiled in.
    #[error("{url:?} needs TLS, which this program was built without: enable the feature `tls`")]
    NoTls {
        /// The address.
        url: String,
    },
}

/// Why a live board did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The command was refused; the board is as before.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The board could not be stored, as [`LiveBoard::close`] says. It is closed by then: what was
    /// not stored must not be built on.
    #[error("the board could not be stored, so it was closed")]
    Store(#[source] FileError),
    /// The board was closed earlier.
    #[error("the board is closed")]
    Closed,
    /// It has characters that no token has.
    #[error("this is no token: it has characters that no header takes")]
    NotAToken,
}

/// 16 random bytes of the system: for an actor, a document, a card, a column.
pub fn entropy() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// Options with a random name and seed, which ping the relay: what a [`LiveBoard`] needs.
pub fn options() -> ClientOptions {
    let name = format!("kanban-{:032x}", u128::from_ne_bytes(entropy()));
    let peer = PeerId::parse(&name).expect("the name has less than 512 bytes");
    let seed = u128::from_ne_bytes(entropy()) as u64;
    ClientOptions::new(peer, seed).pinging_every(PING_EVERY)
}

/// The header that shows a token.
fn authorization(token: &str) -> Result<HeaderValue, ConnectError> {
    let header = HeaderValue::from_str(&format!("Bearer {token}"));
    let mut header = header.map_err(|_| ConnectError::NotAToken)?;
    // Nothing that prints requests prints it.
    header.set_sensitive(true);
    Ok(header)
}

impl LiveBoard {
    /// Begins to sync with the relay at `url`; there need not be one yet. A board that `file`
    /// does not have yet is stored when it arrives. Without a file, nothing is stored.
    ///
    /// Must be called inside a tokio runtime with time and IO.
    ///
    /// # Errors
    /// [`ConnectError`] if `url` is no address of a WebSocket that can be reached by this build.
    pub fn connect(
        url: &str,
        client: BoardClient,
        file: Option<BoardFile>,
    ) -> Result<Self, ConnectError> {
        Self::connect_as(None, url, client, file)
    }

    /// The same with a token that says who this is, at a relay that knows people: of a session there
    /// (`POST /api/sessions`), of a link, or of its identity provider.
    ///
    /// # Errors
    /// As of [`connect`](Self::connect), and [`ConnectError::NotAToken`].
    pub fn connect_as(
        token: Option<&str>,
        url: &str,
        client: BoardClient,
        file: Option<BoardFile>,
    ) -> Result<Self, ConnectError> {
        let token = token.map(authorization).transpose()?;
        if url.starts_with("wss://") && !cfg!(feature = "tls") {
            return Err(ConnectError::NoTls { url: url.to_owned() });
        }
        if !url.starts_with("ws://") && !url.starts_with("wss://") {
            return Err(ConnectError::NotAWebSocket { url: url.to_owned() });
        }
        let (requests, for_task) = mpsc::channel(REQUESTS_MAX);
        let (for_status, status) = watch::channel(client.status().clone());
        let (for_others, others) = watch::channel(Vec::new());
        let events = broadcast::Sender::new(EVENTS_MAX);
        let relay = Relay { url: url.to_owned(), token };
        let told = Channels { status: for_status, events: events.clone(), others: for_others };
        let task = Task::new(relay, client, file, told);
        Ok(Self { requests, status, events, others, task: tokio::spawn(task.run(for_task)) })
    }

    /// Has a newer token shown from now on: on the connection that is open, so that it goes on when
    /// the one before ends, and on those that come.
    ///
    /// # Errors
    /// [`LiveError::Closed`]; [`LiveError::NotAToken`] if it cannot be one.
    pub async fn show_token(&self, token: &str) -> Result<(), LiveError> {
        let header = authorization(token).map_err(|_| LiveError::NotAToken)?;
        self.ask(Request::ShowToken { token: token.to_owned(), header }).await
    }

    /// Carries out a command. When this returns, its change is on the disk, and on its way.
    ///
    /// # Errors
    /// [`LiveError`].
    pub async fn apply(&self, command: Command) -> Result<Applied, LiveError> {
        self.apply_if(command, Expected::new()).await
    }

    /// The same, if what the caller expects is so: for programs that act on what they read a while ago.
    ///
    /// # Errors
    /// [`LiveError`].
    pub async fn apply_if(
        &self,
        command: Command,
        expected: Expected,
    ) -> Result<Applied, LiveError> {
        let (reply, answer) = oneshot::channel();
        self.ask(Request::Apply { command, expected, reply }).await?;
        answer.await.map_err(|_| LiveError::Closed)?
    }

    /// Looks at the board, if it is here already.
    ///
    /// # Errors
    /// [`LiveError::Closed`].
    pub async fn with_board<T: Send + 'static>(
        &self,
        look: impl FnOnce(Option<&Board>) -> T + Send + 'static,
    ) -> Result<T, LiveError> {
        let (reply, answer) = oneshot::channel();
        let look = move |board: Option<&Board>| {
            // Whoever asked may have stopped waiting.
            let _ = reply.send(look(board));
        };
        self.ask(Request::Look(Box::new(look))).await?;
        answer.await.map_err(|_| LiveError::Closed)
    }

    /// What the board looks like, if it is here already.
    ///
    /// # Errors
    /// [`LiveError::Closed`].
    pub async fn view(&self) -> Result<Option<BoardView>, LiveError> {
        self.with_board(|board| board.map(Board::view)).await
    }

    /// How things stand with the relay, now and whenever that changes.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// What looks different from now on, by one's own commands and by others. A reader that falls
    /// behind by more than 1,024 events is told so and draws the board anew.
    pub fn events(&self) -> broadcast::Receiver<BoardEvent> {
        self.events.subscribe()
    }

    /// Shows this to everybody who has the board open, as [`BoardClient::show`] says; `None` shows
    /// nothing, and looks at who else is here.
    ///
    /// # Errors
    /// [`LiveError::Closed`].
    pub async fn show(&self, shown: Option<Shown>) -> Result<(), LiveError> {
        self.ask(Request::Show(shown)).await
    }

    /// Who else has the board open and shows it, now and whenever that changes.
    pub fn others(&self) -> watch::Receiver<Vec<Other>> {
        self.others.clone()
    }

    /// Waits until the board is here.
    ///
    /// # Errors
    /// [`LiveError::Closed`].
    pub async fn arrived(&self) -> Result<(), LiveError> {
        let mut status = self.status.clone();
        // The task tells the status anew when it arrives.
        while !self.with_board(|board| board.is_some()).await? {
            status.changed().await.map_err(|_| LiveError::Closed)?;
        }
        Ok(())
    }

    /// Waits until a relay has stored every change that is here, those made meanwhile included. One
    /// that does not promise to keep anything ([`Status::is_durable`]) never says so.
    ///
    /// # Errors
    /// [`LiveError::Closed`].
    pub async fn saved(&self) -> Result<(), LiveError> {
        let mut status = self.status.clone();
        let saved = status.wait_for(|status| status.pending == 0).await;
        saved.map(drop).map_err(|_| LiveError::Closed)
    }

    /// Dials at once if there is no connection.
    ///
    /// # Errors
    /// [`LiveError::Closed`].
    pub async fn reconnect(&self) -> Result<(), LiveError> {
        self.ask(Request::Reconnect).await
    }

    /// Hangs up and stores what is not stored yet. Without it, at worst what others did in the
    /// last second is fetched again next time.
    ///
    /// # Errors
    /// [`LiveError::Store`] if the board could not be stored.
    pub async fn close(self) -> Result<(), LiveError> {
        // If the task has ended, it says why.
        let _ = self.requests.send(Request::Close).await;
        drop(self.requests);
        match self.task.await {
            Ok(ended) => ended.map_err(LiveError::Store),
            Err(_) => Err(LiveError::Closed),
        }
    }

    async fn ask(&self, request: Request) -> Result<(), LiveError> {
        self.requests.send(request).await.map_err(|_| LiveError::Closed)
    }
}
