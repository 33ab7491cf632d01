//! One webhook at work: it watches its board, writes down what to send, sends it, and tries again.

use super::boards::Boards;
use super::dial::{self, Terms};
use super::disk::{self, DiskError};
use super::gatekeeper::Gatekeeper;
use super::watcher::Watcher;
use super::{millis, seconds};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use kanban_gateway::hook::{Delivery, Hook, Outcome, Retry, Target};
use kanban_gateway::{heads, news};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{DocumentId, sentence};
use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

/// How long a receiver may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// How much of its answer is read: nothing in it counts.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// How often it is looked at whether its owner may still see the board, even if nothing happens. It also
/// has their session go on.
const LOOK_EVERY: Duration = Duration::from_secs(6 * 60 * 60);

/// How long to wait before a board that could not be opened is opened again.
const OPEN_AGAIN: Duration = Duration::from_secs(10);

/// How often in a row the relay may not have had what was told already, before nobody has it.
const UNKNOWN_MAX: u32 = 3;

/// A webhook as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// What it is, and what waits.
    pub hook: Hook,
    /// With what it looks at the board; nothing at a relay that knows nobody.
    pub token: Option<String>,
}

/// What a webhook is told to do.
#[derive(Debug)]
pub enum Order {
    /// Go on.
    Enable,
    /// Look at the board with this token from now on.
    Show(String),
}

/// What all webhooks share.
#[derive(Debug)]
pub struct Shared {
    pub boards: Arc<Boards>,
    pub gatekeeper: Arc<Gatekeeper>,
    pub retry: Retry,
    pub allow_private: bool,
}

/// A webhook with what it needs.
pub struct Sender {
    pub kept: Kept,
    pub path: PathBuf,
    pub board: DocumentId,
    pub shared: Arc<Shared>,
    pub shown: watch::Sender<Value>,
    pub orders: mpsc::Receiver<Order>,
    /// How often in a row the board was not known to have stood where this was told up to.
    pub unknown: u32,
}

impl Sender {
    /// Works until nobody can give it orders any more.
    pub async fn run(mut self) {
        if let Err(error) = self.work().await {
            // What could not be written down is not sent; the next start goes on from what is there.
            warn!("webhook {} stops: {}", self.kept.hook.id, sentence(&error));
            self.kept.hook.disable("the gateway could not write to its disk; its log says why");
            self.show();
        }
    }

