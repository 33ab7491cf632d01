//! What several people insert into one gap without seeing each other stays in one block each.

use super::column::{Column, Dice, history, people};
use kanban_core::{Position, PositionTag};
use std::collections::BTreeSet;

/// In which order somebody puts cards into a gap.
#[derive(Clone, Copy, Debug)]
enum Style {
    Forward,
    Backward,
    Anywhere,
    /// Between the two cards before, in turn on either side.
    Zigzag,
    /// Mostly next to the card before, and some go to the trash again.
    Undecided,
}

/// What one person puts between two cards of a column, in the order in which it is meant.
fn block(
    column: &Column,
    gap: usize,
    me: PositionTag,
    style: Style,
    cards: usize,
    dice: &mut Dice,
) -> Vec<Position> {
    let mut column = column.clone();
    let mut block: Vec<Position> = Vec::new();
    let mut last = 0;
    for card in 0..cards {
        let offset = match style {
            Style::Forward => block.len(),
            Style::Backward => 0,
            Style::Zigzag => (last + card % 2).min(block.len()),
            Style::Undecided if dice.below(8) > 0 => (last + card % 2).min(block.len()),
            Style::Anywhere | Style::Undecided => dice.below(block.len() + 1),
        };
        last = offset;
        block.insert(offset, column.insert(gap + offset, me));
        if matches!(style, Style::Undecided) && block.len() > 3 && dice.below(8) == 0 {
            let offset = if dice.below(2) == 0 { block.len() - 1 } else { dice.below(block.len()) };
            block.remove(offset);
            column.remove(gap + offset);
        }
    }
    block
}

/// Whether the positions of the block are neighbours among those of all blocks.
fn stays_together(block: &[Position], all: &BTreeSet<&Position>) -> bool {
    match (block.first(), block.last()) {
        (Some(first), Some(last)) => all.range::<Position, _>(first..=last).copied().eq(block),
        _ => true,
    }
}

fn check_blocks(
    seed: u64,
    history_length: usize,
    writers: usize,
    cards: impl Fn(&mut Dice) -> usize,
) {
    let mut dice = Dice(seed);
    // Everybody who inserts may have taken part in the history, so that own and foreign runs meet
    // at the gap.
    let people = people(4, seed);
    let column = history(&mut dice, &people, history_length);
    let gap = match (column.shown.last(), dice.below(2)) {
        (Some(_), 0) => dice.below(column.shown.len() + 1),
        // Gaps between early, meanwhile crowded neighbours are met too seldom by chance.
        (Some(_), _) => {
            let deepest = column.shown.iter().max_by_key(|position| position.as_str().len());
            deepest.map(|position| column.index_of(position) + dice.below(2)).unwrap_or_default()
        }
        (None, _) => 0,
    };
    let offset = dice.below(4);
    let writers: Vec<_> = (0..writers).map(|writer| people[(writer + offset) % 4]).collect();
    check_gap(&format!("seed {seed}"), &column, gap, &writers, cards, &mut dice);
}

fn check_gap(
    name: &str,
    column: &Column,
    gap: usize,
    writers: &[PositionTag],
    cards: impl Fn(&mut Dice) -> usize,
    dice: &mut Dice,
) {
    let styles =
        [Style::Forward, Style::Backward, Style::Anywhere, Style::Zigzag, Style::Undecided];
    let blocks: Vec<(Style, Vec<Position>)> = writers
        .iter()
        .map(|writer| {
            let style = styles[dice.below(5)];
            let cards = cards(dice);
            (style, block(column, gap, *writer, style, cards, dice))
        })
        .collect();
    let all: BTreeSet<&Position> = blocks.iter().flat_map(|(_, block)| block).collect();
    for (style, block) in &blocks {
        let neighbours =
            (gap.checked_sub(1).and_then(|left| column.shown.get(left)), column.shown.get(gap));
        assert!(
            stays_together(block, &all),
            "{name}, {style:?}, gap {neighbours:?}: {block:?} of {all:?}"
        );
    }
}

