//! A webhook: what waits to be sent, what was, and when it is tried again.
//!
//! Deliveries are written down before they are sent, and leave in the order in which things happened,
//! one at a time. When a receiver is away, up to [`QUEUE_MAX`] wait; what happens beyond that is told in
//! one delivery once there is room, because the board knows what has changed since the last one.

mod address;
mod retry;
mod secret;

pub use address::{Target, TargetError, is_public};
pub use retry::Retry;
pub use secret::{Secret, SecretError};

use crate::access::Who;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};

/// How many deliveries wait at most.
pub const QUEUE_MAX: usize = 100;

/// How many bytes of them wait at most; the queue is written as a whole.
pub const QUEUE_BYTES_MAX: usize = 256 * 1024;

/// How many events one delivery tells of at most; then it says that there is `more` to look at.
pub const EVENTS_MAX: usize = 500;

/// How long a delivery is at most, in bytes: a card with the longest title fits.
pub const BODY_BYTES_MAX: usize = 128 * 1024;

/// A webhook of somebody's on a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hook {
    /// Its id.
    pub id: String,
    /// The board, by its document's id.
    pub board: String,
    /// Whose it is: with their rights it looks at the board.
    pub who: Who,
    /// Where to.
    pub url: String,
    /// Which events, by type; all if there are none.
    pub events: BTreeSet<String>,
    /// What it signs with.
    pub secret: Secret,
    /// When it was made, in seconds since 1970.
    pub created_at: u64,
    /// Where the board stood up to which it was told, or will be by what waits.
    pub cursor: String,
    next: u64,
    queue: VecDeque<Delivery>,
    trying: Trying,
}

/// Something to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The same with every try: whoever gets it twice knows.
    pub id: String,
    /// What is sent, to the byte.
    pub body: String,
}

/// How the tries go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trying {
    /// How often the first in the queue has failed.
    failures: u32,
    /// When to try next, in milliseconds since 1970.
    not_before: u64,
    /// Since when nothing arrives, in milliseconds.
    failing_since: Option<u64>,
    /// What became of the last try.
    last: Option<String>,
    /// Why nothing is tried any more.
    disabled: Option<String>,
}

/// What becomes of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it (2xx).
    Taken(u16),
    /// The receiver does not want anything any more (410).
    Gone,
    /// It failed, for this reason.
    Failed(String),
}

impl Hook {
    /// One that has been told of everything up to `cursor`.
    pub fn new(
        id: String,
        board: String,
        who: Who,
        asked: (String, BTreeSet<String>),
        secret: Secret,
        cursor: String,
        created_at: u64,
    ) -> Self {
        let (url, events) = asked;
        let (next, queue, trying) = (1, VecDeque::new(), Trying::default());
        Self { id, board, who, url, events, secret, created_at, cursor, next, queue, trying }
    }

    /// Whether it wants to be told of events of this type.
    pub fn wants(&self, kind: &str) -> bool {
        self.events.is_empty() || self.events.contains(kind)
    }

    /// Whether something more may wait.
    pub fn has_room(&self) -> bool {
        let bytes: usize = self.queue.iter().map(|delivery| delivery.body.len()).sum();
        self.queue.len() < QUEUE_MAX && bytes < QUEUE_BYTES_MAX && self.trying.disabled.is_none()
    }

    /// Takes what is to be told, if anything, up to where the board stands now. Write it down before
    /// it is sent.
    pub fn take(&mut self, told: Option<Value>, cursor: String) {
        self.cursor = cursor;
        let Some(mut told) = told else { return };
        let id = format!("msg_{}_{}", self.id, self.next);
        self.next += 1;
        if let Value::Object(told) = &mut told {
            told.insert("id".to_owned(), json!(id));
            told.insert("webhook".to_owned(), json!(self.id));
            told.insert("board".to_owned(), json!(self.board));
        }
        self.queue.push_back(Delivery { id, body: told.to_string() });
    }

    /// What to send now.
    pub fn due(&self, now: u64) -> Option<&Delivery> {
        self.due_at().filter(|at| *at <= now).and_then(|_| self.queue.front())
    }

    /// When there is something to send, in milliseconds since 1970.
    pub fn due_at(&self) -> Option<u64> {
        let waits = !self.queue.is_empty() && self.trying.disabled.is_none();
        waits.then_some(self.trying.not_before)
    }

    /// Takes note of what became of the first that waits; `random` spreads the next try.
    pub fn tried(&mut self, outcome: Outcome, now: u64, random: u32, retry: &Retry) {
        match outcome {
            Outcome::Taken(status) => {
                self.queue.pop_front();
                let last = Some(format!("{status}"));
                self.trying = Trying { last, ..Trying::default() };
            }
            Outcome::Gone => {
                self.trying.last = Some("410".to_owned());
                self.trying.disabled =
                    Some("the receiver answered 410: it wants no more".to_owned());
            }
            Outcome::Failed(why) => self.failed(why, now, random, retry),
        }
    }

    fn failed(&mut self, why: String, now: u64, random: u32, retry: &Retry) {
        let since = *self.trying.failing_since.get_or_insert(now);
        self.trying.failures = self.trying.failures.saturating_add(1);
        self.trying.not_before = now.saturating_add(retry.delay(self.trying.failures, random));
        if now.saturating_sub(since) >= retry.give_up {
            self.trying.disabled = Some(format!(
                "nothing has arrived for {} hours ({why}); PATCH it with {{\"enabled\": true}} to go on",
                (now - since) / 3_600_000
            ));
        }
        self.trying.last = Some(why);
    }

    /// Has it go on, with what waits first, at once.
    pub fn enable(&mut self) {
        let last = self.trying.last.take();
        self.trying = Trying { last, ..Trying::default() };
    }

    /// Stops it, for this reason.
    pub fn disable(&mut self, why: impl Into<String>) {
        self.trying.disabled = Some(why.into());
    }

    /// How it stands, without its secret.
    pub fn shown(&self) -> Value {
        json!({
            "id": self.id, "url": self.url, "events": self.events, "createdAt": self.created_at,
            "enabled": self.trying.disabled.is_none(), "disabledBecause": self.trying.disabled,
            "waiting": self.queue.len(), "failures": self.trying.failures,
            "lastAnswer": self.trying.last,
            "nextTryAt": self.due_at().filter(|at| *at > 0).map(|at| at / 1000),
        })
    }
}

#[cfg(test)]
mod tests;
