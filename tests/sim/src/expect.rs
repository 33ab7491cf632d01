//! What a command should do on a given screen: record a change, nothing, or be refused.

use crate::acts::{Screen, with_column};
use crate::place::{losers, undecided};
use crate::raw::{Raw, RawBoard};
use crate::sight::Sight;
use crate::slot::dropped;
use kanban_core::{Card, ColumnCards, Command, Life, Slot, SortBy};
use std::fmt::Display;

/// What becomes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// One change.
    Recorded,
    /// No change: it is so already.
    Nothing,
    /// An error.
    Refused,
}
use Outcome::{Nothing, Recorded, Refused};

/// What should become of a command.
pub fn outcome(command: &Command, screen: &Screen) -> Outcome {
    use Command as C;
    let Screen { sight, raw, token_units } = screen;
    let units = |text: &str| text.chars().count() * token_units;
    match command {
        C::RenameBoard { name } => renamed(&sight.name.0, &sight.name.1, name),
        C::CreateColumn { column, at, .. } => {
            let fresh = !sight.columns.contains_key(column.as_str());
            let order: Vec<&str> = sight.order.iter().map(String::as_str).collect();
            recorded_if(fresh && dropped(&order, column.as_str(), at).is_some())
        }
        C::CreateCard { card, column, at, .. } => {
            let fresh = !sight.cards.contains_key(card.as_str());
            let lane = sight.lane(column.as_str());
            let fits = dropped(&lane, card.as_str(), at).is_some();
            recorded_if(fresh && sight.shows(column.as_str()) && fits)
        }
        C::MoveCard { card, column, to } => match sight.living(card.as_str()) {
            Some(card) => moved(sight, card, column.as_str(), to),
            None => Refused,
        },
        C::RenameCard { card, title } => match sight.living(card.as_str()) {
            Some(card) => renamed(&card.title, &card.other_titles, title),
            None => Refused,
        },
        C::EditDescription { card, at, remove, insert } => match sight.living(card.as_str()) {
            Some(_) if *remove == 0 && insert.is_empty() => Nothing,
            Some(card) => recorded_if(at + remove <= units(&card.description)),
            None => Refused,
        },
        C::SetDescription { card, text } => match sight.living(card.as_str()) {
            Some(card) if card.description == *text => Nothing,
            card => recorded_if(card.is_some()),
        },
        C::DeleteCard { card } => recorded_if(sight.living(card.as_str()).is_some()),
        C::RestoreCard { card } => {
            let card = sight.cards.get(card.as_str());
            recorded_if(card.is_some_and(|card| card.life == Life::Deleted))
        }
        C::KeepCard { card } => {
            let card = sight.living(card.as_str());
            recorded_if(card.is_some_and(|card| card.deleted_concurrently))
        }
        C::PickCardPlacement { card, placement } => {
            let (column, key) = (placement.column.as_str(), placement.position.as_str());
            recorded_if(raw.cards.get(card.as_str()).is_some_and(|raw| {
                undecided(raw).iter().any(|l| (l.column, l.key) == (column, key))
            }))
        }
        C::KeepCardPlacement { card } => {
            let card = raw.cards.get(card.as_str());
            recorded_if(card.is_some_and(|raw| !undecided(raw).is_empty()))
        }
        C::ArchiveCard { card } => lifted(sight.living(card.as_str()), Life::OnBoard),
        C::UnarchiveCard { card } => lifted(sight.living(card.as_str()), Life::Archived),
        C::SortCards { column, by } => {
            let cards = sight.placed_in(column.as_str());
            let names = cards.iter().map(|card| (&*card.title, card.id.as_str()));
            sorted(sight.shows(column.as_str()), names.collect(), *by)
        }
        C::SortColumns { by } => {
            let columns = sight.order.iter().filter_map(|id| sight.columns.get(id));
            let names = columns.map(|column| (&*column.name, column.id.as_str()));
            sorted(true, names.collect(), *by)
        }
        C::RenameColumn { column, name } => match shown_column(sight, column) {
            Some(column) => renamed(&column.name, &column.other_names, name),
            None => Refused,
        },
        C::MoveColumn { column, to } => {
            let order: Vec<&str> = sight.order.iter().map(String::as_str).collect();
            match dropped(&order, column.as_str(), to) {
                Some(_) if !sight.shows(column.as_str()) => Refused,
                Some(list) if list == order => Nothing,
                list => recorded_if(list.is_some()),
            }
        }
        C::DeleteColumn { column, cards } => {
            let empty = sight.placed_in(column.as_str()).is_empty();
            recorded_if(
                sight.shows(column.as_str())
                    && match cards {
                        Some(ColumnCards::MoveTo(to)) => to != column && sight.shows(to.as_str()),
                        Some(ColumnCards::Delete) => true,
                        None => empty,
                    },
            )
        }
        C::RestoreColumn { column } => {
            let column = sight.columns.get(column.as_str());
            recorded_if(column.is_some_and(|column| column.life == Life::Deleted))
        }
        C::KeepColumn { column } => {
            let column = sight.columns.get(column.as_str());
            recorded_if(column.is_some_and(|column| column.deleted_concurrently))
        }
        C::PickColumnPosition { column, position } => {
            let losers = column_losers(sight, raw, column);
            recorded_if(losers.iter().any(|key| key == position.as_str()))
        }
        C::KeepColumnPosition { column } => {
            recorded_if(!column_losers(sight, raw, column).is_empty())
        }
        C::ArchiveColumn { column } => recorded_if(sight.shows(column.as_str())),
        C::UnarchiveColumn { column } => match sight.columns.get(column.as_str()) {
            Some(column) if column.life == Life::OnBoard => Nothing,
            column => recorded_if(column.is_some_and(|column| column.life == Life::Archived)),
        },
        _ => Refused,
    }
}

