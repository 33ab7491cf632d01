//! What positions promise: exact order, blocks that stay together, short keys, and no trust in
//! foreign ones.

// A wrong index fails the test that computed it.
#![allow(clippy::indexing_slicing)]

#[path = "positions/blocks.rs"]
mod blocks;
#[path = "positions/column.rs"]
mod column;
#[path = "positions/forged.rs"]
mod forged;

use column::{Column, Dice, history, people};
use kanban_core::{POSITION_BYTES_MAX, Position, PositionTag};
use std::collections::BTreeSet;

#[test]
fn a_card_lands_exactly_where_it_was_put_whatever_came_before() {
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let people = people(1 + dice.below(5), seed);
        let column = history(&mut dice, &people, 600);
        assert!(column.shown.is_sorted_by(|left, right| left < right), "seed {seed}");
    }
}

#[test]
fn inserting_again_and_again_into_nearby_gaps_keeps_the_order() {
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let people = people(1 + dice.below(5), seed);
        let mut column = Column::default();
        let mut index = 0;
        for _ in 0..200 {
            index = (index + dice.below(3)).saturating_sub(1).min(column.shown.len());
            column.insert(index, people[dice.below(people.len())]);
        }
        assert!(column.shown.is_sorted_by(|left, right| left < right), "seed {seed}");
    }
}

#[test]
fn a_restored_card_never_shares_its_position() {
    let ana = PositionTag::of(b"ana");
    let mut column = Column::default();
    let first = column.insert(0, ana);
    column.remove(0);
    let second = column.insert(0, ana);
    assert_ne!(first, second);
}
#[test]
fn a_tie_is_followed_directly() {
    let tie = Position::parse("V.k3QzV").expect("a position");
    let next = Position::parse("V.k3QzW").expect("a position");
    let after = Position::between(Some(&tie), Some(&tie), PositionTag::of(b"ana"), |_| false);
    assert!(tie < after && after < next);
    let taken = BTreeSet::from([after.clone()]);
    let later = Position::between(Some(&tie), Some(&tie), PositionTag::of(b"ana"), |position| {
        taken.contains(position)
    });
    assert!(after < later && later < next);
}

#[test]
fn a_position_is_a_string_in_json_and_is_checked_when_read() {
    let position = Position::parse("V.k3QzV").expect("a position");
    assert_eq!(serde_json::to_string(&position).expect("serializes"), "\"V.k3QzV\"");
    assert_eq!(serde_json::from_str::<Position>("\"V.k3QzV\"").expect("reads"), position);
    assert!(serde_json::from_str::<Position>("\"V.k3Qz\"").is_err());
    let deepest = vec!["V.k3QzV"; POSITION_BYTES_MAX / 8].join(".");
    assert!(Position::parse(&deepest).is_ok());
    assert!(Position::parse(&format!("{deepest}.V.k3QzV")).is_err());
    for malformed in [
        "",
        ".",
        "V",
        "V.",
        "V.k3Q",
        "V.k3Qz",
        "V.k3QzV.",
        "V.k3QzV.V",
        "V.k3-zV",
        "V.k3QzV0",
        "V0.k3QzV",
        "V.k3Qz000000000000",
    ] {
        assert!(Position::parse(malformed).is_err(), "{malformed}");
    }
}

const INSERTS: usize = 10_000;

/// Where the next card goes: the index, given the column, the position of the card before and a
/// die.
type Pattern = fn(&Column, &Position, &mut Dice) -> usize;

const AT_THE_END: Pattern = |column, _, _| column.shown.len();
const AT_THE_TOP: Pattern = |_, _, _| 0;
const AFTER_THE_FIRST: Pattern = |_, _, _| 1;
const BEFORE_THE_LAST: Pattern = |column, _, _| column.shown.len() - 1;
const ANYWHERE: Pattern = |column, _, dice| dice.below(column.shown.len() + 1);
/// Mostly at the top or the end, as on a real board.
const LIKE_A_BOARD: Pattern = |column, _, dice| match dice.below(10) {
    0..4 => 0,
    4..7 => column.shown.len(),
    _ => dice.below(column.shown.len() + 1),
};
/// Between the last two, in turn on either side.
const ZIGZAG: Pattern = |column, last, _| column.index_of(last) + column.shown.len() % 2;

fn grown(name: &str, pattern: Pattern, writers: usize, inserts: usize) -> Column {
    let mut dice = Dice(1);
    let people = people(writers, 0);
    let mut column = Column::default();
    for index in 0..2 {
        column.insert(index, people[0]);
    }
    let mut last = column.shown[0].clone();
    for insert in 0..inserts {
        let index = pattern(&column, &last, &mut dice);
        last = column.insert(index, people[insert % writers]);
    }
    println!("| {name} | {writers} | {inserts} | {:.1} | {} |", column.mean(), column.longest());
    column
}

#[test]
fn ten_thousand_inserts_on_one_side_of_a_card_keep_every_position_short() {
    println!("| pattern | people | inserts | mean | longest |\n|---|---|---|---|---|");
    let patterns = [
        ("at the end", AT_THE_END, 12),
        ("at the top", AT_THE_TOP, 12),
        ("right after a fixed card", AFTER_THE_FIRST, 24),
        ("right before a fixed card", BEFORE_THE_LAST, 24),
    ];
    for (name, pattern, limit) in patterns {
        for writers in [1, 5] {
            let longest = grown(name, pattern, writers, INSERTS).longest();
            assert!(longest <= limit, "{name}: {longest}");
        }
    }
}

#[test]
fn ten_thousand_inserts_anywhere_keep_every_position_short() {
    for (name, pattern) in [("anywhere", ANYWHERE), ("like a board", LIKE_A_BOARD)] {
        for writers in [1, 5] {
            let longest = grown(name, pattern, writers, INSERTS).longest();
            assert!(longest < 64, "{name}: {longest}");
        }
    }
}

#[test]
fn three_hundred_inserts_always_between_the_last_two_stay_below_the_length_to_renew() {
    for writers in [1, 2, 5] {
        let longest = grown("zigzag", ZIGZAG, writers, 300).longest();
        assert!(longest <= 128, "{longest}");
    }
}
