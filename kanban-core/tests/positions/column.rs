//! A column of cards for tests: inserting checks what every position must hold.

use kanban_core::{Position, PositionTag};
use std::collections::BTreeSet;

/// A column as one replica sees it: the cards shown, in order, and every position ever given out.
#[derive(Clone, Default)]
pub struct Column {
    pub shown: Vec<Position>,
    pub given_out: BTreeSet<Position>,
}

impl Column {
    /// Inserts a card before the card at `index`, checks that its position is new and fits there.
    pub fn insert(&mut self, index: usize, me: PositionTag) -> Position {
        let left = index.checked_sub(1).and_then(|before| self.shown.get(before));
        let right = self.shown.get(index);
        let position =
            Position::between(left, right, me, |position| self.given_out.contains(position));
        assert!(left.is_none_or(|left| left < &position), "{position} after {left:?}");
        assert!(right.is_none_or(|right| &position < right), "{position} before {right:?}");
        assert_eq!(Position::parse(position.as_str()).as_ref(), Ok(&position));
        assert!(self.given_out.insert(position.clone()), "{position} twice");
        self.shown.insert(index, position.clone());
        position
    }

    /// Moves the card at `index` to the trash.
    pub fn remove(&mut self, index: usize) {
        self.shown.remove(index);
    }

    pub fn index_of(&self, position: &Position) -> usize {
        self.shown.partition_point(|other| other < position)
    }

    pub fn longest(&self) -> usize {
        self.given_out.iter().map(|position| position.as_str().len()).max().unwrap_or_default()
    }

    pub fn mean(&self) -> f64 {
        let bytes: usize = self.given_out.iter().map(|position| position.as_str().len()).sum();
        bytes as f64 / self.given_out.len() as f64
    }
}

/// A small random number generator: the same seed, the same test, on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}

pub fn people(count: usize, seed: u64) -> Vec<PositionTag> {
    (0..count).map(|person| PositionTag::of(format!("{seed}/{person}").as_bytes())).collect()
}

/// A column after `inserts` inserts and some removals, by several people who see each other.
pub fn history(dice: &mut Dice, people: &[PositionTag], inserts: usize) -> Column {
    let mut column = Column::default();
    let mut index = 0;
    for _ in 0..inserts {
        // Half of the inserts are near the one before, as when somebody sorts in a few cards.
        index = match dice.below(4) {
            0 | 1 => dice.below(column.shown.len() + 1),
            2 => index.min(column.shown.len()),
            _ => (index + 1).min(column.shown.len()),
        };
        column.insert(index, people[dice.below(people.len())]);
        if dice.below(5) == 0 {
            column.remove(dice.below(column.shown.len()));
        }
    }
    column
}