fn recorded_if(holds: bool) -> Outcome {
    if holds { Recorded } else { Refused }
}

fn renamed(shown: &str, others: &[String], new: &str) -> Outcome {
    if shown == new && others.is_empty() { Nothing } else { Recorded }
}

fn lifted(card: Option<&Card>, from: Life) -> Outcome {
    match card {
        Some(card) if card.life == from => Recorded,
        Some(_) => Nothing,
        None => Refused,
    }
}

fn moved<I: Display>(sight: &Sight, card: &Card, column: &str, to: &Slot<I>) -> Outcome {
    let lane = sight.lane(column);
    let stays = card.column.as_str() == column;
    let Some(list) = dropped(&lane, card.id.as_str(), to) else { return Refused };
    if !stays && !sight.shows(column) {
        return Refused;
    }
    // An archived card is in no list, so it is never where it should go.
    if list == lane { Nothing } else { Recorded }
}

fn shown_column<'a>(sight: &'a Sight, id: &impl Display) -> Option<&'a kanban_core::Column> {
    let id = id.to_string();
    sight.columns.get(&id).filter(|_| sight.shows(&id)).map(|column| &**column)
}

fn column_losers(sight: &Sight, raw: &RawBoard, id: &impl Display) -> Vec<String> {
    let none = Raw::default();
    let shown = shown_column(sight, id).is_some();
    let raw = raw.columns.get(&id.to_string()).filter(|_| shown).unwrap_or(&none);
    losers(raw).iter().map(|l| l.key.to_owned()).collect()
}

fn sorted(shown: bool, names: Vec<(&str, &str)>, by: SortBy) -> Outcome {
    match (shown, names == in_order(names.clone(), by)) {
        (false, _) => Refused,
        (true, true) => Nothing,
        (true, false) => Recorded,
    }
}

/// Names with their ids as a sort should leave them.
pub fn in_order<'a>(mut names: Vec<(&'a str, &'a str)>, by: SortBy) -> Vec<(&'a str, &'a str)> {
    names.sort_by_key(|(name, id)| (name.to_lowercase(), *name, *id));
    if by == SortBy::TitleDescending {
        names.reverse();
    }
    names
}

/// The cards that come back with a column that is unarchived.
pub fn come_back_with(sight: &Sight, raw: &RawBoard, column: &str) -> Vec<String> {
    let cards = sight.placed_in(column).into_iter().map(|card| card.id.to_string());
    cards.filter(|card| raw.cards.get(card).is_some_and(with_column)).collect()
}
