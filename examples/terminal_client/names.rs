//! From what a person calls cards and columns to commands about them.

use crate::arguments::Place;
use crate::show::{id_width, short};
use kanban_client::entropy;
use kanban_core::{Board, Card, CardId, Column, ColumnId, Command, Slot};
use std::sync::Arc;

/// The shortest start of an id that is taken for one; shorter ones are starts of titles.
const ID_CHARS_MIN: usize = 4;

/// A name that is nobody's, or more than one's.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum NameError {
    #[error("there is no {what} {name:?} {place}; there {}", are(.known))]
    Unknown { what: &'static str, name: String, place: String, known: Vec<String> },
    #[error("{name:?} may be {}; say more of it", .candidates.join(" or "))]
    Ambiguous { name: String, candidates: Vec<String> },
}

fn are(known: &[String]) -> String {
    match known {
        [] => "is none".to_owned(),
        [one] => format!("is only {one}"),
        many => format!("are {}", many.join(", ")),
    }
}

pub fn moving(board: &Board, card: &str, column: &str, to: &Place) -> Result<Command, NameError> {
    let (card, column) = (find_card(board, card, None)?, find_column(board, column)?);
    let neighbour = |name| find_card(board, name, Some(&column));
    let to = match to {
        Place::First => Slot::First,
        Place::Last => Slot::Last,
        Place::Before(name) => Slot::Before(neighbour(name)?),
        Place::After(name) => Slot::After(neighbour(name)?),
    };
    Ok(Command::MoveCard { card, column, to })
}

pub fn adding(board: &Board, column: &str, title: &str) -> Result<Command, NameError> {
    Ok(Command::CreateCard {
        card: CardId::from_entropy(entropy()),
        column: find_column(board, column)?,
        at: Slot::Last,
        title: title.to_owned(),
        description: String::new(),
    })
}

pub fn renaming(board: &Board, card: &str, title: &str) -> Result<Command, NameError> {
    Ok(Command::RenameCard { card: find_card(board, card, None)?, title: title.to_owned() })
}

/// The card that is shown, in a certain column if one is given, whose title is `name`, or whose
/// title or id starts with it.
fn find_card(board: &Board, name: &str, column: Option<&ColumnId>) -> Result<CardId, NameError> {
    let columns = board.columns().filter(|shown| column.is_none_or(|wanted| shown.id == *wanted));
    let cards: Vec<(&Arc<Card>, &Arc<Column>)> = columns
        .flat_map(|column| board.cards_in(&column.id).map(move |card| (card, column)))
        .collect();
    let wanted = folded(name);
    let by_id = |card: &Card| name.len() >= ID_CHARS_MIN && card.id.as_str().starts_with(name);
    let called: Vec<_> = cards.iter().filter(|(card, _)| folded(&card.title) == wanted).collect();
    let starting = cards
        .iter()
        .filter(|(card, _)| by_id(card) || folded(&card.title).starts_with(&wanted))
        .collect();
    // A whole title is meant, even if another one goes on after it.
    let found: Vec<_> = if called.len() == 1 { called } else { starting };
    let width = id_width(board);
    match found[..] {
        [(card, _)] => Ok(card.id.clone()),
        [] => Err(NameError::Unknown {
            what: "card",
            name: name.to_owned(),
            place: match column.and_then(|column| board.column(column)) {
                Some(column) => format!("in {}", column.name),
                None => "on this board".to_owned(),
            },
            known: cards.iter().map(|(card, _)| format!("{:?}", card.title)).take(10).collect(),
        }),
        _ => Err(NameError::Ambiguous {
            name: name.to_owned(),
            candidates: found
                .iter()
                .map(|(card, column)| {
                    format!("{:?} in {} ({})", card.title, column.name, short(&card.id, width))
                })
                .collect(),
        }),
    }
}

/// The column that is shown and called `name`, or whose name alone starts with it.
fn find_column(board: &Board, name: &str) -> Result<ColumnId, NameError> {
    let wanted = folded(name);
    let called: Vec<_> = board.columns().filter(|column| folded(&column.name) == wanted).collect();
    let starting = board.columns().filter(|column| folded(&column.name).starts_with(&wanted));
    let found: Vec<_> = if called.is_empty() { starting.collect() } else { called };
    let names = |columns: &[&Arc<Column>]| {
        columns.iter().map(|column| format!("{:?}", column.name)).collect()
    };
    match found[..] {
        [column] => Ok(column.id.clone()),
        [] => {
            let known = names(&board.columns().collect::<Vec<_>>());
            let (what, name, place) = ("column", name.to_owned(), "on this board".to_owned());
            Err(NameError::Unknown { what, name, place, known })
        }
        _ => Err(NameError::Ambiguous { name: name.to_owned(), candidates: names(&found) }),
    }
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::tests::{board, card, column};

    fn moved(name: &str, to_column: &str, to: Place) -> Result<Command, String> {
        moving(&board(), name, to_column, &to).map_err(|error| error.to_string())
    }

    fn to_done(name: &str) -> Command {
        Command::MoveCard { card: card(name), column: column("done"), to: Slot::Last }
    }

    #[test]
    fn a_card_is_found_by_the_start_of_its_title_or_of_its_id() {
        for name in ["write d", "WRITE docs", "docs1"] {
            assert_eq!(moved(name, "done", Place::Last), Ok(to_done("docs1")), "{name}");
        }
        assert_eq!(moved("write", "Done", Place::Last), Ok(to_done("write")), "a whole title");
    }

    #[test]
    fn a_name_that_may_be_two_cards_is_refused_with_both() {
        assert_eq!(
            moved("wri", "done", Place::Last).unwrap_err(),
            "\"wri\" may be \"Write docs\" in To do (docs) or \"Write\" in Doing (writ); say more \
             of it"
        );
    }

    #[test]
    fn a_name_that_is_nobody_s_is_refused_with_those_there_are() {
        assert_eq!(
            moved("fly", "done", Place::Last).unwrap_err(),
            "there is no card \"fly\" on this board; there are \"Write docs\", \"Review\", \"Write\""
        );
        assert_eq!(
            moved("review", "shelf", Place::Last).unwrap_err(),
            "there is no column \"shelf\" on this board; there are \"To do\", \"Doing\", \"Done\""
        );
    }

    #[test]
    fn a_column_that_starts_like_another_is_found_by_its_whole_name() {
        assert_eq!(
            moved("review", "do", Place::Last).unwrap_err(),
            "\"do\" may be \"Doing\" or \"Done\"; say more of it"
        );
        assert_eq!(moved("review", "don", Place::Last), Ok(to_done("review")));
    }

    #[test]
    fn a_neighbour_is_looked_for_in_the_column_only() {
        let to = Place::Before("write".into());
        let before = Command::MoveCard {
            card: card("review"),
            column: column("todo"),
            to: Slot::Before(card("docs1")),
        };
        assert_eq!(moved("review", "to do", to), Ok(before));
        let to = Place::After("review".into());
        assert_eq!(
            moved("docs1", "doing", to).unwrap_err(),
            "there is no card \"review\" in Doing; there is only \"Write\""
        );
    }

    #[test]
    fn adding_and_renaming_speak_of_what_is_there() {
        let Ok(Command::CreateCard { column: into, title, .. }) = adding(&board(), "doing", "Test")
        else {
            panic!("no card")
        };
        assert_eq!((into, &*title), (column("doing"), "Test"));
        let renamed = Command::RenameCard { card: card("review"), title: "Read".into() };
        assert_eq!(renaming(&board(), "rev", "Read"), Ok(renamed));
    }
}
