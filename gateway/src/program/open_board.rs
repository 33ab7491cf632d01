//! A board that is open: somebody's copy, in sync with the relay.

use kanban_client::{BoardClient, BoardFile, FileError, LiveBoard, LiveError, entropy, options};
use kanban_core::{Board, Expected, Replica};
use kanban_gateway::access::{Who, digest, read_only};
use kanban_gateway::plan::{self, Plan};
use kanban_gateway::{Problem, heads};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use sync_protocol::client::{Availability, Connection, Status};
use sync_protocol::{DocumentId, sentence};
use tokio::time::timeout;
use tracing::{error, warn};

/// How long a request waits for the relay to say what is new.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it waits for a board that was never here.
const ARRIVAL_PATIENCE: Duration = Duration::from_secs(10);

/// How long a change waits to be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Not at all if the relay is known to be away.
    Some(Duration),
    /// In any case.
    Whole(Duration),
}

/// Somebody's copy of a board.
#[derive(Debug)]
pub struct OpenBoard {
    pub live: LiveBoard,
    /// What names the token that was shown last.
    shown: Mutex<Option<String>>,
    used: Mutex<Instant>,
    /// One request changes it at a time, from reading to its command.
    writing: tokio::sync::Mutex<()>,
}

impl OpenBoard {
    /// Opens the copy at `path`, or makes a place for it.
    pub fn open(
        path: &Path,
        board: DocumentId,
        who: &Who,
        token: Option<&str>,
        socket: &str,
    ) -> Result<Self, Problem> {
        let replica = Replica::from_entropy(entropy());
        let replica = match who.name() {
            Some(name) => replica.by(name),
            None => replica,
        };
        let (file, client) = match BoardFile::open(path, replica.clone()) {
            Ok((file, kept)) => {
                let client = match kept.board {
                    Some(it) => BoardClient::with_board(board, it, options(), kept.resume),
                    None => BoardClient::joining(board, replica, options()),
                };
                (file, client)
            }
            Err(FileError::NotFound { .. }) => {
                let file = BoardFile::join(path, board).map_err(|error| unusable(&error))?;
                (file, BoardClient::joining(board, replica, options()))
            }
            Err(error) => return Err(unusable(&error)),
        };
        let live = LiveBoard::connect_as(token, socket, client, Some(file));
        let live = live.map_err(|error| Problem::invalid(error.to_string()))?;
        let shown = Mutex::new(token.map(digest));
        Ok(Self {
            live,
            shown,
            used: Mutex::new(Instant::now()),
            writing: tokio::sync::Mutex::default(),
        })
    }

    /// Goes on with this token, if it is another than before.
    pub async fn show(&self, token: Option<&str>) {
        let Some(token) = token else { return };
        let hash = digest(token);
        {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            if shown.as_ref() == Some(&hash) {
                return;
            }
            *shown = Some(hash);
        }
        // What is closed by now is opened anew by the next request.
        if self.live.show_token(token).await.is_ok() && self.live.reconnect().await.is_err() {
            warn!("a board was closed while it was shown a token");
        }
    }

    /// Notes that somebody uses it.
    pub fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// For how long nobody has used it.
    pub fn idle(&self) -> Duration {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Whether it has ended by itself: it could not be stored.
    pub fn is_closed(&self) -> bool {
        self.live.status().has_changed().is_err()
    }

    /// Whether changes wait for the relay.
    pub fn is_pending(&self) -> bool {
        self.live.status().borrow().pending > 0
    }

    /// Whether there is a connection to the relay.
    pub fn is_online(&self) -> bool {
        self.live.status().borrow().connection == Connection::Online
    }

    /// Waits until the board is here and as new as the relay has it, if it is there.
    pub async fn settle(&self, who: &Who) -> Result<(), Problem> {
        let mut status = self.live.status();
        // Out of patience is as good: what is here is shown.
        _ = timeout(PATIENCE, status.wait_for(is_settled)).await;
        if self.has_arrived().await? {
            let connection = status.borrow().connection.clone();
            return match (who, connection) {
                // Nobody but the connection knows such a token.
                (Who::Token(_), Connection::Refused { reason, .. }) => {
                    Err(Problem::not_signed_in(reason))
                }
                _ => Ok(()),
            };
        }
        let arrival = async {
            loop {
                if self.has_arrived().await? {
                    return Ok(());
                }
                if let Some(problem) = why_not(&status.borrow_and_update()) {
                    return Err(problem);
                }
                status.changed().await.map_err(|_| closed())?;
            }
        };
        timeout(ARRIVAL_PATIENCE, arrival).await.unwrap_or_else(|_| {
            Err(Problem::unavailable(
                "the board is still on its way from the relay; try again soon",
            ))
        })
    }

    async fn has_arrived(&self) -> Result<bool, Problem> {
        self.live.with_board(|board| board.is_some()).await.map_err(failed)
    }

    /// Looks at the board.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Board) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let looked = self.live.with_board(|board| board.map(look)).await.map_err(failed)?;
        looked.ok_or_else(|| Problem::unavailable("the board has not arrived yet; try again soon"))
    }

