//! Trello's action log, and every attribute of a card or column at any moment of it.
//!
//! An action names the value an attribute had *before* it, and rarely the one after. So the past is read backwards:
//! between two actions, an attribute has the value that the next action to change it remembers; after the last such
//! action, it has the value in the export.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A moment in the log: how many actions had happened. Action 0 is the oldest.
pub type Moment = usize;

#[derive(Deserialize)]
pub struct Export {
    pub name: String,
    /// Newest first in the file; [`Export::read`] turns them round.
    pub actions: Vec<Action>,
    pub cards: Vec<CardFields>,
    pub lists: Vec<ListFields>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    #[serde(rename = "type")]
    pub kind: String,
    pub date: String,
    pub data: Data,
    member_creator: Option<Member>,
}

#[derive(Deserialize, Default)]
pub struct Data {
    #[serde(default)]
    pub old: Old,
    pub card: Option<CardFields>,
    pub list: Option<ListFields>,
}

#[derive(Deserialize)]
struct Member {
    #[serde(rename = "fullName")]
    full_name: String,
}

/// The values an action replaced.
#[derive(Deserialize, Default)]
pub struct Old {
    pub pos: Option<f64>,
    #[serde(rename = "idList")]
    pub id_list: Option<String>,
    pub name: Option<String>,
    pub desc: Option<String>,
    pub closed: Option<bool>,
}

/// A card, in full (the export) or as far as an action names it.
#[derive(Deserialize)]
pub struct CardFields {
    pub id: String,
    #[serde(rename = "idList")]
    id_list: Option<String>,
    name: Option<String>,
    desc: Option<String>,
    closed: Option<bool>,
    pub pos: Option<f64>,
}

/// A list, in full (the export) or as far as an action names it.
#[derive(Deserialize)]
pub struct ListFields {
    pub id: String,
    name: Option<String>,
    closed: Option<bool>,
    pos: Option<f64>,
}

impl Export {
    /// Reads an export and puts its actions in the order they happened.
    ///
    /// # Errors
    /// If the file is no JSON, or an action, card or list lacks what every export has.
    pub fn read(json: &str) -> serde_json::Result<Self> {
        let mut export: Export = serde_json::from_str(json)?;
        export.actions.reverse();
        Ok(export)
    }
}

impl Action {
    pub fn creates_card(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "createCard" | "copyCard" | "convertToCardFromCheckItem" | "moveCardToBoard"
        )
    }

    pub fn deletes_card(&self) -> bool {
        matches!(self.kind.as_str(), "deleteCard" | "moveCardFromBoard")
    }

    pub fn creates_column(&self) -> bool {
        matches!(self.kind.as_str(), "createList" | "moveListToBoard")
    }

    pub fn card_id(&self) -> Option<&str> {
        self.data.card.as_ref().map(|card| card.id.as_str())
    }

    pub fn who(&self) -> &str {
        self.member_creator.as_ref().map_or("somebody", |member| member.full_name.as_str())
    }

    /// Whether this action puts a card or a column somewhere else.
    pub fn moves(&self) -> bool {
        self.data.old.pos.is_some() || self.data.old.id_list.is_some()
    }

    /// Milliseconds since 1970, or nothing if Trello ever changes how it writes a date.
    pub fn milliseconds(&self) -> Option<i64> {
        let part = |from: usize, to: usize| self.date.get(from..to)?.parse::<i64>().ok();
        let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
        // Days since 1970 in the Gregorian calendar, with years that begin in March.
        let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days = y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719_469;
        let minutes = (days * 24 + part(11, 13)?) * 60 + part(14, 16)?;
        Some((minutes * 60 + part(17, 19)?) * 1000 + part(20, 23)?)
    }
}

/// One attribute through time.
#[derive(Clone)]
pub struct Past<T> {
    /// The actions that changed it, oldest first, each with the value it replaced.
    replaced: Vec<(usize, T)>,
    last: T,
}

impl<T> Past<T> {
    fn new(last: T) -> Self {
        Self { replaced: Vec::new(), last }
    }

    fn replace(&mut self, action: usize, old: Option<T>) {
        self.replaced.extend(old.map(|old| (action, old)));
    }

