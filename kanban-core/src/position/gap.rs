//! Choosing a key between two others.
//!
//! The choice looks at nothing but the two keys and the tag, and prefers in this order: continuing
//! one's own run after the left key, or before the right one, however long that run has become;
//! else a new run wherever its key is shortest. Two properties rest on details that look arbitrary
//! here:
//!
//! - **Blocks do not interleave.** Whoever has no run at the gap finds the same place as everybody
//!   else, and the tags sort the runs that meet there. Whoever has one stays in it: every
//!   comparison leaves out the step, so that a run is not given up in the middle because its
//!   numbers grew while somebody else's block fills the place it would go to.
//! - **Keys stay short.** Whole numbers go on in both directions, so that a key grows with the
//!   logarithm of the inserts on one side of it. Fractions halve a gap and are given up after six
//!   digits for a level with room on both sides.

use super::level::{Level, write_level};
use super::number::Number;
use super::{POSITION_BYTES_MAX, PositionTag};
use crate::order::sort_by;

/// How many bytes longer the run before the right key may be than the run after the left one. One
/// would do: a run that goes on above a full one (see [`Gap::in_my_run`]) is up to one byte longer
/// than an older run of the same replica to its left, and must still be the one that is continued.
const LEFT_RUN_HANDICAP: usize = 2;
/// How many bytes longer the run before the right key may be than the best new run: about one
/// level, so that a run ends only where a new one is worth it.
const NEW_RUN_HANDICAP: usize = 8;
/// How far above the places that others take a run goes on that has no room left.
const PLACES_FOR_OTHERS: i128 = 15;

/// The gap between two keys, the left one first; an empty list of levels is the open end.
pub(super) struct Gap<'key> {
    left: Vec<Level<'key>>,
    right: Vec<Level<'key>>,
    /// How many levels at the front every key in the gap has in common with the left key.
    shared: usize,
}

/// A run to put a key into, and the key's step in it.
struct Candidate<'key> {
    parent: &'key str,
    place: Number,
    step: Number,
}