/// A key of up to four levels from a few numbers next to each other and the tags of these people.
fn crowded_key(people: &[PositionTag], dice: &mut Dice) -> Option<Position> {
    let numbers = ["V", "V000001", "V000002", "W", "k"];
    let levels: Vec<String> = (0..=dice.below(4))
        .map(|_| {
            let place = numbers[dice.below(5)];
            let step = numbers[dice.below(5)];
            format!("{place}.{}{step}", people[dice.below(people.len())])
        })
        .collect();
    Position::parse(&levels.join(".")).ok()
}

#[test]
fn blocks_stay_together_between_keys_that_leave_little_room() {
    for seed in 0..3000 {
        let mut dice = Dice(seed);
        let people = people(4, seed);
        // The fourth has no run yet.
        let keys = [(); 2].map(|()| crowded_key(&people[..3], &mut dice));
        let shown: BTreeSet<Position> = keys.into_iter().flatten().collect();
        let column = Column { shown: shown.iter().cloned().collect(), given_out: shown };
        let gap = dice.below(column.shown.len() + 1);
        check_gap(
            &format!("seed {seed}"),
            &column,
            gap,
            &people[1..],
            |dice| 1 + dice.below(50),
            &mut dice,
        );
    }
}

#[test]
fn what_several_people_insert_into_one_gap_stays_in_one_block_each() {
    for seed in 0..3000 {
        check_blocks(seed, (seed % 60) as usize, 2 + (seed % 2) as usize, |dice| {
            1 + dice.below(12)
        });
    }
}

#[test]
fn long_blocks_stay_together_too() {
    for seed in 0..60 {
        check_blocks(seed, 30 + seed as usize, 3, |_| 300);
    }
}

#[test]
fn two_people_insert_three_cards_each_between_the_same_two() {
    let (column, [ana, ben]) = two_cards_by_somebody_else();
    let mut dice = Dice(0);
    let one = block(&column, 1, ana, Style::Forward, 3, &mut dice);
    let other = block(&column, 1, ben, Style::Backward, 3, &mut dice);
    let all: BTreeSet<&Position> = one.iter().chain(&other).collect();
    assert!(stays_together(&one, &all) && stays_together(&other, &all), "{all:?}");
}

#[test]
fn a_block_stays_together_when_its_first_or_last_cards_are_gone_before_it_goes_on() {
    let (column, people) = two_cards_by_somebody_else();
    for (me, other) in [(people[0], people[1]), (people[1], people[0])] {
        for forward in [true, false] {
            let mut mine = column.clone();
            let mut given_out = vec![mine.insert(1, me), mine.insert(2, me)];
            // Deep into the gap between the two, until numbers alone have no room there.
            let mut index = 2;
            for card in 0..100 {
                given_out.push(mine.insert(index, me));
                index += card % 2;
            }
            let rest = if forward { index + 1..mine.shown.len() - 1 } else { 1..index };
            mine.shown.drain(rest);
            for _ in 0..3 {
                let index = if forward { mine.shown.len() - 1 } else { 1 };
                given_out.push(mine.insert(index, me));
            }
            given_out.sort();
            let theirs = block(&column, 1, other, Style::Forward, 3, &mut Dice(0));
            let all: BTreeSet<&Position> = given_out.iter().chain(&theirs).collect();
            assert!(stays_together(&given_out, &all) && stays_together(&theirs, &all), "{all:?}");
        }
    }
}

fn two_cards_by_somebody_else() -> (Column, [PositionTag; 2]) {
    let [ana, ben, cleo] = [&b"ana"[..], b"ben", b"cleo"].map(PositionTag::of);
    let mut column = Column::default();
    for index in 0..2 {
        column.insert(index, cleo);
    }
    (column, [ana, ben])
}