    pub fn at(&self, moment: Moment) -> &T {
        let next_change = self.replaced.iter().find(|(action, _)| *action >= moment);
        next_change.map_or(&self.last, |(_, old)| old)
    }
}

/// A card or a column through time.
pub struct Life {
    pub id: String,
    /// The first moment it exists; 0 for what is older than the log.
    born: Moment,
    /// The first moment it is gone.
    died: Option<Moment>,
    /// The column of a card; blank for a column.
    pub column: Past<String>,
    /// Nothing if the log never says; then it stands last.
    pub position: Past<Option<f64>>,
    pub name: Past<String>,
    pub description: Past<String>,
    pub archived: Past<bool>,
}

impl Life {
    pub fn exists_at(&self, moment: Moment) -> bool {
        self.born <= moment && self.died.is_none_or(|died| moment < died)
    }

    fn record(&mut self, action: usize, old: &Old) {
        self.column.replace(action, old.id_list.clone());
        self.position.replace(action, old.pos.map(Some));
        self.name.replace(action, old.name.clone());
        self.description.replace(action, old.desc.clone());
        self.archived.replace(action, old.closed);
    }
}

/// The lives of all columns.
pub fn columns(export: &Export) -> Vec<Life> {
    let life = |list: &ListFields| Life {
        id: list.id.clone(),
        born: 0,
        died: None,
        column: Past::new(String::new()),
        position: Past::new(list.pos),
        name: Past::new(list.name.clone().unwrap_or_default()),
        description: Past::new(String::new()),
        archived: Past::new(list.closed.unwrap_or_default()),
    };
    let mut lives: BTreeMap<_, _> =
        export.lists.iter().map(|list| (list.id.as_str(), life(list))).collect();
    for (number, action) in export.actions.iter().enumerate() {
        let Some(life) = action.data.list.as_ref().and_then(|list| lives.get_mut(list.id.as_str()))
        else {
            continue;
        };
        if action.creates_column() {
            life.born = number + 1;
        } else if action.kind == "updateList" {
            life.record(number, &action.data.old);
        }
    }
    lives.into_values().collect()
}

/// The lives of all cards whose life is known: those in the export, and deleted ones whose creation is in the log.
pub fn cards(export: &Export) -> Vec<Life> {
    let life = |card: &CardFields, column: Option<&String>| Life {
        id: card.id.clone(),
        born: 0,
        died: None,
        column: Past::new(column.cloned().unwrap_or_default()),
        position: Past::new(card.pos),
        name: Past::new(card.name.clone().unwrap_or_default()),
        description: Past::new(card.desc.clone().unwrap_or_default()),
        archived: Past::new(card.closed.unwrap_or_default()),
    };
    let known =
        export.cards.iter().map(|card| (card.id.as_str(), life(card, card.id_list.as_ref())));
    let mut lives: BTreeMap<_, _> = known.collect();
    let final_ids: Vec<_> = lives.keys().copied().collect();
    for (number, action) in export.actions.iter().enumerate() {
        let Some(card) = &action.data.card else {
            continue;
        };
        let column = card.id_list.as_ref().or(action.data.list.as_ref().map(|list| &list.id));
        if action.creates_card() {
            lives.entry(&card.id).or_insert_with(|| life(card, column)).born = number + 1;
        }
        let Some(life) = lives.get_mut(card.id.as_str()) else {
            continue;
        };
        if action.kind == "updateCard" {
            life.record(number, &action.data.old);
        } else if action.deletes_card() {
            life.died = Some(number + 1);
        }
        // A deleted card has no final values; the last ones the log names stand in for them.
        if final_ids.binary_search(&card.id.as_str()).is_err() {
            keep_latest(&mut life.column.last, column);
            keep_latest(&mut life.name.last, card.name.as_ref());
            keep_latest(&mut life.description.last, card.desc.as_ref());
            keep_latest(&mut life.archived.last, card.closed.as_ref());
            life.position.last = card.pos.or(life.position.last);
        }
    }
    lives.into_values().collect()
}

fn keep_latest<T: Clone>(last: &mut T, named: Option<&T>) {
    if let Some(named) = named {
        last.clone_from(named);
    }
}