impl<'key> Gap<'key> {
    /// The gap between two keys of which the left one sorts first.
    pub fn between(left: Vec<Level<'key>>, right: Vec<Level<'key>>) -> Gap<'key> {
        let pairs = left.iter().zip(&right);
        let shared = pairs.take_while(|(one, other)| one.is_same(other)).count();
        Gap { left, right, shared }
    }

    /// The gap from `left` to the next key that has not the same first `shared` levels.
    pub fn below(shared: usize, left: Vec<Level<'key>>) -> Gap<'key> {
        Gap { left, right: Vec::new(), shared }
    }

    /// The best key in the gap, `None` if none of at most [`POSITION_BYTES_MAX`] bytes was found.
    pub fn best_key(&self, me: PositionTag) -> Option<String> {
        let in_my_run = self.in_my_run(me);
        let mut others = Vec::new();
        if in_my_run.is_empty() {
            others.extend(self.beside_my_runs(me));
        }
        others.extend(self.in_new_runs());
        // Stable: a run of mine wins over a new one of the same cost.
        sort_by(&mut others, |(_, one), (_, other)| one.cmp(other));

        let candidates =
            in_my_run.into_iter().chain(others.into_iter().map(|(candidate, _)| candidate));
        let keys = candidates.map(|it| write_level(it.parent, it.place, me, it.step));
        // Nearly always the first fits. Forged numbers at the ends of their range can make one
        // leave the gap, and forged lengths one too long.
        keys.chain(self.under_a_made_up_key(me))
            .find(|key| key.len() <= POSITION_BYTES_MAX && self.contains(key))
    }

    /// Both keys are in or below one run of mine: a step between theirs, else a new run below.
    ///
    /// When the steps have no room left, the run goes on below the left key's step, above every
    /// place that somebody else who inserts into the same gap can choose there. Whether the older
    /// part of this block is on the left or on the right cannot be told from the keys; above the
    /// others it splits nobody's block in either case.
    fn in_my_run(&self, me: PositionTag) -> Vec<Candidate<'key>> {
        let (Some(left), Some(right)) = self.parting() else {
            return Vec::new();
        };
        if !left.is_same_run(right) || !me.is(left.tag) {
            return Vec::new();
        }
        let deeper = self.left.get(self.shared + 1);
        let step = match deeper {
            None => left.step.next_after(Some(right.step)),
            Some(_) => right.step.next_before(Some(left.step)),
        };
        let place = match deeper {
            None => Number::ZERO.integer_above(PLACES_FOR_OTHERS),
            Some(deeper) => deeper.place.integer_above(1 + PLACES_FOR_OTHERS),
        };
        let between = step.map(|step| Candidate { step, ..left.run() });
        let below =
            place.map(|place| Candidate { parent: left.through, place, step: Number::ZERO });
        between.into_iter().chain(below).collect()
    }

    /// The next step of the topmost run of mine that the left key is in or below, and the one
    /// before for the right key, with their costs.
    ///
    /// The topmost: deeper ones end where the gap does, in the middle of a block whose outer cards
    /// were removed.
    fn beside_my_runs(&self, me: PositionTag) -> impl Iterator<Item = (Candidate<'key>, usize)> {
        let is_mine = |level: &&Level<'_>| me.is(level.tag);
        let before_right = self.right.iter().skip(self.shared).find(is_mine).and_then(|level| {
            let step = level.step.next_before(Some(Number::MIN))?;
            Some((Candidate { step, ..level.run() }, cost(level.parent, level.place)))
        });
        let after_left = self.left.iter().skip(self.shared).find(is_mine).and_then(|level| {
            let step = level.step.next_after(None)?;
            let cost = cost(level.parent, level.place) + LEFT_RUN_HANDICAP;
            Some((Candidate { step, ..level.run() }, cost))
        });
        before_right.into_iter().chain(after_left)
    }

    /// The places for a new run, with their costs: where the keys part, after a deeper level of the
    /// left key, before a deeper level of the right key, and directly below the left key.
    fn in_new_runs(&self) -> impl Iterator<Item = (Candidate<'key>, usize)> {
        let (left, right) = self.parting();
        let parent = left.or(right).map_or(self.left_text(), |level| level.parent);
        let parting =
            Number::between(left.map(|level| level.place), right.map(|level| level.place));
        let deeper = self.shared + 1;
        let after_left =
            self.left.iter().skip(deeper).map(|level| (level.parent, level.place.next_after(None)));
        let before_right = self
            .right
            .iter()
            .skip(deeper)
            .map(|level| (level.parent, level.place.next_before(None)));
        let below_left = left.map(|_| (self.left_text(), Some(Number::ZERO)));

        let places =
            [(parent, parting)].into_iter().chain(after_left).chain(before_right).chain(below_left);
        places.filter_map(|(parent, place)| {
            let (place, step) = (place?, Number::ZERO);
            let cost = cost(parent, place) + NEW_RUN_HANDICAP;
            Some((Candidate { parent, place, step }, cost))
        })
    }

    /// A key below one directly before the right key that nobody made: where places and steps are
    /// used up to the least number, as only a forged key has them, this is the room that is left.
    fn under_a_made_up_key(&self, me: PositionTag) -> Option<String> {
        let last = self.right.last()?;
        let step = last.step.next_before(None)?;
        let parent = write_level(last.parent, last.place, last.tag, step);
        Some(write_level(&parent, Number::ZERO, me, Number::ZERO))
    }

    /// The first levels in which the keys differ.
    fn parting(&self) -> (Option<&Level<'key>>, Option<&Level<'key>>) {
        (self.left.get(self.shared), self.right.get(self.shared))
    }

    fn contains(&self, key: &str) -> bool {
        let right = self.right.last().map(|level| level.through);
        self.left_text() < key && right.is_none_or(|right| key < right)
    }

    fn left_text(&self) -> &'key str {
        self.left.last().map_or("", |level| level.through)
    }
}

impl<'key> Level<'key> {
    /// The run this level is a step of.
    fn run(&self) -> Candidate<'key> {
        Candidate { parent: self.parent, place: self.place, step: self.step }
    }
}

/// The length of a key at this place, less the parts that every key has or that grow with its run.
fn cost(parent: &str, place: Number) -> usize {
    parent.len() + place.write().len()
}
