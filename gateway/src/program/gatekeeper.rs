//! Who sends a request: asked of the relay with each, and remembered for when it is away.

use super::disk;
use super::relay::Relay;
use super::seconds;
use kanban_gateway::Problem;
use kanban_gateway::access::{Caller, Pass, REMEMBERED_SECONDS, Word, decide, digest};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use sync_protocol::DocumentId;
use tracing::warn;

/// How long the relay's word is as good as asking again: what an owner takes back ends this soon.
const FRESH: Duration = Duration::from_secs(1);

/// How often a token is asked for the name of its account, which also has a session go on.
const NAME_FRESH: Duration = Duration::from_secs(60 * 60);

/// How much later a word may be said again before that is written down, in seconds.
const WRITE_AGAIN: u64 = 60 * 60;

/// How many words are kept: a few boards for each of a thousand people.
const WORDS_MAX: usize = 10_000;

/// Takes the relay's word for who is who.
#[derive(Debug)]
pub struct Gatekeeper {
    relay: Relay,
    is_local: bool,
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    fresh: HashMap<String, (Pass, Instant)>,
    names: HashMap<String, (String, Instant)>,
    remembered: BTreeMap<String, Remembered>,
}

/// What the relay said last, of a token and a board.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Remembered {
    pass: Pass,
    /// In seconds since 1970.
    at: u64,
}

impl Gatekeeper {
    /// Begins with what was remembered at `path`.
    pub fn new(relay: Relay, is_local: bool, path: PathBuf) -> Result<Self, disk::DiskError> {
        let remembered = disk::read(&path)?.unwrap_or_default();
        let state = Mutex::new(State { remembered, ..State::default() });
        Ok(Self { relay, is_local, path, state })
    }

    /// Who has this token, and what they may do with the board.
    pub async fn admit(&self, token: Option<&str>, board: DocumentId) -> Result<Pass, Problem> {
        let hash = token.map_or_else(|| "nobody".to_owned(), digest);
        let key = format!("{hash} {board}");
        let fresh = self.state().fresh.get(&key).cloned();
        if let Some((pass, at)) = fresh
            && at.elapsed() < FRESH
        {
            return Ok(pass);
        }
        let mut word = self.relay.word(token, board).await;
        let mut name = None;
        if let (Word::Theirs(_), Some(token)) = (&word, token) {
            name = self.name(token, &hash).await;
            if name.is_none() {
                // Never taken for a token that names nobody: that would be another copy of the board.
                word = Word::Silent("it does not say whose token this is".to_owned());
            }
        }
        let remembered = self.state().remembered.get(&key).cloned();
        let holds = |it: &Remembered| it.at.saturating_add(REMEMBERED_SECONDS) > seconds();
        let remembered = remembered.filter(holds).map(|it| it.pass);
        let is_word = !matches!(word, Word::Silent(_));
        let decided = decide(Caller { token, is_local: self.is_local }, word, name, remembered);
        if is_word {
            self.note(key, decided.as_ref().ok());
        }
        decided
    }

    async fn name(&self, token: &str, hash: &str) -> Option<String> {
        let known = self.state().names.get(hash).cloned();
        if let Some((name, at)) = &known
            && at.elapsed() < NAME_FRESH
        {
            return Some(name.clone());
        }
        let Some(name) = self.relay.name(token).await else { return known.map(|(name, _)| name) };
        let mut state = self.state();
        if state.names.len() >= WORDS_MAX {
            state.names.clear();
        }
        state.names.insert(hash.to_owned(), (name.clone(), Instant::now()));
        Some(name)
    }

    /// Remembers what was decided, or forgets what no longer holds.
    fn note(&self, key: String, pass: Option<&Pass>) {
        let mut state = self.state();
        let before = state.remembered.get(&key);
        let is_news = match (before, pass) {
            (None, None) => false,
            (Some(before), Some(pass)) => {
                before.pass != *pass || before.at.saturating_add(WRITE_AGAIN) < seconds()
            }
            _ => true,
        };
        match pass {
            Some(pass) => {
                if state.fresh.len() >= WORDS_MAX {
                    state.fresh.clear();
                }
                state.fresh.insert(key.clone(), (pass.clone(), Instant::now()));
                if is_news {
                    let remembered = Remembered { pass: pass.clone(), at: seconds() };
                    state.remembered.insert(key, remembered);
                }
            }
            None => {
                state.fresh.remove(&key);
                state.remembered.remove(&key);
            }
        }
        if is_news {
            let oldest = seconds().saturating_sub(REMEMBERED_SECONDS);
            state.remembered.retain(|_, it| it.at > oldest);
            while state.remembered.len() > WORDS_MAX {
                state.remembered.pop_first();
            }
            // Without it, whoever asks while the relay is away has to wait for it.
            if let Err(error) = disk::write(&self.path, &state.remembered) {
                warn!("{}", sync_protocol::sentence(&error));
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
