//! Exports that somebody edited, cut or made up: each becomes a board or an error in a sentence.

use super::*;
use crate::dice::Dice;
use proptest::prelude::*;

/// So many cases, the same ones every time.
fn fixed(cases: u32) -> ProptestConfig {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(1);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

/// Walks down the file at random and spoils what stands there.
fn spoil(value: &mut Value, dice: &mut Dice, depth: usize) {
    let stop = depth > 0 && dice.below(4) == 0;
    match value {
        Value::Object(fields) if !stop && !fields.is_empty() => {
            let key = fields.keys().nth(dice.below(fields.len())).unwrap().clone();
            match dice.below(12) {
                0 => drop(fields.remove(&key)),
                _ => spoil(&mut fields[&key], dice, depth + 1),
            }
        }
        Value::Array(entries) if !stop && !entries.is_empty() => {
            let place = dice.below(entries.len());
            match dice.below(12) {
                0 => drop(entries.remove(place)),
                1 => entries.push(entries[place].clone()),
                _ => spoil(&mut entries[place], dice, depth + 1),
            }
        }
        _ => *value = odd_value(dice),
    }
}

fn odd_value(dice: &mut Dice) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!(-1e-308),
        json!(""),
        json!("\u{0}\u{202e}👩🏽‍🚀"),
        json!("not/an id"),
        json!("2017-13-41T99:00:00Z"),
        json!("-009999-01-01T00:00:00Z"),
        json!([]),
        json!([null, 7, "x", {}]),
        json!({}),
        json!({ "id": { "id": [] }, "emoji": 3, "card": null, "text": 1 }),
        json!("x".repeat(20_000)),
    ];
    values[dice.below(values.len())].clone()
}

/// A board with the cards that the report counts, or one sentence.
fn a_board_or_a_sentence(json: &[u8]) {
    match import(json) {
        Ok((board, report)) => {
            let draft = board.to_draft();
            let cards = || draft.columns.iter().flat_map(|column| &column.cards);
            assert_eq!((cards().count(), board.cards().count()), (report.cards, report.cards));
            let comments: usize = cards().map(|card| card.comments.len()).sum();
            let links: usize = cards().map(|card| card.links.len()).sum();
            assert_eq!((comments, links), (report.comments, report.links));
            assert_eq!((draft.labels.len(), draft.members.len()), (report.labels, report.members));
        }
        Err(error) => {
            let sentence = error.to_string();
            assert!(sentence.len() < 1_000 && !sentence.contains('\n'), "{sentence}");
        }
    }
}

proptest! {
    #![proptest_config(fixed(96))]

    #[test]
    fn a_small_export_with_anything_in_any_place_is_a_board_or_an_error(seed: u64) {
        let mut file: Value = serde_json::from_slice(SMALL).unwrap();
        let mut dice = Dice(seed);
        for _ in 0..=dice.below(40) {
            spoil(&mut file, &mut dice, 0);
        }
        a_board_or_a_sentence(file.to_string().as_bytes());
    }

    #[test]
    fn an_export_with_any_bytes_changed_is_a_board_or_an_error(seed: u64) {
        let mut file = SMALL.to_vec();
        let mut dice = Dice(seed);
        for _ in 0..=dice.below(8) {
            let place = dice.below(file.len());
            file[place] = b"{}[]\",:\\0u\xff e"[dice.below(13)];
        }
        a_board_or_a_sentence(&file);
    }
}

proptest! {
    #![proptest_config(fixed(12))]

    #[test]
    fn a_medium_export_with_anything_in_any_place_is_a_board_or_an_error(seed: u64) {
        let mut file: Value = serde_json::from_slice(MEDIUM).unwrap();
        let mut dice = Dice(seed);
        for _ in 0..=dice.below(60) {
            spoil(&mut file, &mut dice, 0);
        }
        a_board_or_a_sentence(file.to_string().as_bytes());
    }
}
