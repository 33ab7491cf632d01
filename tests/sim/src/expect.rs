//! What a command should do on a given screen: record a change, nothing, or be refused.

mod fields;

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
            let ids = cards.iter().map(|card| card.id.as_str()).collect();
            sorted(sight.shows(column.as_str()), ids, |ids| cards_in_order(screen, ids, *by))
        }
        C::SortColumns { by } => {
            let ids = sight.order.iter().map(String::as_str).collect();
            sorted(true, ids, |ids| columns_in_order(screen, ids, *by))
        }
        C::MoveAllCards { column, to } => {
            let shown = sight.shows(column.as_str()) && sight.shows(to.as_str());
            match sight.placed_in(column.as_str()).is_empty() {
                _ if !shown || to == column => Refused,
                true => Nothing,
                false => Recorded,
            }
        }
        C::ArchiveAllCards { column } => match sight.lane(column.as_str()).is_empty() {
            _ if !sight.shows(column.as_str()) => Refused,
            true => Nothing,
            false => Recorded,
        },
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
        other => fields::outcome(other, screen),
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

fn sorted<'a>(
    shown: bool,
    ids: Vec<&'a str>,
    in_order: impl Fn(Vec<&'a str>) -> Vec<&'a str>,
) -> Outcome {
    match (shown, ids == in_order(ids.clone())) {
        (false, _) => Refused,
        (true, true) => Nothing,
        (true, false) => Recorded,
    }
}

/// Cards as a sort should leave them.
pub fn cards_in_order<'a>(screen: &Screen, mut ids: Vec<&'a str>, by: SortBy) -> Vec<&'a str> {
    let Screen { sight, raw, .. } = screen;
    let title = |id: &str| sight.cards.get(id).map(|card| card.title.clone()).unwrap_or_default();
    match by {
        SortBy::Due => ids.sort_by_key(|id| {
            let due = sight.cards.get(*id).and_then(|card| card.due.as_ref());
            let place = due.and_then(|due| DATES.iter().position(|date| *date == due.as_str()));
            (place.unwrap_or(DATES.len()), *id)
        }),
        SortBy::Label => ids.sort_by_key(|id| {
            let labels = sight.cards.get(*id).into_iter().flat_map(|card| &card.labels);
            let defined = labels.filter_map(|label| sight.labels.get(label.as_str()));
            let first = defined.map(|label| (label.name.to_lowercase(), label.name.clone())).min();
            (first.is_none(), first, *id)
        }),
        SortBy::Created => ids.sort_by_key(|id| raw.cards.get(*id).map(|raw| &raw.created)),
        by => sort_by_name(&mut ids, title, by),
    }
    ids
}

/// Columns as a sort should leave them. They have no due date and no labels.
pub fn columns_in_order<'a>(screen: &Screen, mut ids: Vec<&'a str>, by: SortBy) -> Vec<&'a str> {
    let Screen { sight, raw, .. } = screen;
    let name = |id: &str| sight.columns.get(id).map(|c| c.name.clone()).unwrap_or_default();
    match by {
        SortBy::Due | SortBy::Label => {}
        SortBy::Created => ids.sort_by_key(|id| raw.columns.get(*id).map(|raw| &raw.created)),
        by => sort_by_name(&mut ids, name, by),
    }
    ids
}

fn sort_by_name(ids: &mut [&str], name: impl Fn(&str) -> String, by: SortBy) {
    ids.sort_by_cached_key(|id| (name(id).to_lowercase(), name(id), id.to_string()));
    if by == SortBy::TitleDescending {
        ids.reverse();
    }
}

/// The dates that people use, earliest first: a day ends when it ends, not when it begins.
pub const DATES: [&str; 5] =
    ["2025-12-31", "2026-05-01T17:00:00+02:00", "2026-05-01", "2026-05-02T09:00:00Z", "2026-07-01"];

/// The cards that come back with a column that is unarchived.
pub fn come_back_with(sight: &Sight, raw: &RawBoard, column: &str) -> Vec<String> {
    let cards = sight.placed_in(column).into_iter().map(|card| card.id.to_string());
    cards.filter(|card| raw.cards.get(card).is_some_and(with_column)).collect()
}
