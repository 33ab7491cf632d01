//! Positions that somebody forged: they are read or refused, and never leave others without room.

use kanban_core::{POSITION_BYTES_MAX, Position, PositionTag};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The same cases in every run.
fn fixed(cases: u32) -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(1);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

/// Parts from which forged keys are made: ends of the range, neighbours without room, and ordinary
/// numbers.
fn numbers() -> impl Strategy<Value = String> {
    let special = vec![
        "000000000000",
        "000000000000000001",
        "0zzzzzzzzzzz",
        "V",
        "V000001",
        "V000002",
        "Uzzzzzz",
        "W",
        "o",
        "p0",
        "zzzzzzzzzzzz",
        "zzzzzzzzzzzzzzzzzy",
        "zzzzzzzzzzzzzzzzzz",
    ];
    let ordinary = "([B-o]|p[0-9A-Za-z]|9[0-9A-Za-z]{2})([0-9A-Za-z]{0,5}[1-9A-Za-z])?";
    prop_oneof![3 => prop::sample::select(special).prop_map(str::to_owned), 1 => ordinary]
}

fn levels() -> impl Strategy<Value = String> {
    let tags = [ME.to_owned(), "0000".to_owned(), "zzzz".to_owned(), "M000".to_owned()];
    (numbers(), prop::sample::select(tags.to_vec()), numbers())
        .prop_map(|(place, tag, step)| format!("{place}.{tag}{step}"))
}

/// The tag of `PositionTag::of(b"ana")`.
const ME: &str = "vqKs";

/// Two forged keys that often share their first levels, or are one below the other.
fn forged_pairs() -> impl Strategy<Value = (Position, Position)> {
    let some = |most| prop::collection::vec(levels(), 0..=most);
    let pair = (some(4), some(3), some(3)).prop_filter_map("a position", |(shared, one, other)| {
        let join =
            |rest: Vec<String>| Position::parse(&[shared.clone(), rest].concat().join(".")).ok();
        Some((join(one)?, join(other)?))
    });
    pair.prop_map(|(one, other)| if one <= other { (one, other) } else { (other, one) })
}

/// Repeats a level until the key has nearly the greatest length.
fn long_positions() -> impl Strategy<Value = Position> {
    (levels(), levels(), 0..40_usize).prop_filter_map("a position", |(repeated, last, shorter)| {
        let times =
            (POSITION_BYTES_MAX - shorter).saturating_sub(last.len()) / (repeated.len() + 1);
        let mut all = vec![repeated; times];
        all.push(last);
        Position::parse(&all.join(".")).ok()
    })
}

/// A number as its integer and its six fraction digits, counted out block by block.
fn value(number: &str) -> (i128, String) {
    const DIGITS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let value_of = |digit: char| DIGITS.find(digit).expect("a digit") as i128;
    let head = value_of(number.chars().next().expect("a head"));
    let length = match head {
        0..=10 => 11 - head,
        11..=50 => 0,
        _ => head - 50,
    };
    let (integer, fraction) = number.split_at(1 + length as usize);
    let digits = integer.chars().skip(1).fold(0, |value, digit| value * 62 + value_of(digit));
    let shorter: i128 = (1..length).map(|length| 62_i128.pow(length as u32)).sum();
    let integer = match head {
        0..=10 => -20 - shorter - 62_i128.pow(length as u32) + digits,
        11..=50 => head - 31,
        _ => 20 + shorter + digits,
    };
    (integer, format!("{fraction:0<6}"))
}

type Levels = Vec<((i128, String), String, (i128, String))>;

fn values(position: &Position) -> Levels {
    let segments: Vec<&str> = position.as_str().split('.').collect();
    let level = |level: &[&str]| {
        let (tag, step) = level[1].split_at(4);
        (value(level[0]), tag.to_owned(), value(step))
    };
    segments.chunks(2).map(level).collect()
}

proptest! {
    #![proptest_config(fixed(2000))]

    #[test]
    fn any_string_is_read_or_refused(
        text in prop_oneof![any::<String>(), "[0-9A-Za-z.é]{0,40}", "\\PC{0,2000}"],
    ) {
        if let Ok(position) = Position::parse(&text) {
            prop_assert_eq!(position.as_str(), text);
        }
    }

    #[test]
    fn the_strings_are_in_the_order_of_their_numbers((one, other) in forged_pairs()) {
        prop_assert_eq!(one.cmp(&other), values(&one).cmp(&values(&other)));
    }

    #[test]
    fn there_is_room_between_any_two_positions((left, right) in forged_pairs()) {
        let me = PositionTag::of(b"ana");
        let before = Position::between(None, Some(&left), me, |_| false);
        let after = Position::between(Some(&right), None, me, |_| false);
        prop_assert!(before < left && right < after);
        let between = Position::between(Some(&left), Some(&right), me, |_| false);
        let message = format!("{left} < {between} < {right}");
        prop_assert!(left < between && (between < right || left == right), "{}", message);
        let next = Position::between(Some(&left), Some(&right), me, |taken| *taken == between);
        prop_assert!(between < next && (next < right || left == right), "{}, {}", message, next);
        let after_both = Position::between(Some(&right), Some(&left), me, |_| false);
        prop_assert!(right < after_both);
        for made in [before, after, between, next, after_both] {
            prop_assert!(Position::parse(made.as_str()).is_ok_and(|read| read == made));
        }
    }
}

proptest! {
    #![proptest_config(fixed(500))]

    #[test]
    fn only_positions_of_nearly_the_greatest_length_leave_no_room(
        one in long_positions(),
        other in long_positions(),
        apart in any::<bool>(),
    ) {
        let me = PositionTag::of(b"ana");
        let other = if apart { other } else { Position::between(Some(&one), None, me, |_| false) };
        let (left, right) = if one <= other { (one, other) } else { (other, one) };
        let gaps = [(None, Some(&left)), (Some(&left), Some(&right)), (Some(&right), None)];
        for (left, right) in gaps {
            let made = Position::between(left, right, me, |_| false);
            prop_assert!(Position::parse(made.as_str()).is_ok_and(|read| read == made));
            let after_left = left.is_none_or(|left| *left < made);
            let before_right = right.is_none_or(|right| made < *right);
            let lengths = left.into_iter().chain(right).map(|bound| bound.as_str().len());
            if lengths.max() <= Some(POSITION_BYTES_MAX - 16) && left != right {
                prop_assert!(after_left && before_right);
            } else {
                prop_assert!(after_left || left.max(right) == Some(&made));
            }
        }
    }
}
