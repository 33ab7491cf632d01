//! What happened on a board, for those who watch it.

use crate::heads;
use crate::hook::{BODY_BYTES_MAX, EVENTS_MAX, Hook};
use kanban_core::{Board, BoardEvent, CardId, ChangeHash};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What looks different, and where the board stands since.
///
/// ```
/// use kanban_core::{BoardEvent, CardId};
/// use kanban_gateway::news::{News, type_of};
/// let news = News { events: vec![BoardEvent::BoardEdited], heads: Vec::new() };
/// assert_eq!(type_of(&news.events[0]), "boardEdited");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// What.
    pub events: Vec<BoardEvent>,
    /// Where it stands.
    pub heads: Vec<ChangeHash>,
}

/// The `type` of every event.
pub const EVENT_TYPES: [&str; 22] = [
    "boardEdited",
    "labelChanged",
    "memberChanged",
    "cardCreated",
    "cardMoved",
    "cardEdited",
    "cardArchived",
    "cardUnarchived",
    "cardDeleted",
    "cardPurged",
    "cardRestored",
    "cardChoicesChanged",
    "columnCreated",
    "columnMoved",
    "columnEdited",
    "columnArchived",
    "columnUnarchived",
    "columnDeleted",
    "columnPurged",
    "columnRestored",
    "columnRecovered",
    "columnChoicesChanged",
];

/// The `type` of an event.
pub fn type_of(event: &BoardEvent) -> String {
    let written = json!(event);
    written.get("type").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The news as JSON: the events of the core, and beside them how the cards are called and where they
/// stand, so that whoever is told need not ask.
pub fn told(board: &Board, events: &[BoardEvent], at: &[ChangeHash]) -> Value {
    let cards: BTreeSet<&CardId> = events.iter().filter_map(card_of).collect();
    let mut known = Map::new();
    for card in cards.into_iter().filter_map(|id| board.card(id)) {
        let column = board.column(&card.column).map(|column| &column.name);
        let shown = json!({ "title": card.title, "column": card.column, "columnName": column });
        known.insert(card.id.to_string(), shown);
    }
    json!({ "events": events, "cards": known, "heads": heads::to_word(at) })
}

fn card_of(event: &BoardEvent) -> Option<&CardId> {
    use BoardEvent::*;
    match event {
        CardCreated { card }
        | CardMoved { card, .. }
        | CardEdited { card, .. }
        | CardArchived { card }
        | CardUnarchived { card }
        | CardDeleted { card }
        | CardPurged { card }
        | CardRestored { card }
        | CardChoicesChanged { card } => Some(card),
        _ => None,
    }
}

/// What a webhook tells of the news: the events that it wants, if there are any, and `more` if there are
/// others that would be too much for one delivery.
pub fn for_hook(board: &Board, news: &News, hook: &Hook) -> Option<Value> {
    let wanted = news.events.iter().filter(|event| hook.wants(&type_of(event)));
    let wanted: Vec<BoardEvent> = wanted.cloned().collect();
    let mut count = wanted.len().min(EVENTS_MAX);
    loop {
        let mut told = told(board, wanted.get(..count).filter(|it| !it.is_empty())?, &news.heads);
        if let Value::Object(told) = &mut told {
            told.insert("more".to_owned(), json!(count < wanted.len()));
        }
        // Titles may be long: half as many, until it fits.
        if count == 1 || told.to_string().len() <= BODY_BYTES_MAX {
            return Some(told);
        }
        count /= 2;
    }
}
