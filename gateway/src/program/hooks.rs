//! The webhooks of all boards: made, listed, removed, and started again with the program.

use super::disk::{self, DiskError};
use super::sender::{Kept, Order, Sender, Shared};
use kanban_gateway::Problem;
use kanban_gateway::access::{Who, digest};
use kanban_gateway::hook::Hook;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use sync_protocol::{DocumentId, sentence};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tracing::error;

/// How many orders wait: they are given by hand.
const ORDERS_MAX: usize = 16;

/// All webhooks.
#[derive(Debug)]
pub struct Hooks {
    directory: PathBuf,
    per_board_max: usize,
    shared: Arc<Shared>,
    running: Mutex<BTreeMap<String, Running>>,
}

/// A webhook at work.
#[derive(Debug)]
struct Running {
    board: DocumentId,
    who: Who,
    /// What names the token that it was given last.
    token: Option<String>,
    shown: watch::Receiver<Value>,
    orders: mpsc::Sender<Order>,
    task: JoinHandle<()>,
}

impl Hooks {
    /// Starts those that are in the directory.
    pub fn start(
        directory: PathBuf,
        per_board_max: usize,
        shared: Shared,
    ) -> Result<Self, DiskError> {
        let running = Mutex::default();
        let hooks = Self { directory, per_board_max, shared: Arc::new(shared), running };
        for path in disk::list(&hooks.directory, "json")? {
            let Some(kept) = disk::read::<Kept>(&path)? else { continue };
            match kept.hook.board.parse() {
                Ok(board) => hooks.run(board, kept),
                Err(_) => error!("{} names no board; it is left alone", path.display()),
            }
        }
        Ok(hooks)
    }

    fn run(&self, board: DocumentId, kept: Kept) {
        let (for_shown, shown) = watch::channel(kept.hook.shown());
        let (orders, for_task) = mpsc::channel(ORDERS_MAX);
        let (id, who) = (kept.hook.id.clone(), kept.hook.who.clone());
        let token = kept.token.as_deref().map(digest);
        let (path, shared) = (self.path(&id), self.shared.clone());
        let sender =
            Sender { kept, path, board, shared, shown: for_shown, orders: for_task, unknown: 0 };
        let task = tokio::spawn(sender.run());
        self.running().insert(id, Running { board, who, token, shown, orders, task });
    }

    fn path(&self, id: &str) -> PathBuf {
        self.directory.join(format!("{id}.json"))
    }

    /// Adds one. It is on the disk when this returns.
    pub fn add(
        &self,
        board: DocumentId,
        hook: Hook,
        token: Option<&str>,
    ) -> Result<Value, Problem> {
        if self.of(board, &hook.who).len() >= self.per_board_max {
            let detail = format!(
                "a board has at most {} webhooks of one person; remove one first",
                self.per_board_max
            );
            return Err(Problem::new(403, "limit", detail));
        }
        let (path, shown) = (self.path(&hook.id), hook.shown());
        let kept = Kept { hook, token: token.map(str::to_owned) };
        disk::write(&path, &kept).map_err(|error| failed(&error))?;
        self.run(board, kept);
        Ok(shown)
    }

    /// Those of somebody on a board.
    pub fn of(&self, board: DocumentId, who: &Who) -> Vec<Value> {
        let running = self.running();
        let theirs = running.values().filter(|it| it.board == board && it.who == *who);
        theirs.map(|it| it.shown.borrow().clone()).collect()
    }

    /// Has one go on.
    pub async fn enable(&self, board: DocumentId, who: &Who, id: &str) -> Result<Value, Problem> {
        let (orders, mut shown) = {
            let running = self.running();
            let found = running.get(id).filter(|it| it.board == board && it.who == *who);
            let found = found.ok_or_else(no_hook)?;
            (found.orders.clone(), found.shown.clone())
        };
        shown.mark_unchanged();
        let stopped =
            || Problem::new(500, "failed", "this webhook has stopped; the gateway's log says why");
        orders.send(Order::Enable).await.map_err(|_| stopped())?;
        shown.changed().await.map_err(|_| stopped())?;
        Ok(shown.borrow().clone())
    }

    /// Removes one, with what waits for it.
    pub async fn remove(&self, board: DocumentId, who: &Who, id: &str) -> Result<(), Problem> {
        let removed = {
            let mut running = self.running();
            running.get(id).filter(|it| it.board == board && it.who == *who).ok_or_else(no_hook)?;
            running.remove(id).ok_or_else(no_hook)?
        };
        removed.task.abort();
        // Until it has ended it may write its file once more.
        _ = removed.task.await;
        disk::remove(&self.path(id)).map_err(|error| failed(&error))
    }

    /// Has somebody's webhooks on a board go on with a token that has just been taken.
    pub fn show_token(&self, board: DocumentId, who: &Who, token: Option<&str>) {
        let Some(token) = token else { return };
        let mut running = self.running();
        for hook in running.values_mut().filter(|it| it.board == board && it.who == *who) {
            let hash = Some(digest(token));
            if hook.token == hash {
                continue;
            }
            // A webhook with more orders than that is busy; the next request shows it the token.
            if hook.orders.try_send(Order::Show(token.to_owned())).is_ok() {
                hook.token = hash;
            }
        }
    }

    /// Ends all. What waits is on the disk.
    pub async fn stop(&self) {
        let running = std::mem::take(&mut *self.running());
        for (_, hook) in running {
            hook.task.abort();
            // Ended, it lets go of its board.
            _ = hook.task.await;
        }
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_hook() -> Problem {
    Problem::not_found("you have no such webhook on this board; list them to see their ids")
}

fn failed(found: &DiskError) -> Problem {
    error!("{}", sentence(found));
    Problem::new(500, "failed", "the gateway cannot write to its disk; its log says why")
}