    async fn work(&mut self) -> Result<(), DiskError> {
        let mut watcher: Option<Watcher> = None;
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            if watcher.is_none() && self.kept.hook.has_room() {
                watcher = self.catch_up().await?;
            }
            let due = self.kept.hook.due_at();
            let again = watcher.is_none() && self.kept.hook.has_room();
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(order) => self.obey(order)?,
                    None => return Ok(()),
                },
                is_there = happens(&mut watcher) => match (is_there, &mut watcher) {
                    (true, Some(it)) if self.kept.hook.has_room() => {
                        if !self.take(it).await? {
                            watcher = None;
                        }
                    }
                    // What happens from now on is asked of the board once there is room.
                    _ => watcher = None,
                },
                () = until(due) => self.deliver().await?,
                () = tokio::time::sleep(OPEN_AGAIN), if again => {}
                _ = look.tick() => self.still_may().await?,
            }
        }
    }

    /// Begins to watch, and takes what has happened since it was told last.
    async fn catch_up(&mut self) -> Result<Option<Watcher>, DiskError> {
        let Kept { hook, token } = &self.kept;
        let open = self.shared.boards.open(self.board, &hook.who, token.as_deref()).await;
        let mut is_online = false;
        let begun = match open {
            Ok(open) => match open.settle(&hook.who).await {
                Ok(()) => {
                    is_online = open.is_online();
                    Watcher::begin(open, heads::from_word(&hook.cursor).ok()).await
                }
                Err(problem) => Err(problem),
            },
            Err(problem) => Err(problem),
        };
        let (mut watcher, missed) = match begun {
            Ok(begun) => begun,
            Err(problem) => {
                info!("webhook {} waits for its board: {problem}", hook.id);
                return Ok(None);
            }
        };
        match missed {
            Some(missed) if missed.events.is_empty() => {}
            Some(missed) => {
                let hook = hook.clone();
                let cursor = heads::to_word(&missed.heads);
                let told = watcher.tell(move |board| news::for_hook(board, &missed, &hook)).await;
                let Ok(told) = told else { return Ok(None) };
                self.note(told, cursor)?;
            }
            // After a crash the copy may be a moment behind what was told, and the relay has the rest.
            None if !is_online || self.unknown < UNKNOWN_MAX => {
                self.unknown += u32::from(is_online);
                return Ok(None);
            }
            // The relay has lost it too: it goes on from here.
            None => self.note(None, heads::to_word(watcher.heads()))?,
        }
        self.unknown = 0;
        Ok(Some(watcher))
    }

    /// Takes what happens; `false` if the board was closed.
    async fn take(&mut self, watcher: &mut Watcher) -> Result<bool, DiskError> {
        let hook = self.kept.hook.clone();
        let told = watcher.collect(move |board, news| news::for_hook(board, news, &hook)).await;
        let Ok(told) = told else { return Ok(false) };
        let cursor = heads::to_word(watcher.heads());
        self.note(told, cursor)?;
        Ok(true)
    }

    fn note(&mut self, told: Option<Value>, cursor: String) -> Result<(), DiskError> {
        let is_something = told.is_some();
        self.kept.hook.take(told, cursor);
        // Where the board stands, without anything to tell, is written with what comes next.
        if is_something { self.keep() } else { Ok(()) }
    }

    fn obey(&mut self, order: Order) -> Result<(), DiskError> {
        match order {
            Order::Enable => self.kept.hook.enable(),
            Order::Show(token) => self.kept.token = Some(token),
        }
        self.keep()
    }

    /// Stops if its owner may no longer see the board.
    async fn still_may(&mut self) -> Result<(), DiskError> {
        let admitted = self.shared.gatekeeper.admit(self.kept.token.as_deref(), self.board).await;
        match admitted {
            Err(problem) if matches!(problem.status, 401 | 403 | 404) => {
                let why = format!(
                    "{problem}; PATCH it with {{\"enabled\": true}}, and a token that holds, to go on"
                );
                self.kept.hook.disable(why);
                self.keep()
            }
            // A relay that is away says nothing against it.
            _ => Ok(()),
        }
    }

    async fn deliver(&mut self) -> Result<(), DiskError> {
        self.still_may().await?;
        let Some(delivery) = self.kept.hook.due(millis()).cloned() else { return Ok(()) };
        let outcome = self.send(&delivery).await;
        if let Outcome::Failed(why) = &outcome {
            info!("webhook {} could not deliver {}: {why}", self.kept.hook.id, delivery.id);
        }
        let random =
            u32::from_le_bytes(kanban_client::entropy().first_chunk().copied().unwrap_or_default());
        self.kept.hook.tried(outcome, millis(), random, &self.shared.retry);
        self.keep()
    }

    async fn send(&self, delivery: &Delivery) -> Outcome {
        let hook = &self.kept.hook;
        let target = match Target::parse(&hook.url, self.shared.allow_private) {
            Ok(target) => target,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        let timestamp = seconds();
        let signature = hook.secret.sign(&delivery.id, timestamp, &delivery.body);
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let agent = concat!("kanban-gateway/", env!("CARGO_PKG_VERSION"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        for (name, value) in [
            ("webhook-id", delivery.id.clone()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature),
        ] {
            let Ok(value) = HeaderValue::from_str(&value) else {
                return Outcome::Failed(format!("{name} cannot be written as a header"));
            };
            headers.insert(name, value);
        }
        let terms = Terms {
            allow_private: self.shared.allow_private,
            timeout: ANSWER_TIMEOUT,
            answer_bytes_max: ANSWER_BYTES_MAX,
        };
        let body = delivery.body.clone().into_bytes();
        match dial::send(&target, Method::POST, headers, body, terms).await {
            Ok(answer) if (200..300).contains(&answer.status) => Outcome::Taken(answer.status),
            Ok(answer) if answer.status == 410 => Outcome::Gone,
            Ok(answer) => Outcome::Failed(format!("the receiver answered {}", answer.status)),
            Err(error) => Outcome::Failed(sentence(&error)),
        }
    }

    fn keep(&self) -> Result<(), DiskError> {
        disk::write(&self.path, &self.kept)?;
        self.show();
        Ok(())
    }

    fn show(&self) {
        self.shown.send_replace(self.kept.hook.shown());
    }
}

/// Waits until something happens on the board that is watched.
async fn happens(watcher: &mut Option<Watcher>) -> bool {
    match watcher {
        Some(watcher) => watcher.ready().await,
        None => std::future::pending().await,
    }
}

/// Waits until a time in milliseconds since 1970.
async fn until(time: Option<u64>) {
    match time {
        Some(time) => {
            tokio::time::sleep(Duration::from_millis(time.saturating_sub(millis()))).await
        }
        None => std::future::pending().await,
    }
}
