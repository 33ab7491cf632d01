//! What happens on a board, as server-sent events.

use super::Desk;
use super::body::Refusal;
use super::enter::Visit;
use crate::program::watcher::Watcher;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use kanban_core::{Board, BoardEvent, ChangeHash};
use kanban_gateway::news::{News, told};
use kanban_gateway::{Problem, heads};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// Proxies drop what is silent for 30 seconds or more; it is also how soon a quiet watcher is told that
/// the board is no longer theirs.
const SILENCE: Duration = Duration::from_secs(15);

/// Somebody who watches, and what they have to be told first.
struct Watching {
    desk: Arc<Desk>,
    visit: Visit,
    watcher: Watcher,
    first: Option<Event>,
    has_ended: bool,
}

/// `GET /boards/{board}/events`
pub async fn watch(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    visit: Visit,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let since = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let since: Option<Vec<ChangeHash>> = since.map(heads::from_word).transpose()?;
    let (mut watcher, missed) = Watcher::begin(visit.board.clone(), since).await?;
    let first = match missed {
        Some(news) if !news.events.is_empty() => {
            let shown =
                watcher.tell(move |board| changes(board, &news.events, &news.heads)).await?;
            Some(shown)
        }
        // Says where it begins, so that whoever is cut off at once can go on from there.
        Some(news) => {
            Some(named("begin", &news.heads, json!({ "heads": heads::to_word(&news.heads) })))
        }
        None => {
            let detail = "what happened since then is not known here; list the cards anew, and go on from these heads";
            let now = watcher.heads();
            Some(named("begin", now, json!({ "heads": heads::to_word(now), "detail": detail })))
        }
    };
    let watching = Watching { desk, visit, watcher, first, has_ended: false };
    let events = unfold(watching, |mut watching| async {
        let event = watching.next().await?;
        Some((Ok(event), watching))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(SILENCE)))
}

impl Watching {
    async fn next(&mut self) -> Option<Event> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        if self.has_ended {
            return None;
        }
        loop {
            let ready = tokio::time::timeout(SILENCE, self.watcher.ready()).await;
            // What somebody may see is looked at again before each thing that they are told.
            let admitted =
                self.desk.gatekeeper.admit(self.visit.token.as_deref(), self.visit.id).await;
            if let Err(problem) = admitted {
                return self.end(&problem);
            }
            self.visit.board.touch();
            match ready {
                Err(_) => {}
                Ok(false) => {
                    return self.end(&Problem::unavailable("the board was closed; watch it again"));
                }
                Ok(true) => {
                    let tell =
                        |board: &Board, news: &News| changes(board, &news.events, &news.heads);
                    return match self.watcher.collect(tell).await {
                        Ok(event) => Some(event),
                        Err(problem) => self.end(&problem),
                    };
                }
            }
        }
    }

    fn end(&mut self, problem: &Problem) -> Option<Event> {
        self.has_ended = true;
        Some(Event::default().event("problem").data(problem.to_json().to_string()))
    }
}

fn changes(board: &Board, events: &[BoardEvent], at: &[ChangeHash]) -> Event {
    named("changes", at, told(board, events, at))
}

fn named(name: &str, at: &[ChangeHash], data: Value) -> Event {
    Event::default().event(name).id(heads::to_word(at)).data(data.to_string())
}
