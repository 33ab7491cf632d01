//! Choosing a key between two others.
//!
//! The choice looks at nothing but the two keys and the tag, and prefers in this order:
//! continuing one's own run after the left key, or before the right one, however long that run has become; else a new
//! run wherever its key is shortest. Two properties rest on details that look arbitrary here:
//!
//! - **Blocks do not interleave.** Whoever has no run at the gap finds the same place as everybody else, and the tags
//!   sort the runs that meet there. Whoever has one stays in it: every comparison leaves out the step, so that a run is
//!   not given up in the middle because its numbers grew while somebody else's block fills the place it would go to.
//! - **Keys stay short.** Whole numbers go on in both directions, so that a key grows with the logarithm of the inserts
//!   on one side of it. Fractions halve a gap and are given up after six digits for a level with room on both sides.

use super::level::{Level, write_level};
use super::number::Number;
use super::{POSITION_BYTES_MAX, PositionTag};

/// How many bytes longer the run after the left key may be than the best new run.
const RUN_AFTER_LEFT_BONUS: usize = 6;
/// More than [`RUN_AFTER_LEFT_BONUS`]: a new run above a full one (see [`Gap::in_own_run`]) is up to one byte longer than
/// an old run of the same replica to its left, and must still be the one that is continued.
const RUN_BEFORE_RIGHT_BONUS: usize = 8;
/// How far above the places that others take a run goes on that has no room left.
const PLACES_FOR_OTHERS: i128 = 15;

/// The gap between two keys, the left one first; an empty list of levels is the open end.
pub(super) struct Gap<'key> {
    pub left: Vec<Level<'key>>,
    pub right: Vec<Level<'key>>,
    /// How many levels at the front every key in the gap has in common with the left key.
    pub shared: usize,
}

/// A run to put a key into, and the key's step in it.
struct Candidate<'key> {
    parent: &'key str,
    place: Number,
    step: Number,
    /// The length of the key without its step, less what it is preferred by.
    cost: usize,
}

impl<'key> Gap<'key> {
    /// The gap between two keys of which the left one sorts first.
    pub fn between(left: Vec<Level<'key>>, right: Vec<Level<'key>>) -> Gap<'key> {
        let shared = left.iter().zip(&right).take_while(|(one, other)| one.is_same(other)).count();
        Gap { left, right, shared }
    }

    /// The gap from `left` to the next key that has not the same first `shared` levels.
    pub fn below(shared: usize, left: Vec<Level<'key>>) -> Gap<'key> {
        Gap { shared, left, right: Vec::new() }
    }

    /// The best key in the gap, `None` if none of at most [`POSITION_BYTES_MAX`] bytes was found.
    pub fn best_key(&self, me: PositionTag) -> Option<String> {
        let mut candidates = self.in_own_run(me);
        candidates.extend(self.in_runs_of(me));
        candidates.extend(self.in_new_run());
        candidates.sort_by_key(|candidate| candidate.cost);
        let keys = candidates.iter().map(|candidate| write_level(candidate.parent, candidate.place, me, candidate.step));
        // Every candidate is in the gap by construction; the comparison also holds what was overlooked.
        keys.chain(self.under_a_made_up_key(me)).find(|key| key.len() <= POSITION_BYTES_MAX && self.contains(key))
    }

    /// Both keys are in or below one run of mine: a step between theirs.
    ///
    /// When the steps have no room left, the run goes on below the left one, above every place that somebody who
    /// inserts into the same gap can choose there: whether the older part of this block is to the left or to the right
    /// cannot be told from the keys, and this side of the others it joins the one without splitting the other.
    fn in_own_run(&self, me: PositionTag) -> Vec<Candidate<'key>> {
        let (Some(left), Some(right)) = (self.left.get(self.shared), self.right.get(self.shared)) else {
            return Vec::new();
        };
        if !left.is_same_run(right) || !me.is(left.tag) {
            return Vec::new();
        }
        let left_is_the_key = self.left.len() == self.shared + 1;
        let step = if left_is_the_key { left.step.next_after(Some(right.step)) } else { right.step.next_before(Some(left.step)) };
        let place = match self.left.get(self.shared + 1) {
            Some(deeper) => deeper.place.integer_above(1 + PLACES_FOR_OTHERS),
            None => Number::ZERO.integer_above(PLACES_FOR_OTHERS),
        };
        let between = step.map(|step| Candidate { parent: left.parent, place: left.place, step, cost: 0 });
        let below = place.map(|place| Candidate { parent: left.through, place, step: Number::ZERO, cost: 1 });
        between.into_iter().chain(below).collect()
    }

    /// The next step of the topmost run of mine that the left key is in or below, and the one before the right key.
    fn in_runs_of(&self, me: PositionTag) -> impl Iterator<Item = Candidate<'key>> {
        let left = self.left.iter().skip(self.shared).find(|level| me.is(level.tag));
        let right = self.right.iter().skip(self.shared).find(|level| me.is(level.tag));
        let after = left.and_then(|level| Some((level, level.step.next_after(None)?, RUN_AFTER_LEFT_BONUS)));
        let before = right.and_then(|level| Some((level, level.step.next_before(Some(Number::MIN))?, RUN_BEFORE_RIGHT_BONUS)));
        after.into_iter().chain(before).map(|(level, step, bonus)| {
            let cost = cost(level.parent, level.place).saturating_sub(bonus);
            Candidate { parent: level.parent, place: level.place, step, cost }
        })
    }

    /// The places for a new run: where the keys part, after a deeper level of the left key, before a deeper level of the
    /// right key, and directly below the left key.
    fn in_new_run(&self) -> Vec<Candidate<'key>> {
        let (left, right) = (self.left.get(self.shared), self.right.get(self.shared));
        let parting = left.or(right).map_or_else(|| self.left_text(), |level| level.parent);
        let mut places = vec![(parting, Number::between(left.map(|level| level.place), right.map(|level| level.place)))];
        let deeper = self.shared + 1;
        places.extend(self.left.iter().skip(deeper).map(|level| (level.parent, level.place.next_after(None))));
        places.extend(self.right.iter().skip(deeper).map(|level| (level.parent, level.place.next_before(None))));
        if left.is_some() {
            places.push((self.left_text(), Some(Number::ZERO)));
        }
        let candidate = |(parent, place): (&'key str, Option<Number>)| {
            place.map(|place| Candidate { parent, place, step: Number::ZERO, cost: cost(parent, place) })
        };
        places.into_iter().filter_map(candidate).collect()
    }

    /// A key below one directly before the right key that nobody made: where places and steps are used up to the least
    /// number, as only a forged key has them, this is the room that is left.
    fn under_a_made_up_key(&self, me: PositionTag) -> Option<String> {
        let last = self.right.last()?;
        let step = last.step.next_before(None)?;
        let parent = write_level(last.parent, last.place, last.tag, step);
        Some(write_level(&parent, Number::ZERO, me, Number::ZERO))
    }

    fn contains(&self, key: &str) -> bool {
        let right = self.right.last().map(|level| level.through);
        self.left_text() < key && right.is_none_or(|right| key < right)
    }

    fn left_text(&self) -> &'key str {
        self.left.last().map_or("", |level| level.through)
    }
}

/// The length of a key at this place, less the parts that every key has or that grow with its run.
fn cost(parent: &str, place: Number) -> usize {
    parent.len() + place.write().len()
}
