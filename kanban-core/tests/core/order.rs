//! Order stays exact however people drop cards, and keys stay short.

use crate::team::*;
use automerge::{ROOT, ReadDoc};
use kanban_core::*;

fn order(person: &Person, column: &str) -> Vec<String> {
    person.board.cards_in(&column_id(column)).map(|card| card.id.to_string()).collect()
}

fn longest_key(person: &Person) -> usize {
    person.board.cards().map(|card| card.position.as_str().len()).max().unwrap()
}

/// Cards that a machine has given a key.
fn refined(person: &Person) -> usize {
    let cards = person.board.document().get(ROOT, "cards").unwrap().unwrap().1;
    let has_key = |card: &&std::sync::Arc<Card>| {
        let object = person.board.document().get(&cards, card.id.as_str()).unwrap().unwrap().1;
        person.board.document().get(&object, "ord").unwrap().is_some()
    };
    person.board.cards().filter(has_key).count()
}

/// Creates `count` cards, each between the one before it and a neighbour, left and right in turn:
/// the one way of dropping cards that makes keys grow.
fn zigzag(person: &mut Person, count: usize, expected: &mut Vec<String>) {
    let first = expected.len();
    let mut gap = first / 2;
    for number in 0..count {
        let card = format!("{}{}", person.name, first + number);
        let anchor = expected[gap - 1].clone();
        person.creates(&card).after(&anchor);
        expected.insert(gap, card);
        if number % 2 == 0 {
            gap += 1;
        }
    }
}

#[test]
fn always_dropping_in_the_middle_keeps_the_order_exact_and_the_keys_short() {
    let mut team = Team::sharing("todo: first, last | done:");
    let mut expected = vec!["first".to_owned(), "last".to_owned()];
    zigzag(team.ana(), 1_200, &mut expected);
    assert_eq!(order(team.ana(), "todo"), expected);
    assert!(refined(team.ana()) > 0);
    let longest = longest_key(team.ana());
    assert!(longest <= 128, "{longest} bytes");
    team.sync();
    assert_eq!(order(team.ben(), "todo"), expected);
}

#[test]
fn what_somebody_drops_while_the_keys_around_it_are_shortened_is_still_among_its_neighbours() {
    let mut team = Team::sharing("todo: a, b, c, d, e, f | done: x");
    let mut expected: Vec<String> = ["a", "b", "c", "d", "e", "f"].map(String::from).into();
    zigzag(team.ana(), 40, &mut expected);
    team.sync();
    // Ana's next drops make the keys too long; Ben drops x among the same cards meanwhile.
    let middle = expected.len() / 2;
    team.ben().moves("x").after(&expected[middle].clone());
    zigzag(team.ana(), 400, &mut expected);
    assert!(refined(team.ana()) > 0);
    team.sync();
    let seen = order(team.cleo(), "todo");
    let without_x: Vec<String> = seen.iter().filter(|card| *card != "x").cloned().collect();
    assert_eq!(without_x, expected);
    let place = seen.iter().position(|card| card == "x").unwrap();
    assert!(place > 0 && place < seen.len() - 1, "x stands at {place} of {}", seen.len());
}

#[test]
fn a_card_that_comes_back_from_trash_or_shelf_never_ties_with_one_dropped_meanwhile() {
    let mut team = Team::sharing("todo: a, b, c, d | done:");
    team.ana().deletes("b");
    team.ana().archives("c");
    for number in 0..20 {
        team.ana().creates(&format!("n{number}")).after("a");
    }
    team.ana().restores("b");
    team.ana().does(Command::UnarchiveCard { card: id("c") });
    team.sync();
    let mut keys: Vec<Position> =
        team.ben().board.cards_in(&column_id("todo")).map(|card| card.position.clone()).collect();
    let count = keys.len();
    keys.dedup();
    assert_eq!((count, keys.len()), (24, 24));
}

#[test]
fn a_card_dropped_next_to_a_relocated_one_lands_next_to_it() {
    let mut team = Team::sharing("todo: a, b | review: r, s | done: x");
    team.ana().deletes_column("review", to("todo"));
    team.ana().moves("x").after("r");
    team.sync();
    team.all_see("todo: a, b, r, x, s | done:");
}

#[test]
fn sorting_a_column_again_and_again_does_not_make_its_keys_grow() {
    let mut team = Team::sharing("todo: c, a, b, e, d | done:");
    for round in 0..200 {
        let by = if round % 2 == 0 { SortBy::Title } else { SortBy::TitleDescending };
        team.ana().does(Command::SortCards { column: column_id("todo"), by });
    }
    assert_eq!(order(team.ana(), "todo"), ["e", "d", "c", "b", "a"]);
    assert!(longest_key(team.ana()) < 20);
}
