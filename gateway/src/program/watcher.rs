//! Watches a board: what happens, and exactly where the board stands since.

use super::open_board::OpenBoard;
use kanban_core::{Board, BoardEvent, ChangeHash};
use kanban_gateway::Problem;
use kanban_gateway::news::News;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// Somebody who watches a board.
pub struct Watcher {
    board: Arc<OpenBoard>,
    events: Receiver<BoardEvent>,
    /// Taken from `events`, not told yet.
    waiting: Vec<BoardEvent>,
    /// Some were missed: what happened is asked of the board.
    has_missed: bool,
    heads: Vec<ChangeHash>,
}

impl Watcher {
    /// Begins to watch. Also what has happened since the board stood at `since`; `None` if nobody can
    /// tell, because these heads are not here.
    pub async fn begin(
        board: Arc<OpenBoard>,
        since: Option<Vec<ChangeHash>>,
    ) -> Result<(Self, Option<News>), Problem> {
        let events = board.live.events();
        let begun = board.look(move |board| {
            // In the task of the board: nothing happens between the heads and the first event.
            let events = events.resubscribe();
            let heads = board.heads();
            let missed = match &since {
                Some(since) => board.difference(since, &heads).ok(),
                None => Some(Vec::new()),
            };
            (events, heads, missed)
        });
        let (events, heads, missed) = begun.await?;
        let missed = missed.map(|events| News { events, heads: heads.clone() });
        let watcher = Self { board, events, waiting: Vec::new(), has_missed: false, heads };
        Ok((watcher, missed))
    }

    /// Where the board stood when it was told of last.
    pub fn heads(&self) -> &[ChangeHash] {
        &self.heads
    }

    /// Looks at the board as it is now.
    pub async fn tell<T: Send + 'static>(
        &mut self,
        tell: impl FnOnce(&Board) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.board.look(tell).await
    }

    /// Waits until something happens; `false` if nothing will any more. May be dropped and called again.
    pub async fn ready(&mut self) -> bool {
        if !self.waiting.is_empty() || self.has_missed {
            return true;
        }
        match self.events.recv().await {
            Ok(event) => self.waiting.push(event),
            Err(RecvError::Lagged(_)) => self.has_missed = true,
            Err(RecvError::Closed) => return false,
        }
        true
    }

    /// All that has happened, told by `tell` with the board as it is now.
    pub async fn collect<T: Send + 'static>(
        &mut self,
        tell: impl FnOnce(&Board, &News) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let mut events = std::mem::take(&mut self.waiting);
        let mut has_missed = std::mem::take(&mut self.has_missed);
        let mut receiver = self.events.resubscribe();
        std::mem::swap(&mut receiver, &mut self.events);
        let since = self.heads.clone();
        let told = self.board.look(move |board| {
            loop {
                match receiver.try_recv() {
                    Ok(event) => events.push(event),
                    Err(TryRecvError::Lagged(_)) => has_missed = true,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            let heads = board.heads();
            if has_missed {
                // Both are here: heads are never forgotten.
                events = board.difference(&since, &heads).unwrap_or_default();
            }
            let news = News { events, heads };
            let told = tell(board, &news);
            (receiver, news.heads, told)
        });
        let (receiver, heads, told) = told.await?;
        (self.events, self.heads) = (receiver, heads);
        Ok(told)
    }
}