    /// Carries out what is planned on the board as it is: all of it or nothing.
    pub async fn carry_out(
        &self,
        expected: Expected,
        plan: impl FnOnce(&Board) -> Result<Plan, Problem> + Send + 'static,
    ) -> Result<Plan, Problem> {
        if self.live.status().borrow().is_read_only {
            return Err(read_only());
        }
        let _writing = self.writing.lock().await;
        let plan = self.look(plan).await??;
        if let Some(command) = plan.command() {
            self.live.apply_if(command, expected).await.map_err(failed)?;
        }
        Ok(plan)
    }

    /// Whether the relay has all changes on its disk, now or after waiting.
    pub async fn is_saved(&self, wait: Wait) -> bool {
        let status = self.live.status().borrow().clone();
        if status.pending == 0 {
            return true;
        }
        let (time, is_whole) = match wait {
            Wait::Some(time) => (time, false),
            Wait::Whole(time) => (time, true),
        };
        let is_away = !matches!(status.connection, Connection::Online | Connection::Connecting);
        let keeps_nothing = status.connection == Connection::Online && !status.is_durable;
        if (is_away || keeps_nothing) && !is_whole {
            return false;
        }
        matches!(timeout(time, self.live.saved()).await, Ok(Ok(())))
    }
}

/// What is expected by whoever says where the board stood.
pub fn expected(word: Option<&str>) -> Result<Expected, Problem> {
    match word {
        None | Some("*") => Ok(Expected::new()),
        Some(word) => Ok(Expected::new().unchanged_since(&heads::from_word(word)?)),
    }
}

fn is_settled(status: &Status) -> bool {
    match status.connection {
        Connection::Online => status.document != Availability::Unknown,
        Connection::Offline { retry_at } => retry_at.is_some(),
        Connection::Connecting => false,
        _ => true,
    }
}

/// Why a board that is not here will not come soon.
fn why_not(status: &Status) -> Option<Problem> {
    match (&status.connection, status.document) {
        (Connection::Refused { reason, .. }, _) => Some(Problem::not_signed_in(reason.clone())),
        (Connection::Online, Availability::Unavailable) => Some(Problem::not_found(
            "the relay has no such board; open it once with the program that made it",
        )),
        (Connection::Offline { retry_at: Some(_) }, _) => Some(Problem::unavailable(
            "the relay cannot be reached, and the board was never here; try again soon",
        )),
        _ => None,
    }
}

fn unusable(found: &FileError) -> Problem {
    let why = sentence(found);
    error!("{why}");
    Problem::new(500, "failed", "the gateway's copy of this board cannot be used; its log says why")
}

fn failed(found: LiveError) -> Problem {
    match found {
        LiveError::Apply(kanban_client::ApplyError::Command(command)) => plan::refused(&command),
        LiveError::Closed => closed(),
        other => {
            error!("{}", sentence(&other));
            Problem::new(
                500,
                "failed",
                "the board could not be stored; see the gateway's log, then try again",
            )
        }
    }
}

fn closed() -> Problem {
    Problem::unavailable("the board was just closed; try again")
}
