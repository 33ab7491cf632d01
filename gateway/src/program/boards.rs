//! Which boards are open, for whom.

use super::disk;
use super::open_board::OpenBoard;
use super::relay::Relay;
use kanban_gateway::Problem;
use kanban_gateway::access::Who;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{DocumentId, sentence};
use tokio::sync::Mutex;
use tracing::warn;

type Open = HashMap<(DocumentId, Who), Arc<OpenBoard>>;

/// The open boards.
#[derive(Debug)]
pub struct Boards {
    relay: Relay,
    directory: PathBuf,
    boards_max: usize,
    idle_timeout: Duration,
    open: Mutex<Open>,
}

impl Boards {
    /// None is open yet; copies are in `directory`.
    pub fn new(
        relay: Relay,
        directory: PathBuf,
        boards_max: usize,
        idle_timeout: Duration,
    ) -> Self {
        Self { relay, directory, boards_max, idle_timeout, open: Mutex::default() }
    }

    /// Somebody's copy of a board. It is theirs alone: another's is another file and another connection.
    pub async fn open(
        &self,
        board: DocumentId,
        who: &Who,
        token: Option<&str>,
    ) -> Result<Arc<OpenBoard>, Problem> {
        let key = (board, who.clone());
        // Held while a copy is read, so that nobody opens its file twice.
        let mut open = self.open.lock().await;
        if let Some(found) = open.get(&key) {
            if !found.is_closed() {
                let found = found.clone();
                drop(open);
                found.touch();
                found.show(token).await;
                return Ok(found);
            }
            open.remove(&key);
        }
        if open.len() >= self.boards_max {
            close_longest_idle(&mut open).await?;
        }
        let directory = self.directory.join(who.key());
        let (token, socket) = (token.map(str::to_owned), self.relay.socket.clone());
        let who = who.clone();
        let opened = tokio::runtime::Handle::current();
        let opened = tokio::task::spawn_blocking(move || {
            let _runtime = opened.enter();
            disk::make_directory(&directory).map_err(|error| {
                warn!("{}", sentence(&error));
                Problem::new(
                    500,
                    "failed",
                    "the gateway cannot write to its disk; its log says why",
                )
            })?;
            let path = directory.join(format!("{board}.kanban"));
            OpenBoard::open(&path, board, &who, token.as_deref(), &socket)
        });
        let failed = |_| {
            Problem::new(500, "failed", "the board could not be opened; the gateway's log says why")
        };
        let opened = Arc::new(opened.await.map_err(failed)??);
        open.insert(key, opened.clone());
        Ok(opened)
    }

    /// Closes what nobody has used for a while. What waits for the relay stays open.
    pub async fn sweep(&self) {
        let mut open = self.open.lock().await;
        let idle: Vec<_> = open
            .iter()
            .filter(|(_, it)| it.idle() >= self.idle_timeout && is_unused(it) && !it.is_pending())
            .map(|(key, _)| key.clone())
            .collect();
        for key in idle {
            close(open.remove(&key)).await;
        }
    }

    /// Closes all of them, and stores what is not stored.
    pub async fn close(&self) {
        let mut open = self.open.lock().await;
        for (_, board) in open.drain() {
            close(Some(board)).await;
        }
    }
}

fn is_unused(board: &Arc<OpenBoard>) -> bool {
    Arc::strong_count(board) == 1
}

async fn close_longest_idle(open: &mut Open) -> Result<(), Problem> {
    let unused = open.iter().filter(|(_, it)| is_unused(it) && !it.is_pending());
    let longest = unused.max_by_key(|(_, it)| it.idle()).map(|(key, _)| key.clone());
    let busy =
        "more boards are in use than this gateway opens at a time (--max-boards); try again soon";
    let longest = longest.ok_or_else(|| Problem::unavailable(busy))?;
    close(open.remove(&longest)).await;
    Ok(())
}

async fn close(board: Option<Arc<OpenBoard>>) {
    // Somebody who still has it keeps it open until they let go of it.
    let Some(board) = board.and_then(Arc::into_inner) else { return };
    if let Err(error) = board.live.close().await {
        warn!("{}", sentence(&error));
    }
}
